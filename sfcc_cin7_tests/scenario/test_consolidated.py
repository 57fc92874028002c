"""Many orders in one sale: none lost, none doubled, and each can be told from the others."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from sfcc_cin7.cli.main import main
from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.order_document.model import Address
from sfcc_cin7.orders.consolidation.batching import Batching
from sfcc_cin7.orders.consolidation.grouping import Common, consolidated_sale
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.translation.shares import reconstruct
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.depth import by_day
from sfcc_cin7_tests.scenario.consolidating_lane import (
    US,
    WINDOW,
    ConsolidatingLane,
    consolidating_day,
)
from sfcc_cin7_tests.scenario.order_lane import Crash


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    with consolidating_day(engine, clock) as day:
        yield day


def verified_with_claims(day: ConsolidatingLane) -> Counter[str]:
    """What `sfcc-cin7 claims | sfcc-cin7 sandbox verify --grace 0 --claims -` counts."""
    database = day.lane.engine.url.render_as_string(hide_password=False)
    told = CliRunner().invoke(main, ["claims"], env={"SFCC_CIN7_DATABASE_URL": database})
    command = ["sandbox", "verify", "--url", day.lane.url, "--grace", "0", "--claims", "-"]
    result = CliRunner().invoke(main, command, input=told.output)
    found = decimal_json.loads(result.output.splitlines()[-1])
    assert found["clean"] == (result.exit_code == 0)
    return Counter({name: count for name, count in found["counts"].items() if count})


def test_what_the_product_claims_can_be_checked_from_outside(day: ConsolidatingLane) -> None:
    keys = day.window_of(4, "several-lines")
    day.lane.run()
    day.assert_each_order_stands_once(keys)
    assert verified_with_claims(day) == {"matched": 4}

    day.cancel(keys[0])
    assert verified_with_claims(day) == {"matched": 3, "cancelled_but_booked": 1}
    day.lane.sweep(timedelta(hours=1))
    day.lane.run()
    assert day.lane.review_codes(keys[0]) == {"cancelled-in-consolidated-sale"}
    assert verified_with_claims(day) == {"matched": 3, "cancelled_reported": 1}


def test_a_window_of_thirty_orders_becomes_one_sale_that_gives_each_of_them_back(
    day: ConsolidatingLane,
) -> None:
    keys = [
        day.lane.order(US, shape)
        for shape in ("plain", "several-lines", "order-discount", "option", "surcharge")
        for _ in range(6)
    ]
    day.lane.run()
    assert day.standing() == []
    day.clock.sleep(WINDOW)
    day.lane.run()

    batched = {row.batch_key for row in day.rows().values()}
    sales = day.standing()
    assert len(sales) == len(batched) <= 4  # states of the US tax a product differently
    day.assert_each_order_stands_once(keys)
    calls = decimal_json.loads(httpx.get(f"{day.lane.url}/_control/calls").content)
    assert calls["arrivals"]["cin7"] == sum(2 + len(sale["Payments"]) for sale in sales)
    for batch in day.batches():
        assert_every_order_comes_back(day, batch)


def assert_every_order_comes_back(day: ConsolidatingLane, batch: Any) -> None:
    """From Cin7's own answer and the map, against the storefront's documents."""
    answer = day.lane._erp.sale(batch.sale_id).order
    assert answer is not None
    shares = BatchQueue(day.lane.engine, day.clock).shares(batch.batch_key)
    nowhere = Address(name="", company="", line1="", line2="", city="", state="", postcode="",
                      country="", phone="")  # fmt: skip
    alike = Common(customer="", location="", currency="USD", currency_rate=Decimal(1),
                   tax_inclusive=False, totals_with_tax=False, order_date=day.clock.now(),
                   addressee=nowhere, shipping_notes="")  # fmt: skip
    sale = consolidated_sale(batch.batch_key, US, shares, alike)
    assert (answer.total, answer.tax) == (sale.total, sale.tax)
    assert {line.sku: (line.quantity, line.total, line.tax) for line in answer.lines} == {
        line.sku: (line.quantity, line.amount, line.tax) for line in sale.lines
    }
    paid = {row.account: row.amount for row in day.lane._erp.payments(batch.sale_id)}
    assert paid == {payment.account: payment.amount for payment in sale.payments}
    for key, row in day.rows().items():
        if row.batch_key != batch.batch_key:
            continue
        shown = day.document(key)
        rebuilt = reconstruct(sale, shares, key)
        assert (rebuilt.total, rebuilt.tax) == (shown["orderTotal"], shown["taxTotal"])
        assert (row.sale_total, row.sale_tax) == (shown["orderTotal"], shown["taxTotal"])
        assert sum(payment.amount for payment in rebuilt.payments) == shown["orderTotal"]
        wanted: dict[str, Decimal] = {}
        for item in shown["productItems"]:
            sku = item["productId"]
            wanted[sku] = wanted.get(sku, Decimal(0)) + item["quantity"]
        assert {line.sku: line.quantity for line in rebuilt.lines} == wanted


def test_enough_orders_do_not_wait_for_the_window_to_end(day: ConsolidatingLane) -> None:
    day.consolidate("alpenglow-uk", most_orders=3)
    keys = [day.lane.order("alpenglow-uk", "plain") for _ in range(3)]
    day.lane.run()
    assert len({row.batch_key for row in day.rows().values()}) == 1
    day.assert_each_order_stands_once(keys)


def test_where_the_erp_ships_an_order_with_an_address_of_its_own_is_posted_alone(
    day: ConsolidatingLane,
) -> None:
    day.consolidate(ships_from="erp", address=None)
    keys = day.window_of(3)
    day.lane.run_until_quiet()
    assert day.batches() == []
    day.assert_each_order_stands_once(keys)


def test_an_order_that_came_alone_is_posted_alone_when_its_window_ends(
    day: ConsolidatingLane,
) -> None:
    [key] = day.window_of(1)
    assert day.rows()[key].state == "received"
    day.lane.run_until_quiet()
    assert day.batches() == []
    day.assert_each_order_stands_once([key])
    assert "posted-alone" in day.lane.events(key)


def test_orders_of_a_site_that_stops_consolidating_are_posted_alone(
    day: ConsolidatingLane,
) -> None:
    keys = [day.lane.order(US), day.lane.order(US)]
    day.lane.run()
    sites = [site.model_copy(update={"consolidation": None}) for site in day.lane.model.sites]
    day.lane.model = day.lane.model.model_copy(update={"sites": sites})
    day.lane.run()
    assert day.batches() == []
    day.assert_each_order_stands_once(keys)


def test_a_crash_at_any_step_neither_loses_nor_doubles_an_order(day: ConsolidatingLane) -> None:
    every: list[str] = []
    steps = 0
    while True:
        steps += by_day(2)
        every += day.window_of(2)
        day.lane.fuse.left = steps
        try:
            day.lane.run()
        except Crash:
            day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
            day.lane.run_until_quiet()
        survived = day.lane.fuse.left is not None
        day.lane.fuse.left = None
        rows = day.rows()
        assert {rows[key].state for key in every} == {"acknowledged"}, f"crash at step {steps}"
        homes = {rows[key].batch_key or key for key in every}
        assert len(day.standing()) == len(homes), f"crash at step {steps}"
        if survived:
            break
    assert steps > 30
    day.assert_each_order_stands_once(every)
    assert any(batch.state == "acknowledged" for batch in day.batches())


@pytest.mark.parametrize(
    "fault",
    ["cin7.timeout_before_commit", "cin7.timeout_after_commit", "cin7.502", "cin7.html_200",
     "sfcc.504_applied", "sfcc.503"],
)  # fmt: skip
def test_a_consolidated_sale_survives_a_system_that_fails_every_third_time(
    day: ConsolidatingLane, fault: str
) -> None:
    keys: list[str] = []
    for _ in range(2):
        keys += day.window_of(3)
        day.lane.sandbox.faults.rates = {fault: 0.35}
        for _ in range(4):
            day.lane.run()
            day.clock.sleep(400)
        day.lane.sandbox.faults.rates = {}
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)


def test_two_workers_never_hold_one_batch(day: ConsolidatingLane) -> None:
    day.window_of(3)
    queue = BatchQueue(day.lane.engine, day.clock)
    batching = Batching(day.lane.engine, queue, day.lane.model)
    assert batching.form() >= 1
    count = len(day.batches())
    assert Batching(day.lane.engine, queue, day.lane.model).form() == 0
    first = [queue.claim("first", 100) for _ in range(count)]
    assert queue.claim("second", 100) is None
    day.clock.sleep(101)
    second = queue.claim("second", 100)
    assert second is not None
    lost = next(each for each in first if each is not None and each.key == second.key)
    key = next(key for key, row in day.rows().items() if row.batch_key == lost.key)
    with pytest.raises(LeaseLost):
        queue.leave_out(lost, key, "late")
    with pytest.raises(LeaseLost), day.lane.engine.begin() as connection:
        queue.dissolve(connection, lost, "late")
    assert day.rows()[key].state == "batched"


def test_an_order_that_the_erp_is_known_to_refuse_is_posted_alone_and_the_others_together(
    day: ConsolidatingLane,
) -> None:
    day.read_catalogue()
    poison = day.lane.order(US, "unknown-sku")
    good = day.window_of(5)
    day.lane.run_until_quiet()
    rows = day.rows()
    assert (rows[poison].state, rows[poison].batch_key) == ("in_review", None)
    day.assert_each_order_stands_once(good)
    assert any(rows[key].batch_key for key in good)


def test_a_sale_that_the_erp_refuses_is_dissolved_and_only_the_refused_order_waits(
    day: ConsolidatingLane,
) -> None:
    poison = day.lane.order(US, "unknown-sku")
    good = day.window_of(5)
    day.lane.run_until_quiet()
    assert day.rows()[poison].state == "in_review"
    assert day.lane.review_codes(poison) == {"erp-refused"}
    assert "dissolved" in {batch.state for batch in day.batches()}
    day.assert_each_order_stands_once(good)
