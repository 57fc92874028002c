"""What the desk does when it is asked to; each says in a sentence what became of it."""

from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.orders import PASSABLE, Correction, Recheck
from sfcc_cin7.review.decline import decline
from sfcc_cin7.review.naming import keys_of
from sfcc_cin7.review.preview import preview_lines
from sfcc_cin7.review.release import release
from sfcc_cin7.review.requests import (
    CorrectOrder,
    DeclineOrders,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
    author,
    corrections,
    end_of_waiver,
)
from sfcc_cin7.review.retry import retry
from sfcc_cin7.review.waive import reopen_expired, waive
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import OrderState

SHOWN = 5
"""Refusals that are told where nothing was done."""


def retry_orders(engine: Engine, clock: Clock, request: RetryOrders) -> list[str]:
    """The orders that go back to be posted.

    Raises:
        ActionRefused: nothing is named, or nothing that is named is in review.
    """
    who = author(request.by, request.because, reason_needed=False)
    if not request.orders and not request.code:
        raise ActionRefused("Name an order, or a reason with `code` (--code).")
    keys, code = keys_of(engine, request.orders), request.code or None
    retried = retry(engine, clock.now(), keys, code, by=who.by, because=who.because)
    missing = sorted(set(keys) - set(retried))
    if not retried:
        named = ", ".join(missing) or f"that waits for {request.code}"
        raise ActionRefused(f"There is no order in review {named}: nothing was changed.")
    return [*(f"{key} goes back to be posted." for key in retried)] + [
        f"{key} is not in review: it was left alone." for key in missing
    ]


def release_orders(engine: Engine, clock: Clock, request: ReleaseOrders) -> list[str]:
    """What held the orders that go on. Raises ActionRefused; then nothing was changed."""
    who = author(request.by, request.because)
    held = release(engine, clock.now(), keys_of(engine, request.orders), who, PASSABLE)
    return [f"{key} goes on, it was held by: {what}." for key, what in held.items()]


def waive_items(engine: Engine, clock: Clock, request: WaiveItems) -> list[str]:
    """What left the inbox, and until when. Raises ActionRefused; then nothing was changed."""
    who, now = author(request.by, request.because), clock.now()
    until = end_of_waiver(request.until, request.days, now)
    subjects = keys_of(engine, request.subjects)
    waived = waive(engine, now, until, who, subjects, request.code or None)
    if not waived:
        raise ActionRefused("Nothing that is open in the inbox is meant: nothing was changed.")
    return [f"{subject} is waived until {until:%Y-%m-%d %H:%M} UTC." for subject in waived]


def correct_order(
    engine: Engine, clock: Clock, model: OperatingModel, request: CorrectOrder
) -> list[str]:
    """What was corrected, and what is still open: of one order, or of each that waits for a code.

    Raises:
        ActionRefused: the order cannot be corrected so, or none that waits for the code; then
            nothing was kept.
    """
    who = author(request.by, request.because)
    wanted = corrections(request)
    if bool(request.order) == bool(request.code):
        raise ActionRefused("Name either one order, or a reason with `code` (--code).")
    recheck = Recheck(engine, model, clock)
    if request.order:
        [key] = keys_of(engine, [request.order])
        return _corrected(recheck, key, wanted, who)
    said, refused = [], []
    for key in _waiting_for(engine, request.code):
        try:
            said += _corrected(recheck, key, wanted, who)
        except ActionRefused as error:  # each order is judged by itself
            refused.append(f"{key} was left alone: {error}")
    if not said:
        told = " ".join(refused[:SHOWN]) or f"No order waits for {request.code}."
        raise ActionRefused(f"Nothing was changed. {told}")
    return said + refused


def _corrected(recheck: Recheck, key: str, wanted: list[Correction], who: Author) -> list[str]:
    left = recheck.correct(key, wanted, who)
    done = [f"{key}: {each.words}." for each in wanted]
    if left:
        return [*done, *(f"It still waits: {each.sentence} ({each.code})" for each in left)]
    return [*done, "It goes back to be posted, and is proved like any other."]


def _waiting_for(engine: Engine, code: str) -> list[str]:
    query = (
        select(orders.c.order_key)
        .join(review_items, review_items.c.subject == orders.c.order_key)
        .where(
            orders.c.state == OrderState.IN_REVIEW,
            review_items.c.code == code,
            review_items.c.closed_at.is_(None),
        )
        .order_by(review_items.c.opened_at, orders.c.order_key)
    )
    with engine.connect() as connection:
        return list(connection.scalars(query))


def preview_order(
    engine: Engine, clock: Clock, model: OperatingModel, request: PreviewOrder
) -> list[str]:
    """The sale that would be sent, or what stands against it. Raises ActionRefused."""
    recheck = Recheck(engine, model, clock)
    [key] = keys_of(engine, [request.order])
    return list(preview_lines(recheck.preview(key, corrections(request))))


def decline_orders(engine: Engine, clock: Clock, request: DeclineOrders) -> list[str]:
    """The orders that are given up. Raises ActionRefused; then nothing was changed."""
    who = author(request.by, request.because)
    if not request.orders and not request.code:
        raise ActionRefused("Name an order, or a reason with `code` (--code).")
    keys = keys_of(engine, request.orders)
    declined = decline(engine, clock.now(), keys, request.code or None, who)
    if not declined:
        raise ActionRefused("Nothing that is named is an order in review: nothing was changed.")
    missing = sorted(set(keys) - set(declined))
    return [_declined(key, sale) for key, sale in declined.items()] + [
        f"{key} is not in review: it was left alone." for key in missing
    ]


def _declined(key: str, sale: str | None) -> str:
    if sale is None:
        return f"{key} is declined: it is not posted."
    return f"{key} is declined: nothing more is posted of it. Sale {sale} stays in Cin7 as it is."


def tidy(engine: Engine, clock: Clock, model: OperatingModel) -> tuple[list[str], list[str]]:
    """What goes on by itself because its cause is gone, and what is open again after a waiver."""
    with engine.begin() as connection:
        reopened = reopen_expired(connection, clock.now())
    return Recheck(engine, model, clock).resume(), reopened
