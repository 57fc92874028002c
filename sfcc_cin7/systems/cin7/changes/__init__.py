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
from sfcc_cin7.systems.cin7.changes.whose import ours

__all__ = [
    "LAG",
    "LOOK_EVERY",
    "READER",
    "READING",
    "Read",
    "follow",
    "is_due",
    "look",
    "ours",
    "read_unread",
]
