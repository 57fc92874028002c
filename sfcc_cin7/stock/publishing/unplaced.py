"""Follows orders that are created and not placed: a voucher may be paid days later.

Until then the storefront holds their stock, and so do we. While such an order is young it holds the
reset date back (`settled`); later it is deducted by itself, for as long as it waits.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import InventoryListPolicy
from sfcc_cin7.order_document.booking_rule import BookedLines, booking_rule
from sfcc_cin7.order_document.parsing import salvage_order
from sfcc_cin7.stock.publishing.settled import all_known_until
from sfcc_cin7.stock.records import unplaced
from sfcc_cin7.stock.records.listed_skus import assemblies
from sfcc_cin7.stock.records.unplaced import Unplaced
from sfcc_cin7.systems.http.errors import ApiError, NotFound
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.examples import Examples

ENDED = ("failed", "failed_with_reopen", "cancelled")
LOOKED_AT_ONCE = 20
"""Orders that one pass asks for by themselves, one call each."""
LOOKED_AT_EVERY = timedelta(minutes=1)
LARGEST, STEP = Decimal(10) ** 12, Decimal("0.0001")
KEPT = timedelta(hours=48)
"""An order that has ended is remembered until no reset date may lie before that."""
log = logging.getLogger(__name__)


def all_accounted_until(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    policy: InventoryListPolicy,
    until: datetime,
    now: datetime,
    *,
    on_order: bool,
) -> datetime:
    """Up to when every order of a list is known, at best `until`, with those that wait followed.

    In a list with on-order inventory no reset date depends on that: it is looked at only where the
    storefront holds units of a kit or a pack and none of what these are made of.

    Raises:
        ApiError: the storefront could not be read.
    """
    if on_order and not model.stock.kits:
        with engine.connect() as connection:
            if not assemblies(connection):
                return until
    lacking: list[tuple[str, Mapping[str, Any]]] = []
    settled = all_known_until(
        *(engine, shop, policy.id, policy.sites, until),
        lambda site, order: lacking.append((site, order)),
    )
    follow_unplaced(engine, shop, model, policy.sites, lacking, now)
    return until if on_order else settled


def follow_unplaced(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    sites: Collection[str],
    found: Sequence[tuple[str, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """Keep orders that were `found` and not received, with their sites, and look what became of
    others that are too old to be found. One that cannot be read stays as it was."""
    with engine.begin() as connection:
        orders = [_order(model, *each, now) for each in found]
        kept = [order for order in orders if is_text(order.order_no)]
        unplaced.save_unplaced(connection, kept, now)
        unplaced.forget_unplaced(connection, now - KEPT)
        due = unplaced.longest_unseen(connection, sites, now - LOOKED_AT_EVERY, LOOKED_AT_ONCE)
    looked_at = list(_look(shop, model, due, now))
    with engine.begin() as connection:
        unplaced.save_unplaced(connection, looked_at, now)
        unplaced.seen(connection, due, now)


def _look(
    shop: SfccClient, model: OperatingModel, due: Iterable[tuple[str, str]], now: datetime
) -> Iterator[Unplaced]:
    silent = Examples()
    for site, order_no in due:
        try:
            yield _order(model, site, shop.order(site, order_no), now)
        except NotFound:
            yield Unplaced(site, order_no, now, ended_at=now)
        except ApiError as error:
            silent.add(f"{order_no}: {error}")
    if silent:
        log.warning("orders that nobody paid yet cannot be read, %s", silent)


def _order(
    model: OperatingModel, site: str, document: Mapping[str, Any], now: datetime
) -> Unplaced:
    order = salvage_order(document, now).order
    rule = booking_rule(next((each for each in model.sites if each.id == site), None))
    ended = str(document.get("status")) in ENDED
    return Unplaced(
        site,
        str(document["orderNo"]),
        order.created_at or now,
        _by_sku((line.product_id, line.quantity) for line in order.lines),
        _by_sku(BookedLines(order.lines, rule).units()),
        (order.modified_at or now) if ended else None,
    )


def _by_sku(taken: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """As much of an order as a database takes: one order must not stop the others."""
    units: dict[str, Decimal] = {}
    for sku, quantity in taken:
        if sku and is_text(sku) and quantity.is_finite():
            more = min(max(quantity, -LARGEST), LARGEST).quantize(STEP)
            units[sku] = min(units.get(sku, Decimal(0)) + more, LARGEST)
    return units


def is_text(name: str) -> bool:
    """Whether a database can keep it."""
    return "\x00" not in name and name == name.encode(errors="ignore").decode()
