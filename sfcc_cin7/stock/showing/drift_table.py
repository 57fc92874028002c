"""Drifts and lags as a person sees them: the worst first, with age, and how bad they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Connection

from sfcc_cin7.db.drifts import drifts_since, lagging
from sfcc_cin7.inbox.sources import DRIFTED
from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.stock.deciding.drift import who_writes
from sfcc_cin7.stock.records.drifts import sales_ranks
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.wording import Wording, plain

SOLD_LATELY = timedelta(days=7)
SHOWN = 10
COLUMNS = ("what", "shows", "why", "since")


@dataclass(frozen=True)
class Difference:
    """One SKU of a list that shows something else than it should; `rank` 1 sells most.

    `is_open` is what is ours to put right and was not yet.
    """

    list_id: str
    sku: str
    kind: str
    expected: Decimal
    shown: Decimal
    seen_at: datetime
    corrected_at: datetime | None
    is_open: bool
    rank: int | None
    sold: Decimal
    writer: str | None = None
    """Who else writes, as far as the record shows it."""

    @property
    def too_much(self) -> Decimal:
        """Units offered that should not be; below 0 where too little is offered."""
        return self.shown - self.expected


def differences(connection: Connection, policy: StockPolicy, now: datetime) -> list[Difference]:
    """Drifts of late, and what lags for too long: where most is offered too much first, of equals
    what sells most."""
    found: list[Any] = list(drifts_since(connection, now - timedelta(minutes=policy.drift_minutes)))
    lags = lagging(connection, now - timedelta(minutes=policy.lag_minutes))
    ranks = sales_ranks(connection, {row.sku for row in (*found, *lags)}, now - SOLD_LATELY)
    dated = Counter((row.list_id, getattr(row, "shown_reset_at", None)) for row in found)
    rows = [
        Difference(
            *(row.list_id, row.sku, row.kind, row.expected, row.shown, row.seen_at),
            corrected_at=getattr(row, "corrected_at", None),
            is_open=getattr(row, "ours", True) and getattr(row, "corrected_at", None) is None,
            rank=ranks.get(row.sku, (None, 0))[0],
            sold=ranks.get(row.sku, (None, ZERO))[1],
            writer=(
                who_writes(row.shown_reset_at, row.seen_at, dated[row.list_id, row.shown_reset_at])
                if row.kind == "storefront-edited"
                else None
            ),
        )
        for row in (*found, *lags)
    ]
    return sorted(rows, key=lambda row: (-row.too_much, -row.sold, row.list_id, row.sku))


def is_error(row: Difference, policy: StockPolicy) -> bool:
    """Whether a difference is more than a warning: nobody put it right yet, it is sold without end,
    it offered much too much, or goods that everybody buys."""
    sells = row.rank is not None and row.rank <= policy.top_sellers and row.too_much > 0
    endless = row.kind == "perpetual" and row.corrected_at is None
    return endless or row.is_open or row.too_much >= policy.drift_units or sells


def too_much_now(rows: Sequence[Difference]) -> Decimal:
    """Units that are offered too much at this moment: what was put right does not count."""
    return sum((max(ZERO, row.too_much) for row in rows if row.corrected_at is None), ZERO)


def drift_table(rows: Sequence[Difference], words: Wording, now: datetime) -> dg.TableMetadataValue:
    """The first of them."""
    return table(COLUMNS, (_cells(row, words, now) for row in rows[:SHOWN]))


def _cells(row: Difference, words: Wording, now: datetime) -> tuple[str, ...]:
    since = f"{words.instant(row.seen_at)}, {age_in_words(now - row.seen_at, seconds=True)} ago"
    if row.corrected_at:
        since += f"; put right at {words.instant(row.corrected_at)}"
    writer = f" ({row.writer})" if row.writer else ""
    return (
        f"SKU {row.sku} in {row.list_id}",
        f"{plain(row.shown)}, not {plain(row.expected)}",
        f"{DRIFTED.get(row.kind, row.kind)}{writer}; {plain(row.sold)} sold in 7 days",
        since,
    )
