"""Nothing acts by accident: unarmed, schedules and sensors start no run and look at nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from sfcc_cin7.definitions import defs
from sfcc_cin7.runtime.arming import ARMED, UNARMED, armed
from sfcc_cin7.runtime.places import OURS

LOCATION = defs.get_repository_def()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 3, 15, tzinfo=UTC)


UNTOUCHED: dict[str, object] = dict.fromkeys(LOCATION.get_top_level_resources(), object())
"""Resources of which nobody can ask anything."""


@pytest.fixture(scope="module")
def instance() -> Iterator[Any]:
    """Where every asset was just materialized, so that whatever follows one has something to do."""
    with dg.DagsterInstance.ephemeral() as instance:
        for key in LOCATION.assets_defs_by_key:
            instance.report_runless_asset_event(dg.AssetMaterialization(key))
        yield instance


@pytest.fixture(autouse=True)
def _unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ARMED, raising=False)


@pytest.mark.parametrize("at", [NOON, NIGHT])
@pytest.mark.parametrize("schedule", LOCATION.schedule_defs, ids=lambda each: each.name)
def test_no_schedule_acts_unarmed(instance: Any, schedule: Any, at: datetime) -> None:
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=at,
        repository_def=LOCATION,
        resources=UNTOUCHED,
    )
    tick = schedule.evaluate_tick(context)
    assert (list(tick.run_requests or []), tick.skip_message) == ([], UNARMED)


@pytest.mark.parametrize("sensor", LOCATION.sensor_defs, ids=lambda each: each.name)
def test_no_sensor_acts_unarmed(instance: Any, sensor: Any) -> None:
    context = dg.build_sensor_context(
        instance=instance, repository_def=LOCATION, resources=UNTOUCHED
    )
    tick = sensor.evaluate_tick(context)
    assert (list(tick.run_requests or []), tick.skip_message) == ([], UNARMED)
    assert not tick.dynamic_partitions_requests
    assert not tick.asset_events


def test_nothing_is_materialized_by_a_condition_which_nobody_could_disarm() -> None:
    """Dagster itself evaluates conditions, so they would not ask `when_armed`."""
    conditions = [
        key
        for assets in LOCATION.assets_defs_by_key.values()
        for key, condition in assets.automation_conditions_by_key.items()
        if condition is not None
    ]
    assert conditions == []


def test_every_schedule_and_sensor_is_walked() -> None:
    assert len(LOCATION.schedule_defs) > 8
    assert len(LOCATION.sensor_defs) > 6


@pytest.mark.parametrize("value", ["", "0", "true", "yes", "no", "2"])
def test_only_a_one_arms(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(ARMED, value)
    assert not armed()
    monkeypatch.setenv(ARMED, "1")
    assert armed()


def test_the_sentence_says_how_to_arm() -> None:
    assert ARMED.startswith(OURS)
    assert f"set {ARMED}=1" in UNARMED
