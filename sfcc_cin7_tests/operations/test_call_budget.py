"""Who used the ERP's call limit is shown, and a stranger on our key is found out."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import call_usage
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations.assets import LANES, cin7_calls
from sfcc_cin7.operations.checks import call_budget
from sfcc_cin7.operations.sensors import count_calls
from sfcc_cin7.operations.usage import shares
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.errors import PerhapsThrottled, Throttled
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
APP = "0123456789ab"


class House:
    """Stands for the merchant and the store; makes calls through the real governor."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock
        self._governor = Governor(engine, clock, patience=0)

    def model(self) -> Any:
        return MODEL

    def call(self, lane: Any, times: int = 1, budget: str = APP) -> None:
        for _ in range(times):
            with self._governor.call(budget, lane):
                pass

    def is_refused(self, lane: Any, budget: str = APP) -> None:
        with pytest.raises(Throttled), self._governor.call(budget, lane):
            raise Throttled("cin7", "GET /me", 429, "You have reached 60 calls per 60 seconds")

    def fails_bare(self, lane: Any) -> None:
        """A 503 without a word."""
        with pytest.raises(PerhapsThrottled), self._governor.call(APP, lane):
            raise PerhapsThrottled("cin7", "GET /me", 503, "")

    def shown(self) -> dict[str, Any]:
        result: Any = cin7_calls(store=self)
        return dict(result.metadata)

    def check(self) -> dg.AssetCheckResult:
        result: Any = call_budget(merchant=self, store=self)
        assert isinstance(result, dg.AssetCheckResult)
        return result


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> House:
    return House(engine, clock)


def rows(table: Any) -> list[tuple[Any, ...]]:
    return [tuple(record.data.values()) for record in table.records]


def test_the_share_of_every_lane_is_shown_for_the_last_minute_quarter_and_hour(house: House):
    house.call("catalogue", 5)
    house.clock.sleep(30 * 60)
    house.call("orders", 6)
    house.call("stock", 2)
    house.call("catalogue", 3, budget="another-app")
    house.clock.sleep(60)
    shown = house.shown()
    assert rows(shown["last minute"]) == [
        ("orders", "6 (75.0 %)", 0, APP),
        ("stock", "2 (25.0 %)", 0, APP),
        ("catalogue", "3 (100.0 %)", 0, "another-app"),
    ]
    assert rows(shown["last hour"])[2] == ("catalogue", "5 (38.5 %)", 0, APP)
    assert shown["calls a minute"] == round(11 / 15, 2)
    assert shown["orders: calls a minute"] == 0.4


def test_a_minute_that_is_not_over_is_not_shown_yet(house: House):
    house.call("orders")
    assert rows(house.shown()["last minute"]) == []


def test_minutes_older_than_a_day_are_forgotten(house: House):
    house.call("orders")
    house.clock.sleep(timedelta(days=1).total_seconds())
    house.call("stock")
    house.clock.sleep(60)
    house.shown()
    with house.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(call_usage)) == 1


def test_calls_within_the_limit_pass_the_check(house: House):
    house.call("orders", 60)
    assert house.check().passed


def test_a_refusal_although_we_kept_the_limit_names_a_stranger_an_owner_and_a_next_step(
    house: House,
):
    house.call("orders", 3)
    house.is_refused("orders")
    result = house.check()
    assert not result.passed
    assert result.description is not None
    assert "no more than 4 on one budget in such a minute: somebody else" in result.description
    assert "together" not in result.description
    assert "team:order-desk: the runbook" in result.description
    runbook: Any = result.metadata["runbook"]
    assert runbook.value.startswith("# call_budget")
    assert rows(result.metadata["minutes"]) == [(APP, "2026-01-01 00:00 GMT", 4, 1, 4)]


def test_two_keys_that_exceed_one_limit_together_name_the_scope_first(house: House):
    """The merchant says `key`, and the ERP counts the account."""
    house.call("stock", 50, budget="another-key-")
    house.call("orders", 11)
    house.is_refused("orders")
    result = house.check()
    assert result.description is not None
    assert (
        "no more than 12 on one budget in such a minute: the ERP counts the calls of all our API"
        " applications together, although calls.limit_scope is key, or somebody else uses our API"
        " application."
    ) in result.description
    assert rows(result.metadata["minutes"]) == [(APP, "2026-01-01 00:00 GMT", 12, 1, 62)]


def test_two_keys_that_together_kept_the_limit_do_not_blame_the_scope(house: House):
    house.call("stock", 40, budget="another-key-")
    house.clock.sleep(4 * 60)  # the calls before no longer count
    house.call("orders", 15)
    house.call("stock", 3, budget="another-key-")
    house.is_refused("orders")
    description = house.check().description
    assert description is not None
    assert "such a minute: somebody else uses our API application." in description


def test_where_the_limit_is_the_accounts_a_stranger_may_have_any_key(house: House):
    account = "account-0123456789ab"
    house.call("stock", 50, budget=account)
    house.is_refused("orders", budget=account)
    description = house.check().description
    assert description is not None
    assert "somebody else calls the account, with whatever API application." in description
    assert "together" not in description


def test_the_check_passes_again_a_quarter_of_an_hour_after_the_last_refusal(house: House):
    house.is_refused("stock")
    house.clock.sleep(15 * 60)
    assert not house.check().passed
    house.clock.sleep(60)
    assert house.check().passed


def test_a_503_that_does_not_speak_of_the_limit_accuses_nobody_of_using_it_up(house: House):
    house.fails_bare("stock")
    house.clock.sleep(60)
    assert house.check().passed
    assert house.check().description == "No call was refused for being too many."


def test_a_lane_that_was_only_refused_has_no_share():
    lane: Any = SimpleNamespace(budget=APP, lane="orders", calls=0, refused=1)
    assert shares([lane], LANES)[0].percent == Decimal(0)


def test_the_sensor_shows_the_calls_and_checks_the_budget_without_a_run(
    house: House, armed: None
) -> None:
    merchant: Any = SimpleNamespace(model=lambda: MODEL)
    store: Any = SimpleNamespace(engine=house.engine, clock=house.clock)
    house.call("orders", 3)
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance)
        result: Any = count_calls(context, merchant=merchant, store=store)
    shown, *said = result.asset_events
    assert shown.asset_key == cin7_calls.key
    assert {one.check_name for one in said} == {"call_budget", "lanes_on_time"}
    assert not result.run_requests
