"""Which brand this process works for, and what Dagster calls its things.

All brands of a deployment share one Dagster: each is a code location of its own, and whatever is
found by its name across locations carries the brand's: assets by a prefix of their keys, jobs,
lanes and pools by a prefix of their names. The first brand has none, so that its history stays.
Schedules and sensors need none: Dagster knows them by their location.
"""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from sfcc_cin7.runtime.places import brand

BRAND = brand()
"""Of this process: Dagster's definitions are made when they are imported."""


def named(name: str) -> str:
    """The brand's own name for a job, a lane or a pool."""
    return f"{BRAND}_{name}" if BRAND else name


def key(name: str) -> dg.AssetKey:
    """The brand's asset of this name."""
    return dg.AssetKey([BRAND, name] if BRAND else [name])


def asset(
    *, deps: Sequence[str | dg.AssetsDefinition] = (), pool: str | None = None, **given: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Dagster's decorator of the same name, for an asset of the brand; so are its `deps`."""
    made: Callable[[Callable[..., Any]], dg.AssetsDefinition] = dg.asset(
        key_prefix=[BRAND] if BRAND else None,
        deps=[key(each) if isinstance(each, str) else each for each in deps],
        pool=named(pool) if pool else None,
        **given,
    )
    return made


def job(**given: Any) -> Callable[[Callable[..., Any]], dg.JobDefinition]:
    """Dagster's decorator of the same name, for a job of the brand."""

    def made(steps: Callable[..., Any]) -> dg.JobDefinition:
        decorated: dg.JobDefinition = dg.job(name=named(steps.__name__), **given)(steps)
        return decorated

    return made


def asset_job(name: str, **given: Any) -> Any:
    """Dagster's `define_asset_job`, for a job of the brand."""
    return dg.define_asset_job(named(name), **given)
