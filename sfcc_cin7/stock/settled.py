"""Up to when every order of a list is surely known to us.

In a list without on-order inventory a reset date takes all earlier orders out of turnover: one that
we do not know yet, or that is still on its way to being placed, would be offered once more. So the
reset date never passes such an order.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.sfcc.order_pages import Missed
from sfcc_cin7.store import stock
from sfcc_cin7.store.cursors import cursor, move_cursor

LONGEST_WAIT = timedelta(hours=24)
"""An order that is neither placed, failed nor received by then no longer holds the others up."""
PENDING, FAILED = ("created",), ("failed", "failed_with_reopen")
MILLISECOND = timedelta(milliseconds=1)
MOST_ORDERS = 10_000
"""Orders of a site that one pass looks through, the oldest first; what falls is published after
them. The next pass goes on where this one stopped."""
log = logging.getLogger(__name__)


def all_known_until(
    engine: Engine, shop: SfccClient, list_id: str, sites: Iterable[str], until: datetime
) -> datetime:
    """`until`, or the instant just before the first order created by then that we lack, or that is
    not looked at yet because there are more of them than `MOST_ORDERS`.

    Raises:
        ApiError: the storefront could not be read.
    """
    settled = until
    for site in sites:
        name = f"stock.orders_known:{list_id}:{site}"
        with engine.connect() as connection:
            last = cursor(connection, name)
        oldest = until - LONGEST_WAIT
        start = max(datetime.fromisoformat(last), oldest) if last else oldest
        known_until = _known_until(engine, shop, site, min(start, until), until)
        with engine.begin() as connection:
            move_cursor(connection, name, known_until.isoformat())
        settled = min(settled, known_until)
    return settled


def _known_until(
    engine: Engine, shop: SfccClient, site: str, start: datetime, until: datetime
) -> datetime:
    coming = shop.all_orders(site, created_from=start, created_to=until + MILLISECOND)
    found = list(islice(coming, MOST_ORDERS))
    numbers = [order["orderNo"] for order in found if not isinstance(order, Missed)]
    with engine.connect() as connection:
        known = stock.known_orders(connection, site, numbers)
    for order in found:  # ascending by creation
        if isinstance(order, Missed):
            return order.after  # after that instant comes one that cannot be read
        if order["orderNo"] not in known and _matters(order, until):
            return datetime.fromisoformat(order["creationDate"]) - MILLISECOND
    if len(found) == MOST_ORDERS and not isinstance(last := found[-1], Missed):
        stopped = datetime.fromisoformat(last["creationDate"]) - MILLISECOND
        log.warning("orders of %s after %s are looked at in the next pass", site, stopped)
        return stopped
    return until


def _matters(order: Mapping[str, Any], until: datetime) -> bool:
    """A failed order has given its units back; that counts by itself once it is dated before."""
    if order.get("status") not in FAILED:
        return True
    modified = order.get("lastModified")
    return not isinstance(modified, str) or datetime.fromisoformat(modified) > until
