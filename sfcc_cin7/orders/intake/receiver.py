"""Takes storefront orders into the store: a quick look for new ones, a look at what became of the
taken ones, and whole windows for truth.

The quick look asks for the newest changes first and stops at the first page that brings nothing
new, so it costs one call for each site while nothing happens. The order list reads an index that
lags and is searched while it changes, so looks overlap and windows are re-read as well; repeating
any of it does no harm.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy.exc import DataError

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.looks import shop_changes
from sfcc_cin7.db.recovery import is_news, last_restore
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.orders.intake.row import LONGEST_ORDER_NUMBER, as_received
from sfcc_cin7.orders.intake.unreadable import UnreadableOrders
from sfcc_cin7.orders.records.queue import OrderQueue, ReceivedOrder
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.systems.http.errors import ApiError, Unavailable
from sfcc_cin7.systems.sfcc.client import MOST_REACHABLE, SfccClient
from sfcc_cin7.systems.sfcc.order_pages import Entry, Missed, Order, Unreadable, is_about_content
from sfcc_cin7.systems.sfcc.order_query import OrderQuery
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples

PAGE = 50
MILLISECOND = timedelta(milliseconds=1)
"""How finely the storefront counts time."""
OVERLAP = timedelta(minutes=2)
"""How far looks overlap: longer than the order index lags, and than clocks differ."""
ALONE = 10
"""Orders that are asked for one by one, at the same time, while a site has one that the server
cannot show: it would spoil every page."""
LONGEST_LOST = timedelta(days=7)
"""How far back orders are read anew after a restore that left no record at all."""
BEFORE_LOST = timedelta(days=1)
"""How much earlier than its last record an order may have been placed that a restore has lost."""
FIRST_CHANGES = timedelta(days=1)
"""How far back the first look at taken orders goes."""
log = logging.getLogger(__name__)


class Page:
    """What a page of at most `size` orders showed."""

    def __init__(self, found: Sequence[Entry], size: int) -> None:
        self.orders = [row for row in found if not isinstance(row, Unreadable)]
        self.unreadable = [row for row in found if isinstance(row, Unreadable)]
        self.size = size
        self.is_last = len(found) < size and not self.unreadable
        """A page with an unreadable order may be longer than it seems."""


class Receiver:
    """Reads the storefront's orders into the queue. It remembers how far it has looked."""

    def __init__(
        self, shop: SfccClient, queue: OrderQueue, model: OperatingModel, clock: Clock
    ) -> None:
        self._shop = shop
        self._queue = queue
        self._model = model
        self._clock = clock
        self._unreadable = UnreadableOrders(queue.engine, model.owners.orders, clock)
        self._looked: dict[str, datetime] = {}
        self._changes_looked: dict[str, datetime] = {}
        self._alone_until: dict[str, datetime] = {}
        self._down: set[str] = set()
        self._swept: set[str] = set()

    @property
    def sites(self) -> Sequence[SitePolicy]:
        """The sites that are looked at."""
        return self._model.sites

    def poll(self) -> int:
        """Look at every site for new or changed orders; returns how many were new.

        A site that cannot be read is logged and does not stop the others.
        """
        return sum(self.poll_site(site) for site in self._model.sites)

    def poll_site(self, site: SitePolicy, on_new: Callable[[], None] = lambda: None) -> int:
        """Look at one site, as `poll` does; `on_new` is called as soon as there is a new order."""
        self._guarded(site, self._lost)
        new = self._guarded(site, self._newest)
        if new:
            on_new()
        since = self._changes_looked.get(site.id)
        every = timedelta(seconds=self._model.posting.changes_seconds)
        if since is None or self._clock.now() >= since + every:
            self._guarded(site, self._changes)
        return new

    def window(self, start: datetime, end: datetime) -> dict[str, int]:
        """Re-read every order created from `start` to before `end`; returns orders seen by site.

        Raises:
            ApiError: a site could not be read to the end; what was read before is stored.
        """
        return {site.id: self._window(site, start, end) for site in self._model.sites}

    def _window(self, site: SitePolicy, start: datetime, end: datetime) -> int:
        seen = 0
        missed: list[Missed] = []
        found = self._shop.all_orders(site.id, created_from=start, created_to=end)
        for page in _batches(found):
            missed += [order for order in page if isinstance(order, Missed)]
            orders = [order for order in page if not isinstance(order, Missed)]
            placed = [order for order in orders if _may_be_taken(order, site)]
            unkept: list[Unreadable] = []
            self._store(self._received(site, placed, unkept))
            missed += [Missed(each.number, after=self._clock.now()) for each in unkept]
            seen += len(placed)
        self._unreadable.window(site.id, start, end, missed)
        return seen

    def _lost(self, site: SitePolicy) -> int:
        """After a restore: what was placed since its last record is read anew, exported or not."""
        restore = last_restore(self._queue.engine, self._clock)
        if restore is None or site.id in self._swept:
            return 0
        name = f"orders:{site.id}"
        with self._queue.engine.connect() as connection:
            news = is_news(connection, restore, name)
            connection.rollback()
        if news:
            start = (restore.lost_after or restore.found_at - LONGEST_LOST) - BEFORE_LOST
            self._window(site, start, self._clock.now())
            with self._queue.engine.begin() as connection:  # read to the end
                is_news(connection, restore, name)
        self._swept.add(site.id)
        return 0

    def _newest(self, site: SitePolicy) -> int:
        """Orders that may be taken, newest change first, until a page brings nothing new.

        Each page begins where the last one ended in time: posting goes on meanwhile, and what is
        exported leaves the list, so that counted pages would pass over what moves up.
        """
        began = self._clock.now()
        looked = self._looked.pop(site.id, None)  # only a look that ended lets the next stop early
        until: datetime | None = None
        offset = new = 0
        while True:
            query: OrderQuery = {
                "statuses": ["new"],
                "export_statuses": [site.export_gate],
                "modified_from": looked - OVERLAP if looked else None,
                "modified_to": until,
                "descending": True,
                "offset": offset,
            }
            page = self._page(site, query)
            received = self._received(site, page.orders, page.unreadable)
            unknown = self._queue.unknown({row.order_key: row.modified_at for row in received})
            new += self._store([row for row in received if row.order_key in unknown])
            self._unreadable.look(site.id, began, page.unreadable)
            if page.is_last or (looked and received and not unknown):
                self._looked[site.id] = began
                return new
            oldest = min((row.modified_at for row in received), default=began) + MILLISECOND
            if received and (until is None or oldest < until):
                until, offset = oldest, 0
            elif offset + 2 * page.size > MOST_REACHABLE:
                return new  # the next look sees the rest, when these are posted
            else:
                offset += page.size

    def _page(self, site: SitePolicy, query: OrderQuery) -> Page:
        """A page by last modification; order by order while one spoils the pages of a site."""
        query = {**query, "sort_by": "last_modified_date"}
        now = self._clock.now()
        if now >= self._alone_until.get(site.id, now):
            try:
                return Page(self._shop.order_page(site.id, {**query, "limit": PAGE}), PAGE)
            except Unavailable as error:
                if not is_about_content(error):
                    raise
        if site.id in self._down:  # a site in trouble is not asked for ten orders at every look
            self._shop.is_up(site.id)
        self._down.add(site.id)
        found = Page(self._shop.orders_alone(site.id, {**query, "limit": ALONE}), ALONE)
        self._down.discard(site.id)
        if found.unreadable:
            self._alone_until[site.id] = now + OVERLAP
        return found

    def _changes(self, site: SitePolicy) -> int:
        """What became of orders that we have: edited after they were posted, or cancelled."""
        began = self._clock.now()
        name = shop_changes(site.id)
        with self._queue.engine.connect() as connection:
            left_off = cursor(connection, name)
        start = datetime.fromisoformat(left_off) if left_off else began - FIRST_CHANGES
        self._changes_among(site, start - OVERLAP, {"export_statuses": ["exported"]})
        self._changes_among(site, start - OVERLAP, {"statuses": ["cancelled"]})
        with self._queue.engine.begin() as connection:
            move_cursor(connection, name, began.isoformat())
        self._changes_looked[site.id] = began
        return 0

    def _changes_among(self, site: SitePolicy, since: datetime, narrowed: OrderQuery) -> None:
        """Each page begins at the last change of the page before: rows move while one pages."""
        offset = 0
        while True:
            page = self._page(site, {**narrowed, "modified_from": since, "offset": offset})
            received = self._received(site, page.orders, page.unreadable)
            self._store(received, known_only=True)
            if page.is_last:
                return
            last = max((row.modified_at for row in received), default=since)
            since, offset = (last, 0) if last > since else (since, offset + page.size)

    def _received(
        self,
        site: SitePolicy,
        documents: Iterable[Mapping[str, Any]],
        unkept: list[Unreadable],
    ) -> list[ReceivedOrder]:
        """Documents of this integration's time, in one sequence for all processes.

        One that cannot be kept is logged and left out; `unkept` gets it.
        """
        now = self._clock.now()
        rows: dict[str, ReceivedOrder] = {}
        kept_out = Examples()
        for each in documents:
            try:
                row = as_received(self._model.brand, site, each, now)
            except Exception as error:  # one order that cannot be kept must not hide the others
                kept_out.add(type(error).__name__)
                unkept.append(Unreadable(fit(each["orderNo"], LONGEST_ORDER_NUMBER) or None))
                continue
            if site.live_from is None or row.created_at >= site.live_from:
                rows[row.order_key] = row
        if kept_out:
            log.error("orders of %s cannot be kept, %s", site.id, kept_out)
        return [rows[key] for key in sorted(rows)]

    def _store(self, received: list[ReceivedOrder], *, known_only: bool = False) -> int:
        """Store orders; one that the database refuses is left out, and logged. How many are new."""
        try:
            return self._queue.receive(received, known_only=known_only)
        except (DataError, ValueError) as error:
            if len(received) == 1:
                log.error("%s cannot be stored: %s", received[0].order_key, type(error).__name__)
                return 0
        half = len(received) // 2
        return self._store(received[:half], known_only=known_only) + self._store(
            received[half:], known_only=known_only
        )

    def _guarded(self, site: SitePolicy, read: Callable[[SitePolicy], int]) -> int:
        try:
            return read(site)
        except ApiError as error:
            log.warning("orders of %s were not read: %s", site.id, error)
            return 0


def _batches(orders: Iterable[Order | Missed]) -> Iterable[list[Order | Missed]]:
    rest = iter(orders)
    while page := list(islice(rest, 200)):
        yield page


def _may_be_taken(order: Mapping[str, Any], site: SitePolicy) -> bool:
    released = (site.export_gate, "exported")
    return order.get("status") not in _NOT_PLACED and order.get("exportStatus") in released


_NOT_PLACED = ("created", "failed", "failed_with_reopen")
