"""What sales of the ERP still wait for, as far as our image of them tells."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert

from sfcc_cin7.db.schema import erp_sales, order_batches, order_events
from sfcc_cin7.stock.records.backorders import waiting_units

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY, SITE = "alpenglow:alpenglow-us:batch-1", "alpenglow-us"


@pytest.mark.parametrize(
    ("backordered", "tents", "mugs"),
    [("7", "5", "2"), ("6", "5", "2"), ("3", "3", "2"), ("1", "1", "1"), ("0", None, None)],
)
def test_a_sku_waits_for_what_it_was_short_of_and_no_more_than_its_sale_waits_for(
    engine: Engine, backordered: str, tents: str | None, mugs: str | None
):
    sale = {
        "sale_id": "1",
        "external_id": KEY,
        "order_number": "SO-1",
        "status": "BACKORDERED",
        "order_status": "AUTHORISED",
        "currency": "USD",
        "total": Decimal(90),
        "tax": Decimal(0),
        "backordered": Decimal(backordered),
        "updated": NOON,
        "read_at": NOON,
    }
    short = {"TENT": "5", "MUG": "2"}
    authorised = {"order_key": KEY, "at": NOON, "kind": "authorised", "detail": {"short": short}}
    batch = {"batch_key": KEY, "site": SITE, "created_at": NOON, "next_attempt_at": NOON}
    with engine.begin() as connection:
        connection.execute(insert(order_batches).values(batch))
        connection.execute(insert(order_events).values(authorised))
        connection.execute(insert(erp_sales).values(sale))
        found = waiting_units(connection, [SITE], ["TENT", "MUG", "BOOT"])
    wanted = {"TENT": tents, "MUG": mugs}
    assert {sku: [row.units for row in rows] for sku, rows in found.items()} == {
        sku: [Decimal(units)] for sku, units in wanted.items() if units is not None
    }
    assert all(row.authorised_at == NOON for rows in found.values() for row in rows)
