"""A lane that stops is noticed within minutes, and a house that slept is not scolded for it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time
from sqlalchemy import Engine

from sfcc_cin7.db.failing import forget_failure, save_failure
from sfcc_cin7.definitions import defs
from sfcc_cin7.inbox.listing import inbox
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.lane_checks import lanes_on_time
from sfcc_cin7.operations.routines import LOOKS, awake_since, routines, standing
from sfcc_cin7.runtime.arming import ARMED, UNARMED
from sfcc_cin7.runtime.settings import PAYOUTS
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
LONG = [NOW - FIVE * n for n in range(LOOKS)]
BEGAN = NOW - timedelta(days=30)
BY_NAME = {lane.by: lane for lane in routines(MODEL, payouts=True)}


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_every_lane_is_noticed_within_minutes_but_the_daily_one():
    slow = {lane.by for lane in BY_NAME.values() if lane.late_after > timedelta(minutes=30)}
    assert slow == {"operations_report"}
    assert all(
        lane.late_after >= 2 * lane.every for lane in BY_NAME.values() if lane.by not in slow
    )


def test_a_lane_is_late_when_its_time_is_over_and_not_before():
    ledger = BY_NAME["order_ledger"]
    assert not standing(ledger, minutes_ago(10), LONG, BEGAN, NOW).late
    late = standing(ledger, minutes_ago(13), LONG, BEGAN, NOW)
    assert late.late
    assert (late.expected_by, late.late_by) == (minutes_ago(3), timedelta(minutes=3))


def test_a_lane_that_never_succeeded_is_late_once_the_house_has_been_awake_long_enough():
    ledger = BY_NAME["order_ledger"]
    assert not standing(ledger, None, [NOW, minutes_ago(9)], minutes_ago(9), NOW).late
    looked = [NOW, minutes_ago(5), minutes_ago(11)]
    assert standing(ledger, None, looked, minutes_ago(11), NOW).late
    assert not standing(ledger, None, [], None, NOW).late


def test_a_daily_report_that_never_ran_is_late_a_day_after_the_house_was_installed():
    report = BY_NAME["operations_report"]
    assert not standing(report, None, LONG, minutes_ago(24 * 60), NOW).late
    assert standing(report, None, LONG, minutes_ago(26 * 60), NOW).late


def test_a_lane_that_is_late_by_as_much_again_has_stopped():
    ledger = BY_NAME["order_ledger"]
    slow, still = (standing(ledger, minutes_ago(ago), LONG, BEGAN, NOW) for ago in (19, 21))
    assert (slow.late, slow.stopped) == (True, False)
    assert still.stopped


def test_what_was_missed_asleep_is_not_held_against_a_lane():
    looked = [NOW, NOW - FIVE, NOW - timedelta(hours=9), NOW - timedelta(hours=9) - FIVE]
    assert awake_since(looked) == NOW - FIVE
    assert not standing(BY_NAME["order_ledger"], looked[2], looked, BEGAN, NOW).late
    assert awake_since(LONG) is None
    assert awake_since([]) is None


def test_a_daily_lane_is_late_although_looks_are_not_remembered_for_so_long():
    report = BY_NAME["operations_report"]
    assert not standing(report, minutes_ago(24 * 60), LONG, BEGAN, NOW).late
    assert standing(report, minutes_ago(26 * 60), LONG, BEGAN, NOW).late


def test_lanes_that_a_merchant_does_not_have_are_not_waited_for():
    without = MODEL.model_copy(update={"inventory_lists": []})
    names = {lane.by for lane in routines(without, payouts=False)}
    assert not names & {"cin7_stock", "sfcc_inventory", "payouts"}


def test_every_lane_names_an_asset_that_exists():
    repository = defs.get_repository_def()
    assets = {key.to_user_string() for key in repository.assets_defs_by_key}
    for lane in BY_NAME.values():
        assert lane.by in assets


@pytest.fixture
def instance(armed: None) -> Any:
    with dg.instance_for_test() as found:
        yield found


@pytest.fixture
def check(engine: Engine, instance: Any) -> Callable[[Any], Any]:
    """What the check says at a clock's time."""

    def evaluate(clock: Any) -> Any:
        house: Any = SimpleNamespace(model=lambda: MODEL, clock=clock, engine=engine)
        context = dg.build_asset_check_context(instance=instance)
        return lanes_on_time(context, merchant=house, store=house)

    return evaluate


