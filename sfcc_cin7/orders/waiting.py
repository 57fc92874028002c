"""The orders that wait, as a table for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from sqlalchemy import Row

from sfcc_cin7.runtime.tables import table

COLUMNS = (
    "order",
    "state",
    "waits (seconds)",
    "attempts",
    "throttled",
    "unavailable",
    "refused",
    "next attempt",
    "last problem",
)


def waiting_table(rows: Sequence[Row[Any]], now: datetime) -> dg.MetadataValue[Any]:
    """Each order with its attempts by how they ended, its next attempt and its last problem."""
    if not rows:
        return dg.MetadataValue.text("none")
    return table(
        COLUMNS,
        (
            (
                row.order_key,
                row.state,
                round((now - row.since).total_seconds(), 1),
                row.attempts,
                row.throttled,
                row.unavailable,
                row.refused,
                f"{row.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC",
                row.problem or "",
            )
            for row in rows
        ),
    )
