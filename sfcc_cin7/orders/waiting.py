"""The orders that wait, as a table for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from sqlalchemy import Row

from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.wording import Wording

COLUMNS = ("order", "waits", "last problem", "next attempt")


def waiting_table(rows: Sequence[Row[Any]], now: datetime, words: Wording) -> dg.MetadataValue[Any]:
    """Each order with its attempts by how they ended, its next attempt and its last problem."""
    if not rows:
        return dg.MetadataValue.text("none")
    return table(
        COLUMNS,
        (
            (
                words.subject(row.order_key),
                age_in_words(now - row.since, seconds=True),
                f"{row.problem or 'none'} (attempts: {_attempts(row)})",
                words.second(row.next_attempt_at),
            )
            for row in rows
        ),
    )


def _attempts(row: Row[Any]) -> str:
    """`5: 3 throttled, 2 unavailable`."""
    ended = ("throttled", "unavailable", "refused")
    told = [f"{count} {name}" for name in ended if (count := getattr(row, name))]
    return f"{row.attempts}: {', '.join(told)}" if told else str(row.attempts)
