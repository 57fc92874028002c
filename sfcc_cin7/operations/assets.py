"""The ERP's call budget, and which lane used how much of it."""

from datetime import timedelta
from typing import Any, get_args

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.operations.usage import Share, shares
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.resources import Store
from sfcc_cin7.runtime.tables import Cell, kept_in, table
from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.cin7.usage import forget_usage, usage_between

OWNER = "team:order-desk"
KEPT = timedelta(days=1)
PERIODS = {
    "last minute": timedelta(minutes=1),
    "last 15 minutes": timedelta(minutes=15),
    "last hour": timedelta(hours=1),
}
LANES: tuple[str, ...] = get_args(Purpose)
COLUMNS = ("lane", "calls", "refused", "budget")


@brands.asset(
    group_name="operations",
    owners=[OWNER],
    kinds={"cin7", "postgres"},
    metadata=kept_in(schema.call_usage),
    description=(
        "How the ERP's call limit (60 calls in any 60 seconds) was used, lane by lane, as the call"
        " governor counted it. A budget is the whole account, or one API application where"
        " `calls.limit_scope` says that the limit holds for each. Orders come first; stock has a"
        " small reserve where both share a budget. Minutes older than a day are forgotten."
    ),
)
def cin7_calls(store: Store) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=calls_used(store))


def calls_used(store: Store) -> dict[str, Any]:
    """What is shown of the calls; minutes older than a day are forgotten."""
    end = store.clock.now().replace(second=0, microsecond=0)  # whole minutes only
    with store.engine.begin() as connection:
        forget_usage(connection, end - KEPT)
        used = {
            name: shares(usage_between(connection, end - period, end), LANES)
            for name, period in PERIODS.items()
        }
    quarter = used["last 15 minutes"]
    figures = {
        f"{lane}: calls a minute": round(_calls(quarter, lane) / 15, 2)
        for lane in LANES
        if _calls(used["last hour"], lane)
    }
    return {
        "calls a minute": round(sum(row.calls for row in quarter) / 15, 2),
        "refused in 15 minutes": sum(row.refused for row in quarter),
        **figures,
        **{name: table(COLUMNS, map(_share, rows)) for name, rows in used.items()},
    }


def _calls(rows: list[Share], lane: str) -> int:
    return sum(row.calls for row in rows if row.lane == lane)


def _share(row: Share) -> tuple[Cell, ...]:
    return (row.lane, f"{row.calls:,} ({row.percent} %)", row.refused, row.budget)
