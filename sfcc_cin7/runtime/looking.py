"""Looks without a run: a sensor evaluates checks in its own tick.

Starting a run costs seconds of a processor. A look that mostly finds nothing to do is a few
queries, so it is made in the tick, and only what changed is written down.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.partitions import todays
from sfcc_cin7.runtime.readable import can_be_read, of_the_latest
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7.values.problems import ConfigurationError

EVERY = timedelta(seconds=60)
"""How often it is looked."""
TOLD_EVERY = timedelta(minutes=5)
"""How often it is written down although nothing changed: what is older is not green any more."""
KEPT = 2 * TOLD_EVERY
"""How old a verdict may be that a lane says every few minutes, before it is said here."""

Event = dg.AssetMaterialization | dg.AssetCheckEvaluation


@dataclass(frozen=True)
class Shown:
    """An asset that is brought up to date in the tick too, by a few queries: every `TOLD_EVERY`,
    and when one of its checks says something else."""

    asset: dg.AssetsDefinition
    metadata: Callable[[Merchant, Store], Mapping[str, Any]]


@dataclass(frozen=True)
class NoRun:
    """What a check is given as its context where there is no run; it is about today, as the lanes
    are."""

    instance: dg.DagsterInstance
    now: datetime

    @property
    def run(self) -> "NoRun":
        return self

    @property
    def tags(self) -> Mapping[str, str]:
        return {"dagster/partition": todays(self.now)[-1]} if todays(self.now) else {}

    @property
    def partition_key_range(self) -> dg.PartitionKeyRange:
        keys = todays(self.now)
        return dg.PartitionKeyRange(keys[0], keys[-1])


class Memory:
    """What was written down, and when; between two ticks it is the sensor's cursor."""

    def __init__(self, cursor: str | None, now: datetime) -> None:
        self._now = now
        self._known: dict[str, tuple[str, str]] = json.loads(cursor) if cursor else {}

    def is_new(self, name: str, said: str) -> bool:
        """Whether something else is said now, or it was not written down for a while."""
        before, at = self._known.get(name, ("", None))
        if said == before and at and self._now < datetime.fromisoformat(at) + TOLD_EVERY:
            return False
        self._known[name] = (said, self._now.isoformat())
        return True

    @property
    def cursor(self) -> str:
        """For the next tick."""
        return json.dumps(self._known)


def look_regularly(
    name: str,
    description: str,
    checks: Sequence[dg.AssetChecksDefinition],
    shown: Sequence[Shown] = (),
    kept: Sequence[dg.AssetChecksDefinition] = (),
) -> dg.SensorDefinition:
    """A sensor that shows assets and evaluates checks without a run.

    `kept` are checks that a lane evaluates: here only where the UI does not show what it said.
    """

    @dg.sensor(
        name=name,
        minimum_interval_seconds=int(EVERY.total_seconds()),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    @when_armed
    def look(
        context: dg.SensorEvaluationContext, merchant: Merchant, store: Store
    ) -> dg.SensorResult:
        return looked(context, merchant, store, checks, shown, kept)

    return look


def looked(
    context: dg.SensorEvaluationContext,
    merchant: Merchant,
    store: Store,
    checks: Sequence[dg.AssetChecksDefinition],
    shown: Sequence[Shown] = (),
    kept: Sequence[dg.AssetChecksDefinition] = (),
) -> dg.SensorResult:
    """What one tick has to write down."""
    now = store.clock.now()
    memory = Memory(context.cursor, now)
    all_said = [_evaluated(check, context.instance, merchant, store) for check in checks]
    new = {said.asset_check_key for said in all_said if memory.is_new(said.check_name, _gist(said))}
    events: list[Event] = []
    for each in shown:
        due = memory.is_new(each.asset.key.to_user_string(), "shown")
        if due or each.asset.key in {key.asset_key for key in new}:
            metadata = each.metadata(merchant, store)
            events.append(dg.AssetMaterialization(each.asset.key, metadata=metadata))
    fresh = {event.asset_key for event in events}  # said in this tick, so its checks belong to it
    for check, said in zip(checks, all_said, strict=True):
        if said.asset_check_key in new or not _is_shown(context.instance, check, now):
            aimed = said if said.asset_key in fresh else of_the_latest(context.instance, said)
            events.append(aimed)
    events += [
        of_the_latest(context.instance, _evaluated(check, context.instance, merchant, store))
        for check in kept
        if not _is_shown(context.instance, check, now)
    ]
    return dg.SensorResult(asset_events=events, cursor=memory.cursor)


def _gist(said: dg.AssetCheckEvaluation) -> str:
    """What makes it something else: the verdict and whole numbers; ages and seconds always move."""
    counts = [
        f"{name}: {shown.value}"
        for name, shown in said.metadata.items()
        if isinstance(shown, dg.IntMetadataValue)
    ]
    return f"{said.passed} {said.severity.value} {', '.join(counts)}"


def _is_shown(instance: dg.DagsterInstance, check: dg.AssetChecksDefinition, now: datetime) -> bool:
    [key] = check.check_keys
    return can_be_read(instance, key, now - KEPT)


def _evaluated(
    check: dg.AssetChecksDefinition,
    instance: dg.DagsterInstance,
    merchant: Merchant,
    store: Store,
) -> dg.AssetCheckEvaluation:
    """A check that cannot be evaluated has not passed."""
    try:
        context = NoRun(instance, store.clock.now())
        return evaluated(check, context=context, merchant=merchant, store=store)
    except ConfigurationError as error:
        [spec] = check.check_specs
        return dg.AssetCheckEvaluation(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=False,
            description=f"The operating model cannot be read: {error}",
        )
