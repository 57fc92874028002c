"""Records of Omnichannel Inventory as they are sent and shown.

The native API's answers are known from public cartridges only, so that their field names are the
most probable ones; those of requests and files are published.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sfcc_cin7_sandbox.sfcc.oci import Availability, Change, Future
from sfcc_cin7_sandbox.sfcc.problems import parse_timestamp, timestamp

SKU = re.compile(r"[^:\\<>;%/\s]{1,100}")
LOCATION = re.compile(r"[A-Za-z0-9_-]{2,128}")


class Wrong(ValueError):
    """The record cannot be taken; the message says why."""


def change_of(
    record: Mapping[str, Any],
    names: Mapping[str, str],
    locations: Collection[str],
    now: datetime,
) -> tuple[str, Change]:
    """The idempotency key and the change that a record means. Raises Wrong.

    `names` are the field names where the two interfaces differ: `id`, `location`, `futures`.
    """
    known = {*names.values(), "sku", "onHand", "effectiveDate", "safetyStockCount", "externalRefId"}
    if unknown := sorted(set(record) - known):
        raise Wrong(f"Unknown field {unknown[0]}.")
    key, location, sku = record.get(names["id"]), record.get(names["location"]), record.get("sku")
    try:
        UUID(str(key))
    except ValueError:
        raise Wrong(f"{names['id']} must be a UUID.") from None
    if not isinstance(sku, str) or not SKU.fullmatch(sku):
        raise Wrong("sku may not be empty or contain : \\ < > ; % / or white space.")
    if not isinstance(location, str) or location not in locations:
        raise Wrong(f"LocationDoesNotExist: {location!r}.")
    effective = _moment(record, "effectiveDate")
    if effective is not None and effective > now:
        raise Wrong("effectiveDate lies in the future.")
    return str(key), Change(
        location,
        sku,
        _quantity(record, "onHand"),
        effective,
        _quantity(record, "safetyStockCount"),
        _futures(record, names["futures"]),
    )


def shown(sku: str, record: Availability, futures: str) -> dict[str, Any]:
    """The record as the interface with that name for futures shows it."""
    return {
        "sku": sku,
        "onHand": record.on_hand,
        "reserved": record.quantity_reserved,
        "atf": record.atf,
        "ato": record.ato,
        "safetyStockCount": record.safety,
        **({"effectiveDate": timestamp(record.effective)} if record.effective else {}),
        futures: [
            {"quantity": future.quantity, "expectedDate": timestamp(future.expected)}
            for future in record.futures
        ],
    }


def _futures(record: Mapping[str, Any], name: str) -> tuple[Future, ...] | None:
    rows = record.get(name)
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Wrong(f"{name} must be a list.")
    futures = []
    for row in rows:
        quantity, expected = _quantity(row, "quantity"), _moment(row, "expectedDate")
        if not quantity or expected is None or set(row) != {"quantity", "expectedDate"}:
            raise Wrong(f"{name} need a quantity above 0 and an expectedDate.")
        futures.append(Future(quantity, expected))
    return tuple(futures)


def _quantity(record: Mapping[str, Any], name: str) -> Decimal | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise Wrong(f"{name} must be a number of 0 or more.")
    return Decimal(value)


def _moment(record: Mapping[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    if value is None:
        return None
    try:
        return parse_timestamp(value)
    except (TypeError, ValueError):
        raise Wrong(f"{name} must be an instant with its time zone.") from None
