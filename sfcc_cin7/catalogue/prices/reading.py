"""The ERP's price tiers become what each price book should hold.

In between whole readings only what the ERP says was modified is read, with an overlap, because
nobody documents that a calculated tier moves that stamp. What is gone of a book is believed only
where little of it is.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine

from sfcc_cin7.catalogue.prices.deciding.guarding import doubt, follows_cost
from sfcc_cin7.catalogue.prices.deciding.pricing import margin, priced, tax_rate
from sfcc_cin7.catalogue.prices.records.rows import (
    known_rows,
    priced_skus,
    save_decided,
    take_away,
)
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.merchant.currency_rates import RateFiles
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PriceBookPolicy
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import ErpProduct
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

READ, WHOLE, POLICY = "prices.read", "prices.read-whole", "prices.policy"
BELIEVED = "prices.believed:"
OVERLAP = timedelta(minutes=10)
CHUNK = 1000


@dataclass
class Reading:
    """How a reading of the tiers went: products read, prices that changed, and by book what was
    not believed (prices gone, and of how many)."""

    whole: bool
    products: int = 0
    changed: int = 0
    doubted: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_tiers(engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock) -> Reading:
    """Read what the ERP changed, or everything where that is due, and decide every price of it.

    Raises:
        ApiError: the ERP does not answer; what was read until then is kept, and read again.
        ConfigurationError: a currency has no rate.
    """
    began = clock.now()
    rates = {book.id: _rate(book, model, began) for book in model.prices.books}
    decided = _digest(model, rates)
    with engine.connect() as connection:
        read = _instant(connection, READ)
        whole = _instant(connection, WHOLE)
        is_whole = (
            read is None
            or whole is None
            or began - whole >= timedelta(hours=model.prices.read_all_hours)
            or cursor(connection, POLICY) != decided
        )
    since = None if is_whole or read is None else read - OVERLAP
    products = erp.products(modified_since=since, include_deprecated=True)
    reading = Reading(is_whole)
    seen: set[str] = set()
    gone: dict[str, set[str]] = {book.id: set() for book in model.prices.books}
    for chunk in _chunks(products):
        reading.products += len(chunk)
        seen.update(product.sku for product in chunk)
        with engine.begin() as connection:
            for book in model.prices.books:
                changed, without = _decide(connection, book, chunk, rates[book.id], began)
                reading.changed += changed
                gone[book.id] |= without
    with engine.begin() as connection:
        for book in model.prices.books:
            _settle_gone(connection, book, model, reading, seen, gone[book.id], began)
        if not reading.doubted:
            move_cursor(connection, READ, began.isoformat())
            if is_whole:
                move_cursor(connection, WHOLE, began.isoformat())
                move_cursor(connection, POLICY, decided)
    return reading


def read_until(connection: Connection) -> datetime | None:
    """Up to when the ERP's tiers were read; None where they never were."""
    return _instant(connection, READ)


def _decide(
    connection: Connection,
    book: PriceBookPolicy,
    products: Sequence[ErpProduct],
    rate: Decimal,
    now: datetime,
) -> tuple[int, set[str]]:
    """Decide the prices of a chunk; how many changed, and which SKUs have none any more."""
    known = known_rows(connection, book.id, [product.sku for product in products])
    rows, changed, gone = [], 0, set()
    for product in products:
        before = known.get(product.sku)
        if product.status.casefold() == "deprecated":
            continue  # what it cost last stands, and the SKU itself is a finding
        row = _row(book, product, before, rate, now)
        if row is None:
            if before is not None and before.tier_price is not None:
                gone.add(product.sku)
        elif before is None or any(before._mapping[name] != row[name] for name in row):
            changed += before is None or before.tables != row["tables"]
            rows.append(row)
    save_decided(connection, rows)
    return changed, gone


def _row(
    book: PriceBookPolicy, product: ErpProduct, before: Any, rate: Decimal, now: datetime
) -> dict[str, Any] | None:
    """What is decided of a product in a book; None where its tier has no price."""
    table = priced(book, product.tiers, product.sale_tax_rule)
    if table is None:
        return None
    tier_price, cost = product.tiers[book.tier], product.average_cost or None
    tax = tax_rate(book, product.sale_tax_rule)
    lowest = margin(book, table.lowest, cost, rate, tax)
    text = table.text()
    found = doubt(book, table, (before.told_price or before.shown) if before else None, lowest)
    is_released = before is not None and before.released == text
    return {
        "book": book.id,
        "sku": product.sku,
        "tier_price": tier_price,
        "cost": cost,
        "price": table.price,
        "margin": None if lowest is None else lowest.quantize(Decimal("0.000001")),
        "tables": text,
        "held": "" if found is None or is_released else found.code,
        "follows_cost": _follows(before, tier_price, cost),
        "changed_at": now if before is None or before.tables != text else before.changed_at,
    }


def _follows(before: Any, price: Decimal, cost: Decimal | None) -> bool:
    if before is None:
        return False
    found = follows_cost(before.tier_price, before.cost, price, cost)
    if found is None:  # a price that somebody typed alone is no calculated one
        return bool(before.follows_cost) and before.tier_price == price
    return found


def _settle_gone(
    connection: Connection,
    book: PriceBookPolicy,
    model: OperatingModel,
    reading: Reading,
    seen: set[str],
    without: set[str],
    now: datetime,
) -> None:
    """Take away the prices that are gone, or doubt the reading in which too many are."""
    had, gone = 0, without
    for sku in priced_skus(connection, book.id):
        had += 1
        if reading.whole and sku not in seen:
            gone = gone | {sku}
    believed = int(cursor(connection, f"{BELIEVED}{book.id}") or 0)
    if gone and len(gone) > max(1, believed, int(had * model.prices.shrink_guard)):
        reading.doubted[book.id] = (len(gone), had)
    elif gone:
        take_away(connection, book.id, gone, now)
        move_cursor(connection, f"{BELIEVED}{book.id}", "")
        reading.changed += len(gone)


def believe_gone(connection: Connection, book: str, count: int) -> None:
    """A person looked: so many prices of a book are really gone, once."""
    move_cursor(connection, f"{BELIEVED}{book}", str(count))


def _rate(book: PriceBookPolicy, model: OperatingModel, now: datetime) -> Decimal:
    """Units of the ERP's base currency for one unit of the book's."""
    site = model.site(book.sites[0]).in_currency(book.currency)
    policy = site.currency_rates
    if policy is None:
        return site.currency_rate
    dated = RateFiles().at(policy.file).on(book.currency, now.date())
    if dated is None:
        raise ConfigurationError(f"{policy.file} has no rate of {book.currency}: margins need one.")
    return dated.rate


def _digest(model: OperatingModel, rates: Mapping[str, Decimal]) -> str:
    """What prices are decided by: where it is another, all are decided anew."""
    said = "".join(book.model_dump_json() for book in model.prices.books)
    return hashlib.sha256(f"{said}{rates}".encode()).hexdigest()


def _chunks(products: Iterator[ErpProduct]) -> Iterator[list[ErpProduct]]:
    while chunk := [product for _, product in zip(range(CHUNK), products, strict=False)]:
        yield chunk


def _instant(connection: Connection, name: str) -> datetime | None:
    kept = cursor(connection, name)
    return datetime.fromisoformat(kept) if kept else None
