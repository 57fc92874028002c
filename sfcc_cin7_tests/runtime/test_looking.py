"""Looks without a run: what a sensor's tick writes down, and how often."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from sfcc_cin7.runtime.looking import Shown, looked
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError


@dg.asset
def lantern() -> None:
    """Something that is looked at."""


@dg.asset_check(asset=lantern)
def it_burns(store: Any) -> dg.AssetCheckResult:
    if isinstance(store.burns, Exception):
        raise store.burns
    oil = {"oil": store.oil}
    return dg.AssetCheckResult(passed=store.burns, description="We looked.", metadata=oil)


class Watch:
    """A sensor that looks once a minute; `events` are what each tick wrote down."""

    def __init__(self, instance: dg.DagsterInstance, clock: ManualClock) -> None:
        self._instance, self._clock, self._cursor = instance, clock, ""
        self.burns: bool | Exception = True
        self.count, self.oil = 0, 3

    def _metadata(self, _merchant: Any, _store: Any) -> dict[str, Any]:
        self.count += 1
        return {"count": self.count}

    def __call__(self) -> list[Any]:
        self._clock.sleep(60)
        store: Any = SimpleNamespace(burns=self.burns, clock=self._clock, oil=self.oil)
        merchant: Any = SimpleNamespace()
        context = dg.build_sensor_context(self._instance, cursor=self._cursor)
        result = looked(context, merchant, store, [it_burns], [Shown(lantern, self._metadata)])
        assert result.cursor is not None
        self._cursor = result.cursor
        for event in result.asset_events:  # as Dagster's daemon does
            self._instance.report_runless_asset_event(event)
        return list(result.asset_events)


@pytest.fixture
def look(clock: ManualClock) -> Iterator[Watch]:
    with dg.instance_for_test() as instance:
        yield Watch(instance, clock)


def test_a_look_is_written_down_as_the_check_of_its_asset(look: Watch) -> None:
    shown, said = look()
    assert isinstance(shown, dg.AssetMaterialization)
    assert (shown.asset_key, shown.metadata["count"].value) == (lantern.key, 1)
    assert isinstance(said, dg.AssetCheckEvaluation)
    assert (said.asset_key, said.check_name, said.passed) == (lantern.key, "it_burns", True)
    assert (said.description, said.metadata["oil"].value) == ("We looked.", 3)


def test_what_does_not_change_is_written_down_every_five_minutes(look: Watch) -> None:
    assert [len(look()) for _ in range(11)] == [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2]
    assert look.count == 3, "nothing is looked up that is not shown"


def test_what_changes_is_written_down_at_once(look: Watch) -> None:
    look()
    look.burns = False
    _, said = look()
    assert not said.passed
    look.burns = True
    _, said = look()
    assert said.passed
    look.oil = 2
    shown, said = look()
    assert said.metadata["oil"].value == 2, "a figure that moved is no news of five minutes ago"
    assert shown.asset_key == lantern.key, "and its asset shows it too"


def test_a_check_that_cannot_be_evaluated_has_not_passed(look: Watch) -> None:
    look()
    look.burns = ConfigurationError("sites is missing")
    _, said = look()
    assert not said.passed
    assert "sites is missing" in (said.description or "")
