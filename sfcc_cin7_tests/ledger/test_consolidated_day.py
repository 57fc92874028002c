"""The books of a day on which orders were posted together."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db.schema import order_batches
from sfcc_cin7.systems.cin7 import Cin7Client, Governor
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.ledger.bookkeeping import Books
from sfcc_cin7_tests.scenario.consolidating_lane import ConsolidatingLane
from sfcc_cin7_tests.scenario.order_lane import order_lane


@pytest.fixture
def books(engine: Engine, clock: ManualClock) -> Iterator[Books]:
    with order_lane(engine, clock, cin7=Cin7Settings(void_with_payments="accepted")) as lane:
        connection = sandbox_erp(lane.url)
        day = ConsolidatingLane(lane)
        day.consolidate()
        governor = Governor(engine, clock)
        with Cin7Client(connection, governor, "changes", clock, lane.road) as erp:
            day.window_of(5)
            lane.run_until_quiet()
            yield Books(lane, erp)


def test_a_consolidated_day_has_both_legs_of_every_order_and_no_break(books: Books) -> None:
    books.reconcile()
    assert books.open() == []
    assert len(books.lines()) == 5
    for line in books.lines():
        assert (line.captured, line.captured_tax) == (line.booked, line.booked_tax)
    assert books.sum_of("erp") == books.sum_of("storefront")
    books.clock.sleep(700)
    assert books.reconcile().entries_written == 0
    assert books.open() == []


def test_a_hand_edit_of_a_consolidated_sale_is_a_break_on_it_until_it_is_put_right(
    books: Books,
) -> None:
    books.reconcile()
    with books.engine.connect() as connection:
        batch = connection.scalar(select(order_batches.c.batch_key))
    [sale] = books.lane.sales(batch)
    line = next(one for one in sale["Lines"] if one["Price"])
    books.clock.sleep(60)
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    books.reconcile()
    assert (batch, "amount") in books.open()
    assert {key for key, _ in books.open()} == {batch}

    books.clock.sleep(60)
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    books.reconcile()
    assert (batch, "amount") not in books.open()


def test_a_consolidated_sale_that_somebody_voids_is_missing_for_each_of_its_orders(
    books: Books,
) -> None:
    books.reconcile()
    with books.engine.connect() as connection:
        batch = connection.execute(select(order_batches)).first()
    assert batch is not None
    books.clock.sleep(60)
    books.erp.void_sale(batch.sale_id)
    books.reconcile()
    assert len(books.open()) >= 2
    assert {kind for _, kind in books.open()} == {"missing-erp"}
