"""The review desk: what waits for a person, and what a person can do about it."""

from sfcc_cin7.inbox.listing import Item, at_risk, by_code_and_owner, inbox, shown
from sfcc_cin7.review.acting import (
    correct_order,
    decline_orders,
    preview_order,
    release_orders,
    retry_orders,
    waive_items,
)
from sfcc_cin7.review.requests import (
    CorrectOrder,
    DeclineOrders,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
)
from sfcc_cin7.review.ways import CORRECTED_BY, ways_out

__all__ = [
    "CORRECTED_BY",
    "CorrectOrder",
    "DeclineOrders",
    "Item",
    "PreviewOrder",
    "ReleaseOrders",
    "RetryOrders",
    "WaiveItems",
    "at_risk",
    "by_code_and_owner",
    "correct_order",
    "decline_orders",
    "inbox",
    "preview_order",
    "release_orders",
    "retry_orders",
    "shown",
    "waive_items",
    "ways_out",
]
