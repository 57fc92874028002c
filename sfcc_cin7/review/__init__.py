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
from sfcc_cin7.review.acting import (
    correct_order,
    decline_orders,
    preview_order,
    release_orders,
    retry_orders,
    waive_items,
)
from sfcc_cin7.review.naming import keys_of
from sfcc_cin7.review.requests import (
    CorrectOrder,
    DeclineOrders,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
    end_of_waiver,
)
from sfcc_cin7.review.ways import CORRECTED_BY, ways_out

__all__ = [
    "CAUSES",
    "COLUMNS",
    "CORRECTED_BY",
    "CorrectOrder",
    "DeclineOrders",
    "Item",
    "PreviewOrder",
    "ReleaseOrders",
    "RetryOrders",
    "WaiveItems",
    "by_cause",
    "cause_shown",
    "correct_order",
    "decline_orders",
    "detail",
    "end_of_waiver",
    "inbox",
    "keys_of",
    "preview_order",
    "release_orders",
    "retry_orders",
    "shown",
    "summary",
    "together",
    "waive_items",
    "ways_out",
]
