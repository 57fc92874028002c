"""Up to when every order of a list is surely known to us.

In a list without on-order inventory a reset date takes all earlier orders out of turnover: one that
we do not know yet, or that is still on its way to being placed, would be offered once more. So the
reset date never passes such an order.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.stock.records import listed_skus
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.order_pages import Missed

LONGEST_WAIT = timedelta(hours=24)
"""An order that is neither placed, failed nor received by then no longer holds the others up."""
FAILED = ("failed", "failed_with_reopen")
MILLISECOND = timedelta(milliseconds=1)
MOST_ORDERS = 10_000
"""Orders of a site that one pass looks through, the oldest first; what falls is published after
them. The next pass goes on where this one stopped."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lacking:
    """An order that we do not know: no reset date may lie after `before` and earlier than `over`.

    `over` is when it had failed at the latest; None: it did not fail, so that nothing ends it.
    """

    before: datetime
    over: datetime | None = None


def all_known_until(
    engine: Engine,
    shop: SfccClient,
    list_id: str,
    sites: Iterable[str],
    until: datetime,
    told_of: Callable[[str, Mapping[str, Any]], None] = lambda _site, _order: None,
) -> datetime:
    """`until`, or the instant just before the first order created by then that we lack, or that is
    not looked at yet because there are more of them than `MOST_ORDERS`.

    Nor does it part the creation of an order from its failure: the units that it gives back after a
    reset date are offered once more where the reset has forgotten that it drew them.

    Each order that we lack is `told_of`, with its site: see `unplaced`.

    Raises:
        ApiError: the storefront could not be read.
    """
    settled, oldest = until, until - LONGEST_WAIT
    lacking: list[Lacking] = []
    names = {site: f"stock.orders_known:{list_id}:{site}" for site in sites}
    for site, name in names.items():
        with engine.connect() as connection:
            last = cursor(connection, name)
        start = max(datetime.fromisoformat(last), oldest) if last else oldest
        looked_until, found = _look(engine, shop, site, min(start, until), until, told_of)
        settled = min(settled, looked_until)
        lacking += found
    for order in sorted(lacking, key=lambda each: each.before, reverse=True):
        if order.before < settled and (order.over is None or settled < order.over):
            settled = order.before
    with engine.begin() as connection:
        for name in names.values():
            move_cursor(connection, name, settled.isoformat())
    return settled


def _look(
    engine: Engine,
    shop: SfccClient,
    site: str,
    start: datetime,
    until: datetime,
    told_of: Callable[[str, Mapping[str, Any]], None],
) -> tuple[datetime, list[Lacking]]:
    """Until when the orders of a site were looked at, and those that we lack."""
    coming = shop.all_orders(site, created_from=start, created_to=until + MILLISECOND)
    found = list(islice(coming, MOST_ORDERS))
    numbers = [order["orderNo"] for order in found if not isinstance(order, Missed)]
    with engine.connect() as connection:
        known = listed_skus.known_orders(connection, site, numbers)
    lacking, before = [], start
    for order in found:  # ascending by creation
        if isinstance(order, Missed):
            lacking.append(Lacking(order.after))  # after that instant comes one we cannot read
            continue
        created = _instant(order.get("creationDate"))
        before = created - MILLISECOND if created else before
        if order["orderNo"] not in known:
            lacking.append(Lacking(before, _failed_by(order)))
            told_of(site, order)
    if len(found) == MOST_ORDERS:
        log.warning("orders of %s after %s are looked at in the next pass", site, before)
        until = before
    return until, lacking


def _failed_by(order: Mapping[str, Any]) -> datetime | None:
    """The latest at which an order that failed has given its units back."""
    return _instant(order.get("lastModified")) if order.get("status") in FAILED else None


def _instant(said: object) -> datetime | None:
    """None where an order does not say when."""
    try:
        instant = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return instant if instant and instant.tzinfo else None
