"""Drifts and lags as a person sees them: the worst first, with age, and how bad they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Connection

from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.stock.records.drifts import drifts_since, lagging, sales_ranks
from sfcc_cin7.stock.showing.wording import plain
from sfcc_cin7.values.money import ZERO

SOLD_LATELY = timedelta(days=7)
SHOWN = 10
COLUMNS = (
    *("list", "SKU", "kind", "should show", "shows", "age"),
    *("sales rank", "sold in 7 days", "seen", "put right"),
)


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
    rows = [
        Difference(
            *(row.list_id, row.sku, row.kind, row.expected, row.shown, row.seen_at),
            corrected_at=getattr(row, "corrected_at", None),
            is_open=getattr(row, "ours", True) and getattr(row, "corrected_at", None) is None,
            rank=ranks.get(row.sku, (None, 0))[0],
            sold=ranks.get(row.sku, (None, ZERO))[1],
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


def drift_table(rows: Sequence[Difference], now: datetime) -> dg.TableMetadataValue:
    """The first of them."""
    return table(
        COLUMNS,
        (
            (
                *(row.list_id, row.sku, row.kind),
                *(plain(row.expected), plain(row.shown)),
                f"{(now - row.seen_at) / timedelta(minutes=1):.0f} min",
                "not sold" if row.rank is None else str(row.rank),
                plain(row.sold),
                f"{row.seen_at:%H:%M:%S} UTC",
                f"{row.corrected_at:%H:%M:%S} UTC" if row.corrected_at else "not yet",
            )
            for row in rows[:SHOWN]
        ),
    )
