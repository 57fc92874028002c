"""The margin of a closed month stays as it was, whatever becomes known of its costs."""

from decimal import Decimal

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.schema import margin_days
from sfcc_cin7.ledger.periods.closing import reopen_month
from sfcc_cin7.ledger.records import month_end
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.test_closing import close, january
from sfcc_cin7_tests.ledger.periods.till import till

D = Decimal
__all__ = ["till"]
SOLD = {
    "day": "2026-01-20", "site": "alpenglow-uk", "price_book": "gbp", "currency": "GBP",
    "sku": "A", "basis": "booked", "lines": 1, "units": 1, "revenue": 100, "cost": 60,
    "base_cost": 60, "unknown": 0,
}  # fmt: skip


def earned(till: Till) -> list[tuple[str, Decimal, Decimal]]:
    """Month, margin and what it moved by."""
    with till.engine.connect() as connection:
        rows = month_end.margins(connection, "2025-12", "2026-02")
    return [(row.month, row.revenue - row.cost, row.moved) for row in rows]


def costs(till: Till, cost: str) -> None:
    with till.engine.begin() as connection:
        connection.execute(update(margin_days).values(cost=D(cost)))


def test_what_becomes_known_of_a_closed_months_costs_stands_beside_its_margin(till: Till) -> None:
    january(till)
    with till.engine.begin() as connection:
        connection.execute(insert(margin_days).values(SOLD))
    assert earned(till) == [("2026-01", D(40), D(0))]
    close(till, "2026-01")
    costs(till, "75")
    assert earned(till) == [("2026-01", D(40), D(-15))]
    with pytest.raises(DBAPIError, match="append-only"), till.engine.begin() as connection:
        connection.execute(text("delete from sfcc_cin7.closed_margins"))
    reopen_month(till.engine, till.clock, "2026-01", "ann", "costs came")
    assert earned(till) == [("2026-01", D(25), D(0))]
    close(till, "2026-01")
    costs(till, "80")
    assert earned(till) == [("2026-01", D(25), D(-5))]