def materialized(instance: Any, *names: str) -> None:
    for name in names:
        instance.report_runless_asset_event(dg.AssetMaterialization(name))


def test_the_check_names_the_lane_that_stopped_and_whose_it_is(
    instance: Any, check: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PAYOUTS, raising=False)
    clock = ManualClock(datetime.now(UTC))
    materialized(instance, "cin7_calls")
    assert check(clock).passed  # nothing was ever seen, but nobody was there to see it
    running = [lane.by for lane in BY_NAME.values()]
    materialized(instance, *(name for name in running if name != "operations_report"))
    clock = ManualClock(datetime.now(UTC))  # Dagster dates its events by the machine's
    clock.sleep(11 * 60)
    result: Any = check(clock)
    assert not result.passed
    assert re.search(r"reconciling is late by \d+ (s|min) \(team:finance\)", result.description)
    assert "catalogues" not in result.description
    rows = {row.data["lane"]: row.data for row in result.metadata["lanes"].records}
    assert rows["reconciling"]["what to do"].startswith("Assets > order_ledger")
    assert rows["reading both catalogues"]["late by"] == "on time"
    assert rows["receiving orders"]["late by"].endswith("stands still"), "it is late thrice"
    assert "stands still" not in rows["reconciling"]["late by"]
    assert result.severity is dg.AssetCheckSeverity.ERROR

    def waiting() -> set[str]:
        with engine.connect() as connection:
            return {item.subject for item in inbox(connection, MODEL, clock.now())}

    late = {
        f"lane:{lane.by}"
        for lane in BY_NAME.values()
        if lane.name in rows and rows[lane.name]["late by"] != "on time"
    }
    assert "lane:order_ledger" in waiting()
    assert waiting() == late
    materialized(instance, *running)
    check(ManualClock(datetime.now(UTC)))
    assert waiting() == set(), "it closes with the next success"


def test_a_lane_that_tries_in_vain_is_told_with_what_it_was_answered(
    instance: Any, check: Any, engine: Engine
) -> None:
    materialized(instance, "cin7_calls")
    clock = ManualClock(datetime.now(UTC))
    with engine.begin() as connection:
        save_failure(connection, "Reading stock", clock.now(), "cin7 GET /product (403): no")
    clock.sleep(29)
    assert check(clock).passed, "it is tried again first"
    clock.sleep(31)
    result: Any = check(clock)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    since = wording(MODEL).second(clock.now() - timedelta(minutes=1))
    told = f"Reading stock has failed since {since}: cin7 GET /product (403): no"
    assert result.description == told
    with engine.begin() as connection:
        forget_failure(connection, "Reading stock")
    assert check(clock).passed


def test_lanes_that_nobody_armed_are_not_on_time(
    instance: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ARMED)
    materialized(instance, "cin7_calls")
    result: Any = check(ManualClock(datetime.now(UTC)))
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.description == UNARMED


def test_a_daily_report_that_never_ran_fails_the_check_as_a_warning(
    instance: Any, check: Any
) -> None:
    for at in [NOW - timedelta(hours=26), *reversed(LONG)]:
        with freeze_time(at):
            materialized(instance, "cin7_calls")
    result: Any = check(ManualClock(NOW))
    rows = {row.data["lane"]: row.data for row in result.metadata["lanes"].records}
    assert rows["the daily report"]["last success"] == "not seen"
    assert rows["the daily report"]["late by"] == "1 h 0 min", "amber: it does not stand still"
