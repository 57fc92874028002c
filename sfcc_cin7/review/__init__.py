"""The review desk: what waits for a person, and what a person can do about it."""

from sfcc_cin7.inbox.listing import (
    CAUSES,
    COLUMNS,
    Item,
    by_cause,
    cause_shown,
    detail,
    inbox,
    shown,
    summary,
    together,
)
from sfcc_cin7.review.acting import correct_order, release_orders, retry_orders, waive_items
from sfcc_cin7.review.requests import CorrectOrder, ReleaseOrders, RetryOrders, WaiveItems

__all__ = [
    "CAUSES",
    "COLUMNS",
    "CorrectOrder",
    "Item",
    "ReleaseOrders",
    "RetryOrders",
    "WaiveItems",
    "by_cause",
    "cause_shown",
    "correct_order",
    "detail",
    "inbox",
    "release_orders",
    "retry_orders",
    "shown",
    "summary",
    "together",
    "waive_items",
]
