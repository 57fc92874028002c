"""Where more SKUs wait than may be read in a minute, the scarcest come first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert

from sfcc_cin7.db.levels import record_snapshot
from sfcc_cin7.db.schema import sku_map, stock_levels
from sfcc_cin7.stock.publishing.hints import full_reading_is_due, next_skus
from sfcc_cin7.stock.records.hints import DOCUMENT, hint
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.order_lane import operating_model

PLACE = "Reno DC"
MODEL = operating_model(SANDBOX_MODEL)
ALLOWED = MODEL.stock.targeted_calls


def waiting(engine: Engine, clock: ManualClock, *, rows: int, count: int) -> None:
    """After a reading of so many rows, so many SKUs are hinted at; the later ones are scarcer."""
    names = [f"SKU-{n:03d}" for n in range(count)]
    with engine.begin() as connection:
        now = clock.now()
        times = {"started_at": now, "finished_at": now}
        read = record_snapshot(connection, rows=rows, total=rows, believed=True, **times)
        known = {"in_shop": True, "in_erp": True, "seen_at": now}
        connection.execute(insert(sku_map), [known | {"sku": name} for name in names])
        nothing = {"on_hand": Decimal(0), "allocated": Decimal(0), "changed_in": read}
        level = nothing | {"location": PLACE}
        connection.execute(
            insert(stock_levels),
            [level | {"sku": sku, "available": Decimal(count - n)} for n, sku in enumerate(names)],
        )
        hint(connection, names, DOCUMENT, now, now)
    clock.sleep(20)


def test_the_scarcest_are_read_first_where_not_all_can_be(
    engine: Engine, clock: ManualClock
) -> None:
    waiting(engine, clock, rows=500_000, count=ALLOWED + 5)
    assert next_skus(engine, MODEL, clock.now())[:3] == ["SKU-024", "SKU-023", "SKU-022"]


@pytest.mark.parametrize(("rows", "instead"), [(5_000, True), (50_000, True), (500_000, False)])
def test_everything_is_read_instead_where_that_is_sooner(
    engine: Engine, clock: ManualClock, rows: int, instead: bool
) -> None:
    waiting(engine, clock, rows=rows, count=ALLOWED + 5)
    patient = MODEL.stock.model_copy(update={"full_pass_seconds": 3600})
    model = MODEL.model_copy(update={"stock": patient})
    assert full_reading_is_due(engine, model, clock.now()) is instead
    assert (next_skus(engine, model, clock.now()) == []) is instead


def test_even_on_a_large_account_too_many_are_too_many(engine: Engine, clock: ManualClock) -> None:
    waiting(engine, clock, rows=500_000, count=10 * ALLOWED)
    assert next_skus(engine, MODEL, clock.now() + timedelta(seconds=1)) == []
