"""Finds what somebody means by a name, and tells its story."""

from datetime import datetime

from sqlalchemy import Connection

from sfcc_cin7.handover.stories.orders import order_story
from sfcc_cin7.handover.stories.payouts import payout_story
from sfcc_cin7.handover.stories.reading import (
    orders_named,
    payout_of_line,
    read_order,
    read_payout,
    read_sku,
    subject_of_break,
)
from sfcc_cin7.handover.stories.skus import sku_story
from sfcc_cin7.handover.stories.story import Story
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording

KINDS = ("order", "sku", "payout", "break")
LONGEST = 256
LONGEST_NUMBER = 9


def explain(connection: Connection, name: str, model: OperatingModel, now: datetime) -> Story:
    """The story of what is named: an order by number or key, a SKU, a payout by the gateway's id,
    or a break by its number (`break:12`). A kind may stand before any of them: `sku:1001`.

    Raises:
        ActionRefused: nothing is known by that name, or several things are.
    """
    words = wording(model)
    name = name.strip()
    if not 0 < len(name) <= LONGEST:
        raise ActionRefused(f"A name has 1 to {LONGEST} characters.")
    kind, _, rest = name.partition(":")
    if kind == "break":
        name = _of_break(connection, rest)
        kind, _, rest = name.partition(":")
        if kind == "transfer":
            kind, rest = "payout", rest.split(":", 2)[-1]
        elif kind == "payout":
            kind, rest = "payout", _payout_of(connection, rest)
    wanted = (kind,) if kind in KINDS else KINDS
    name = rest.strip() if kind in KINDS else name.split(" (")[0]
    found: dict[str, Story] = {}
    if "order" in wanted:
        for key in orders_named(connection, name):
            order = read_order(connection, key)
            if order is not None:
                found[key] = order_story(order, now, words)
    if "sku" in wanted and (sku := read_sku(connection, name)).is_known:
        found[f"sku:{name}"] = sku_story(sku, now, words)
    if "payout" in wanted and (payout := read_payout(connection, name)) is not None:
        found[f"payout:{name}"] = payout_story(payout, now, words)
    if not found:
        raise ActionRefused(
            f"Nothing is known of {name}: name an order (its number, or brand:site:number), a SKU,"
            " a payout by the gateway's id, or break:NUMBER."
        )
    if len(found) > 1:
        raise ActionRefused(f"Several things are called {name}: name {' or '.join(found)}.")
    (story,) = found.values()
    return story


def _of_break(connection: Connection, number: str) -> str:
    is_number = number.isdecimal() and len(number) <= LONGEST_NUMBER
    subject = subject_of_break(connection, int(number)) if is_number else None
    if subject is None:
        raise ActionRefused(f"There is no break {number}: `sfcc-cin7 breaks list` names them.")
    return subject


def _payout_of(connection: Connection, rest: str) -> str:
    gateway, _, line_key = rest.partition(":")
    payout = payout_of_line(connection, gateway, line_key)
    if payout is None:
        raise ActionRefused(f"The line {line_key} of {gateway} is in no payout yet.")
    return payout
