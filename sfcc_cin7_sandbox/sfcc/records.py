"""The Data API's document of an inventory record: how it is shown, and what a write may say."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.sfcc.inventory import NOTHING, InventoryRecord
from sfcc_cin7_sandbox.sfcc.problems import (
    OCAPI_VERSION,
    Fault,
    encode,
    parse_timestamp,
    timestamp,
    to_milliseconds,
)
from sfcc_cin7_sandbox.sfcc.stock import Kept

WRITABLE = frozenset(
    {"allocation", "perpetual_flag", "pre_order_back_order_handling",
     "pre_order_back_order_allocation", "in_stock_date"}
)  # fmt: skip


def record_document(
    link: str, list_id: str, sku: str, kept: Kept, name: str | None
) -> dict[str, Any]:
    """The record as GET shows it, with `_resource_state` for optimistic locking."""
    record = kept.record
    document: dict[str, Any] = {
        "_type": "product_inventory_record",
        "allocation": {
            "_type": "product_inventory_record_allocation",
            "amount": record.allocation,
            "reset_date": timestamp(record.reset_date),
        },
        "ats": record.ats,
        "creation_date": timestamp(kept.created_at),
        "inventory_list_id": list_id,
        "inventory_turnover": record.turnover,
        "last_modified": timestamp(kept.modified_at),
        "link": link,
        "perpetual_flag": record.perpetual,
        "pre_order_back_order_allocation": record.backorder_allocation,
        "pre_order_back_order_handling": record.handling,
        "product_id": sku,
        "quantity_on_order": record.quantity_on_order,
        "stock_level": record.stock_level,
    }
    if record.in_stock_date:
        document["in_stock_date"] = timestamp(record.in_stock_date)
    if name:
        document["product_name"] = name
    state = hashlib.sha256(encode(document)).hexdigest()
    return {"_v": OCAPI_VERSION, "_resource_state": state, **document}


def check_properties(body: Mapping[str, Any], list_id: str, sku: str) -> None:
    """Raises Fault 400 for a property that cannot be written, or names another record."""
    addressed = {"inventory_list_id": list_id, "product_id": sku}
    for name, value in body.items():
        known = name in WRITABLE or name.startswith("_") or addressed.get(name) == value
        if not known:
            raise Fault(
                400,
                "PropertyConstraintViolationException",
                f"The property '{name}' cannot be written.",
                property=name,
            )


def with_settings(record: InventoryRecord, body: Mapping[str, Any]) -> InventoryRecord:
    """The record with all that the body sets, apart from its allocation. Raises Fault 400."""
    changes: dict[str, Any] = {}
    if "perpetual_flag" in body:
        if not isinstance(body["perpetual_flag"], bool):
            raise _violation("perpetual_flag", "must be true or false")
        changes["perpetual"] = body["perpetual_flag"]
    if "pre_order_back_order_handling" in body:
        if body["pre_order_back_order_handling"] not in ("none", "preorder", "backorder"):
            raise _violation("pre_order_back_order_handling", "must be none, preorder or backorder")
        changes["handling"] = body["pre_order_back_order_handling"]
    if "pre_order_back_order_allocation" in body:
        changes["backorder_allocation"] = _quantity(
            "pre_order_back_order_allocation", body["pre_order_back_order_allocation"]
        )
    if "in_stock_date" in body:
        changes["in_stock_date"] = _moment("in_stock_date", body["in_stock_date"])
    return replace(record, **changes)


def allocation_of(body: Mapping[str, Any]) -> tuple[Decimal, datetime | None] | None:
    """Amount and reset date of the body's allocation; None when it has none. Raises Fault 400."""
    if "allocation" not in body:
        return None
    allocation = body["allocation"]
    if not isinstance(allocation, dict) or "amount" not in allocation:
        raise _violation("allocation", "must have an amount")
    for name in allocation:
        if name not in ("amount", "reset_date") and not name.startswith("_"):
            raise _violation(f"allocation.{name}", "is not known")
    reset_date = allocation.get("reset_date")
    return (
        _quantity("allocation.amount", allocation["amount"]),
        None if reset_date is None else _moment("allocation.reset_date", reset_date),
    )


def _quantity(name: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < NOTHING:
        raise _violation(name, "must be a number of 0 or more")
    return Decimal(value)


def _moment(name: str, value: Any) -> datetime:
    try:
        return to_milliseconds(parse_timestamp(value))
    except (TypeError, ValueError):
        raise _violation(name, "must be a date-time with its zone") from None


def _violation(name: str, rule: str) -> Fault:
    return Fault(400, "PropertyConstraintViolationException", f"'{name}' {rule}.", property=name)
