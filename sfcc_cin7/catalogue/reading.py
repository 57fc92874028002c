"""Both systems' products, read by what changed since the last time, and kept as rows.

Only the fields that the operating model compares are kept, and what the gate asks for: so nothing
else of the ERP's product, least of all its cost, can reach the storefront from here.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.catalogue.records.products import STREAMED, Reading, save_readings
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.merchant.catalogue import FieldPolicy, Side
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.product_records import ProductRecord
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.products import Product
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.gtin import gtin

OVERLAP = timedelta(minutes=15)
"""How far back a reading begins before the last one: clocks differ, and an index lags."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Read:
    """How many products a system told of, and how many of them were otherwise than before."""

    told: int
    changed: int


def read_products(
    engine: Engine,
    shop: SfccClient,
    erp: Cin7Client,
    policies: Sequence[FieldPolicy],
    clock: Clock,
) -> dict[Side, Read]:
    """Read what changed in both systems; all of it the first time, and when other fields are
    compared than before.

    Raises:
        ApiError: a system does not answer. What was read until then is kept, and read again.
    """

    def of_the_erp(since: datetime | None) -> Iterator[Reading]:
        for record in erp.product_records(modified_since=since):
            yield erp_reading(record, policies)

    def of_the_storefront(since: datetime | None) -> Iterator[Reading]:
        tomorrow = clock.now() + timedelta(days=1)
        for product in shop.changed_products(since or BEGINNING, tomorrow):
            yield shop_reading(product, policies)

    return {
        "erp": _read(engine, "erp", of_the_erp, policies, clock),
        "storefront": _read(engine, "storefront", of_the_storefront, policies, clock),
    }


def _read(
    engine: Engine, system: Side, readings: Any, policies: Sequence[FieldPolicy], clock: Clock
) -> Read:
    name, began = f"catalogue.products:{system}", clock.now()
    with engine.connect() as connection:
        before, _, fields = (cursor(connection, name) or "").partition(" ")
    last = datetime.fromisoformat(before) if before else None
    same = fields == _fingerprint(policies)
    told = changed = 0
    for batch in _batches(readings(last - OVERLAP if last and same else None)):
        with engine.begin() as connection:
            changed += save_readings(
                connection, system, batch, policies, after=last, at=clock.now()
            )
        told += len(batch)
    with engine.begin() as connection:
        move_cursor(connection, name, f"{began.isoformat()} {_fingerprint(policies)}")
    return Read(told, changed)


def _batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    rest = iter(readings)
    while batch := list(islice(rest, STREAMED)):
        yield batch


def _fingerprint(policies: Sequence[FieldPolicy]) -> str:
    """Of what is kept of a product: another one needs all products again."""
    told = sorted(policy.model_dump_json(exclude={"owner", "mend"}) for policy in policies)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def erp_reading(record: ProductRecord, policies: Sequence[FieldPolicy]) -> Reading:
    """A product of the ERP, as far as it is kept. A number of zero there says nothing."""
    told = record.attributes
    attribute_set = _text(told.get("AttributeSet"))
    barcode = _text(told.get("Barcode"))
    return Reading(
        record.sku,
        record.id,
        {
            policy.name: _text(told.get(policy.erp) or "")
            for policy in policies
            if policy.attribute_set in (None, attribute_set)
        },
        {
            "status": _text(told.get("Status")),
            "kind": _text(told.get("Type")),
            "sellable": told.get("Sellable") is not False,
            "weight": isinstance(told.get("Weight"), int | Decimal) and told["Weight"] > 0,
            "barcode": barcode,
            "gtin": gtin(barcode),
        },
        attribute_set,
        _stamp(told.get("LastModifiedOn")),
    )


def shop_reading(product: Product, policies: Sequence[FieldPolicy]) -> Reading:
    """A product of the storefront, as far as it is kept. An EAN may be kept as a UPC."""
    flags = product.get("onlineFlag")
    if not isinstance(flags, dict):
        flags = {"default": product.get("online") is True}
    return Reading(
        product["id"],
        product["id"],
        {policy.name: _of_the_storefront(product, policy.storefront) for policy in policies},
        {
            "online": {site: flag is True for site, flag in flags.items()},
            "tax_class": bool(product.get("taxClassId")),
            "category": any(
                product.get(name) for name in ("assignedCategories", "primaryCategoryId")
            ),
            "picture": any(product.get(name) for name in ("image", "imageGroups")),
        },
        modified=_stamp(product.get("lastModified")),
    )


def _of_the_storefront(product: Mapping[str, Any], attribute: str) -> str:
    value = product.get(attribute)
    if attribute == "ean" and not value:
        value = product.get("upc")
    if isinstance(value, dict):
        value = value.get("default")
    return _text(value)


def _text(value: Any) -> str:
    """A value of JSON as a text; "" for what is no text, number or flag."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else ""


def _stamp(value: Any) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp
