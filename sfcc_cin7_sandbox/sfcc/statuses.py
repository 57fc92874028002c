"""Which status changes an order allows (Script API: OrderMgr, Order; Orders API: status enums)."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

CONFIRMATION = frozenset({"confirmed", "not_confirmed"})
EXPORT = frozenset({"exported", "not_exported", "ready", "failed"})
PAYMENT = frozenset({"paid", "part_paid", "not_paid"})
SHIPPING = frozenset({"shipped", "part_shipped", "not_shipped"})
ORDER = frozenset({"created", "new", "completed", "cancelled", "failed", "failed_with_reopen"})

PLACED = frozenset({"new", "completed"})
_COLUMNS = {
    "status": "new",
    "exportStatus": "ready",
    "confirmationStatus": "not_confirmed",
    "paymentStatus": "not_paid",
    "shippingStatus": "not_shipped",
}


def column(document: Mapping[str, Any], field: str) -> str | None:
    """A status of an order; one whose document does not tell is newly placed and ready."""
    value = document.get(field)
    return value if isinstance(value, str) else _COLUMNS.get(field)


class Change(Enum):
    """What a permitted change of the order status does beside setting it."""

    NOTHING = auto()
    PLACE = auto()
    """Invoice and shipment numbers and the place date arise."""
    PLACE_AND_CANCEL = auto()
    FAIL = auto()
    """The stock is released."""
    REOPEN = auto()
    """A failed order is created again: its stock is taken again, which may be refused."""
    CANCEL = auto()
    """The stock is released."""
    REINSTATE = auto()
    """A cancelled order is placed again: its stock is taken again, which may be refused."""


_CHANGES = {
    ("created", "new"): Change.PLACE,
    ("created", "completed"): Change.PLACE,
    ("created", "cancelled"): Change.PLACE_AND_CANCEL,
    ("created", "failed"): Change.FAIL,
    ("failed", "created"): Change.REOPEN,
    ("new", "completed"): Change.NOTHING,
    ("completed", "new"): Change.NOTHING,
    ("new", "cancelled"): Change.CANCEL,
    ("completed", "cancelled"): Change.CANCEL,
    ("cancelled", "new"): Change.REINSTATE,
    ("cancelled", "completed"): Change.REINSTATE,
}


class StatusRefused(Exception):
    """The order does not allow this status; `kind` is the problem's name in kebab case."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def order_change(current: str, requested: str) -> Change:
    """Raises StatusRefused: a placed order never becomes created or failed again, and so on."""
    if current == requested:
        return Change.NOTHING
    try:
        return _CHANGES[current, requested]
    except KeyError:
        raise StatusRefused(
            "order-status-conflict",
            f"An order in status '{current}' cannot be set to '{requested}'.",
        ) from None


def check_export_change(
    order_status: str, current: str, requested: str, *, may_be_lowered: bool
) -> None:
    """Raises StatusRefused for an order that is not placed, or was already exported."""
    if requested == current:
        return
    if current == "exported" and not may_be_lowered:
        raise StatusRefused(
            "order-previously-integrated",
            f"The order is exported already; its export status cannot become '{requested}'.",
        )
    if requested == "exported" and order_status in ("created", "failed"):
        raise StatusRefused(
            "order-integration-status",
            f"An order in status '{order_status}' cannot be exported.",
        )
