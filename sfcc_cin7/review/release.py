"""Lets orders go on that something holds: their hold, their window, their shopper's sequence, or a
finding that a person has waived."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, func, select, update

from sfcc_cin7.db.corrections import keep_corrections
from sfcc_cin7.db.schema import orders
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.inbox import record
from sfcc_cin7.orders import an_earlier_one_waits
from sfcc_cin7.review.waive import waiting_codes, waived_codes
from sfcc_cin7.values.states import OrderState

HOLD, WINDOW, SEQUENCE = "hold window", "window of its consolidated sale", "shopper's sequence"
DELAY = "next attempt"


def release(
    engine: Engine,
    at: datetime,
    order_keys: Collection[str],
    author: Author,
    passable: Collection[str] = (),
) -> dict[str, str]:
    """What held each order, which is due now. All or none of them go on.

    `passable` are the codes of findings that may pass once they are waived: what is said for good
    is kept as a correction of the order.

    Raises:
        ActionRefused: an order is unknown or not held, or waits for what no release can mend.
    """
    if not order_keys:
        raise ActionRefused("Name at least one order, as brand:site:number.")
    with engine.begin() as connection:
        held = {
            key: _let_go(connection, key, at, author, passable) for key in dict.fromkeys(order_keys)
        }
        for key, what in held.items():
            record(connection, [key], "released", at, author.by, author.because, held_by=what)
    return held


def _let_go(
    connection: Connection, key: str, at: datetime, author: Author, passable: Collection[str]
) -> str:
    row = connection.execute(
        select(orders, an_earlier_one_waits().label("behind"))
        .where(orders.c.order_key == key)
        .with_for_update(of=orders)
    ).first()
    if row is None:
        raise ActionRefused(f"There is no order {key}: write it as brand:site:number.")
    if row.state == OrderState.IN_REVIEW:
        what = _pass(connection, key, at, author, passable)
    elif row.state == OrderState.RECEIVED:
        what = _holder(row, at)
    else:
        raise ActionRefused(f"{key} is {row.state}: nothing holds it.")
    connection.execute(
        update(orders)
        .where(orders.c.order_key == key)
        .values(
            state=OrderState.RECEIVED,
            due_at=func.least(orders.c.due_at, at),
            next_attempt_at=at,
            to_batch=False,
            released_at=at,
        )
    )
    return what


def _holder(row: Row[tuple[object, ...]], at: datetime) -> str:
    if row.to_batch:
        return WINDOW
    if row.due_at > at:
        return HOLD
    if row.next_attempt_at > at:
        return DELAY
    if row.shopper and row.behind and row.released_at is None:
        return SEQUENCE
    raise ActionRefused(f"{row.order_key} is not held: it is due and will be posted next.")


def _pass(
    connection: Connection, key: str, at: datetime, author: Author, passable: Collection[str]
) -> str:
    """Let an order in review pass with what is waived of it."""
    waiting, waived = waiting_codes(connection, key), waived_codes(connection, key, at)
    if waiting:
        raise ActionRefused(
            f"{key} waits for {', '.join(sorted(waiting))}: mend that and retry it, correct it, or"
            f" waive what may pass ({', '.join(sorted(passable))})."
        )
    if not waived or not waived <= set(passable):
        wrong = ", ".join(sorted(waived - set(passable))) or "nothing that is waived"
        raise ActionRefused(
            f"{key} waits for {wrong}, which no release can mend; what may pass once it is waived:"
            f" {', '.join(sorted(passable))}."
        )
    accepted = [("accepted", code, "yes") for code in sorted(waived)]
    keep_corrections(connection, key, accepted, at, by=author.by, because=author.because)
    return f"waived: {', '.join(sorted(waived))}"
