"""The one reader of what changes in the ERP, for every room."""

from sfcc_cin7.systems.cin7.changes.reader import (
    LAG,
    LOOK_EVERY,
    READER,
    READING,
    Read,
    follow,
    is_due,
    look,
    read_unread,
)
from sfcc_cin7.systems.cin7.changes.stock import FOLLOWED, follow_stock, stock_is_due
from sfcc_cin7.systems.cin7.changes.whose import ours

__all__ = [
    "FOLLOWED",
    "LAG",
    "LOOK_EVERY",
    "READER",
    "READING",
    "Read",
    "follow",
    "follow_stock",
    "is_due",
    "look",
    "ours",
    "read_unread",
    "stock_is_due",
]
