"""The orders that wait, as a table for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from sqlalchemy import Row


def waiting_table(rows: Sequence[Row[Any]], now: datetime) -> dg.MetadataValue[Any]:
    """Each order with its attempts by how they ended, its next attempt and its last problem."""
    if not rows:
        return dg.MetadataValue.text("none")
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "order": row.order_key,
                    "state": row.state,
                    "waits (seconds)": round((now - row.since).total_seconds(), 1),
                    "attempts": row.attempts,
                    "throttled": row.throttled,
                    "unavailable": row.unavailable,
                    "refused": row.refused,
                    "next attempt": f"{row.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC",
                    "last problem": row.problem or "",
                }
            )
            for row in rows
        ]
    )
