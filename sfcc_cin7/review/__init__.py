"""The review desk: what waits for a person, and what a person can do about it."""

from sfcc_cin7.inbox.listing import Item, at_risk, by_code_and_owner, inbox, shown
from sfcc_cin7.review.acting import correct_order, release_orders, retry_orders, waive_items
from sfcc_cin7.review.requests import CorrectOrder, ReleaseOrders, RetryOrders, WaiveItems

__all__ = [
    "CorrectOrder",
    "Item",
    "ReleaseOrders",
    "RetryOrders",
    "WaiveItems",
    "at_risk",
    "by_code_and_owner",
    "correct_order",
    "inbox",
    "release_orders",
    "retry_orders",
    "shown",
    "waive_items",
]
