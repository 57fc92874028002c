"""Whoever asks why so much of a SKU is offered is told, from the shelves to the storefront."""

from datetime import timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.cli.main import main
from sfcc_cin7.stock.showing.explain import explain
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.stock.deciding.test_backorders import LIST, PLACE, SITE, purchase, scarce, shop
from sfcc_cin7_tests.stock.house import StockHouse


def told(house: StockHouse, sku: str, list_id: str = LIST) -> dict[str, str]:
    model = house.orders.model
    return dict(explain(house.engine, house.shop, model, house.clock, list_id, sku))


def test_every_step_from_the_shelf_to_the_storefront(engine: Engine, clock: ManualClock):
    with shop(engine, clock) as house:
        sku = scarce(house, 3)
        due = purchase(house, sku, 8)
        lines = told(house, sku)
        assert (
            f"4 available (4 on hand, 0 allocated), 8 on order for {due:%Y-%m-%d}"
            in lines[f"in {PLACE}"]
        )
        assert lines["supply"] == "4"
        assert lines["rule"] == "the list's buffer, which leaves 3"
        assert lines["on the way"].startswith("8 on order, 0 backordered already: 8 may be")
        assert lines["to be offered"] == "11"
        assert lines["told last"].startswith(f"3 allocated and 8 as backorder for {due:%Y-%m-%d}")
        assert lines["storefront shows"].startswith("11 for sale")
        assert lines["decision"].startswith("nothing")


def test_orders_in_flight_and_what_waits_are_told(engine: Engine, clock: ManualClock):
    with shop(engine, clock, rules=()) as house:
        key = house.orders.order(SITE)
        line = house.orders.document(key)["productItems"][0]
        house.orders.run()
        sku = line["productId"]
        assert told(house, sku)["orders in flight"].startswith(f"{line['quantity']} units that")
        house.stock_pass()
        house.sandbox.cin7.receive(sku, PLACE, Decimal(5))
        house.stock_pass()
        assert told(house, sku)["decision"] == "a rise of 5 waits for a second reading"
        assert "on the way" not in told(house, sku)


def test_a_list_that_nobody_knows_is_answered_with_those_that_are_known(engine, clock):
    with shop(engine, clock) as house, pytest.raises(ConfigurationError, match="inventory-uk"):
        told(house, "TENT", "no-such-list")


def test_it_is_a_command(engine: Engine, clock: ManualClock, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with shop(engine, clock) as house:
        sku = scarce(house, 3)
        clock.sleep(timedelta(minutes=1).total_seconds())
        environment = sandbox_environment(house.orders.url) | {
            "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
            "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        }
        done = CliRunner().invoke(main, ["stock", "explain", LIST, sku], env=environment)
    assert done.exit_code == 0, done.output
    assert "3 for sale" in done.output
