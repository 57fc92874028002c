"""Tells Dagster what a resident run did to an asset: as if the asset had been materialized."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from sfcc_cin7.runtime.readable import can_be_read, of_the_latest


def evaluated(check: dg.AssetChecksDefinition, **given: object) -> dg.AssetCheckEvaluation:
    """What a check says now, outside a run of its own.

    `given` are the resources (and the `context`, of which a check may want the instance) by the
    names of its parameters; what it does not ask for is left out. Called by Dagster's own way the
    resources would be made anew.
    """
    body = inspect.unwrap(check.node_def)
    wanted = inspect.signature(body).parameters
    return evaluation(check, body(**{name: given[name] for name in wanted}))


def evaluation(
    check: dg.AssetChecksDefinition, result: dg.AssetCheckResult
) -> dg.AssetCheckEvaluation:
    """A check's result as an event."""
    [spec] = check.check_specs
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.passed,
        metadata=result.metadata,
        severity=result.severity,
        description=result.description,
        blocking=spec.blocking,
    )


def tell(
    context: dg.OpExecutionContext,
    asset: dg.AssetsDefinition,
    metadata: Mapping[str, Any],
    evaluations: Iterable[dg.AssetCheckEvaluation] = (),
    partition: str | None = None,
) -> None:
    """An asset was brought up to date (`partition`: a day of it), and what its checks say then."""
    told = dg.AssetMaterialization(asset.key, metadata=metadata, partition=partition)
    context.log_event(told)
    say(context, evaluations)


def say(context: dg.OpExecutionContext, evaluations: Iterable[dg.AssetCheckEvaluation]) -> None:
    """What checks say now.

    What a run says again replaces its own older record, which is not the last one where somebody
    else said something meanwhile: then it is said without the run too, so that the UI shows it.
    """
    for each in evaluations:
        context.log_event(each)  # type: ignore[arg-type] # it takes them, only says so nowhere
        if not can_be_read(context.instance, each.asset_check_key):
            context.instance.report_runless_asset_event(of_the_latest(context.instance, each))
