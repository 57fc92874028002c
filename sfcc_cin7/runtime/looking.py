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
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7.values.problems import ConfigurationError

EVERY = timedelta(seconds=60)
"""How often it is looked."""
TOLD_EVERY = timedelta(minutes=5)
"""How often it is written down although nothing changed: what is older is not green any more."""

Event = dg.AssetMaterialization | dg.AssetCheckEvaluation


@dataclass(frozen=True)
class Shown:
    """An asset that is brought up to date in the tick too, by a few queries, every `TOLD_EVERY`."""

    asset: dg.AssetsDefinition
    metadata: Callable[[Merchant, Store], Mapping[str, Any]]


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
) -> dg.SensorDefinition:
    """A sensor that shows assets and evaluates checks without a run."""

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
        return looked(context, merchant, store, checks, shown)

    return look


def looked(
    context: dg.SensorEvaluationContext,
    merchant: Merchant,
    store: Store,
    checks: Sequence[dg.AssetChecksDefinition],
    shown: Sequence[Shown] = (),
) -> dg.SensorResult:
    """What one tick has to write down."""
    memory = Memory(context.cursor, store.clock.now())
    events: list[Event] = []
    for each in shown:
        if memory.is_new(each.asset.key.to_user_string(), "shown"):
            metadata = each.metadata(merchant, store)
            events.append(dg.AssetMaterialization(each.asset.key, metadata=metadata))
    for check in checks:
        said = _evaluated(check, context, merchant, store)
        if memory.is_new(said.check_name, f"{said.passed} {said.severity.value}"):
            events.append(said)
    return dg.SensorResult(asset_events=events, cursor=memory.cursor)


def _evaluated(
    check: dg.AssetChecksDefinition,
    context: dg.SensorEvaluationContext,
    merchant: Merchant,
    store: Store,
) -> dg.AssetCheckEvaluation:
    """A check that cannot be evaluated has not passed."""
    try:
        return evaluated(check, context=context, merchant=merchant, store=store)
    except ConfigurationError as error:
        [spec] = check.check_specs
        return dg.AssetCheckEvaluation(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=False,
            description=f"The operating model cannot be read: {error}",
        )
