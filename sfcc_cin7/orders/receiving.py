"""Takes storefront orders into the store: a quick look for new ones, and whole windows for truth.

The quick look asks for the newest changes first and stops at the first page that brings nothing
new, so it costs one call for each site while nothing happens. The order list reads an index that
lags and is searched while it changes, so windows are re-read as well; both may overlap and repeat.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from sfcc_cin7.clock import Clock
from sfcc_cin7.http import decimal_json
from sfcc_cin7.http.errors import ApiError
from sfcc_cin7.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.orders.text import fit
from sfcc_cin7.orders.translate import external_id
from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.store.orders import OrderQueue, ReceivedOrder

PAGE = 50
LONGEST_SKU = 256
log = logging.getLogger(__name__)


class Receiver:
    """Reads the storefront's orders into the queue."""

    def __init__(
        self, shop: SfccClient, queue: OrderQueue, model: OperatingModel, clock: Clock
    ) -> None:
        self._shop = shop
        self._queue = queue
        self._model = model
        self._clock = clock

    def poll(self) -> int:
        """Look for new or changed orders that may be taken; returns how many were new.

        A site that cannot be read is logged and does not stop the others.
        """
        return sum(self._guarded(site, self._newest) for site in self._model.sites)

    def window(self, start: datetime, end: datetime) -> dict[str, int]:
        """Re-read every order created from `start` to before `end`; returns orders seen by site.

        Raises:
            ApiError: a site could not be read to the end; what was read before is stored.
        """
        seen = dict.fromkeys((site.id for site in self._model.sites), 0)
        for site in self._model.sites:
            found = self._shop.all_orders(site.id, created_from=start, created_to=end)
            for page in _pages(found):
                released = (site.export_gate, "exported")
                placed = [
                    order
                    for order in page
                    if order.get("status") not in _NOT_PLACED
                    and order.get("exportStatus") in released
                ]
                self._queue.receive([self.as_received(site, order) for order in placed])
                seen[site.id] += len(placed)
        return seen

    def as_received(self, site: SitePolicy, document: Mapping[str, Any]) -> ReceivedOrder:
        """A document as the queue stores it. Never refuses one: judging it comes later."""
        text = decimal_json.dumps(document)
        created = _instant(document.get("creationDate"), self._clock.now())
        return ReceivedOrder(
            order_key=external_id(self._model.brand, site.id, document["orderNo"]),
            site=site.id,
            order_no=document["orderNo"],
            currency=str(document.get("currency") or "XXX"),
            order_total=_number(document.get("orderTotal")),
            created_at=created,
            modified_at=_instant(document.get("lastModified"), created),
            shop_status=str(document.get("status")),
            document=text,
            document_hash=hashlib.sha256(text.encode()).hexdigest(),
            due_at=created + timedelta(minutes=site.hold_minutes),
            units=_units(document),
        )

    def _guarded(self, site: SitePolicy, read: Callable[[SitePolicy], int]) -> int:
        try:
            return read(site)
        except ApiError as error:
            log.warning("orders of %s were not read: %s", site.id, error)
            return 0

    def _newest(self, site: SitePolicy) -> int:
        offset = 0
        found: dict[str, ReceivedOrder] = {}
        while True:
            page = self._shop.orders(
                site.id,
                statuses=["new"],
                export_statuses=[site.export_gate],
                sort_by="last_modified_date",
                descending=True,
                limit=PAGE,
                offset=offset,
            )
            received = {
                order.order_key: order for order in (self.as_received(site, row) for row in page)
            }
            unknown = self._queue.unknown(
                {key: order.modified_at for key, order in received.items()}
            )
            found |= {key: received[key] for key in unknown}
            if not unknown or len(page) < PAGE:
                # All or nothing: a page stored before a later one failed would hide what follows.
                return self._queue.receive([found[key] for key in sorted(found)])
            offset += PAGE


def _pages(orders: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    rest = iter(orders)
    while page := list(islice(rest, 200)):
        yield page


def _units(document: Mapping[str, Any]) -> dict[str, Decimal]:
    """Units by SKU that the storefront's inventory holds back for this order."""
    units: dict[str, Decimal] = {}
    items = document.get("productItems")
    for item in items if isinstance(items, list) else []:
        sku = item.get("productId") if isinstance(item, Mapping) else None
        if isinstance(sku, str):
            sku = fit(sku, LONGEST_SKU)  # what a database refuses must not stop other orders
            units[sku] = units.get(sku, Decimal(0)) + max(_number(item.get("quantity")), Decimal(0))
    return units


def _number(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else Decimal(0)


def _instant(value: object, otherwise: datetime) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


_NOT_PLACED = ("created", "failed", "failed_with_reopen")
