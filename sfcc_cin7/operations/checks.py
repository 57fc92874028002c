"""Whether the call budget is ours alone."""

import dagster as dg

from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.assets import cin7_calls
from sfcc_cin7.operations.state.business import REFUSALS_SHOW
from sfcc_cin7.operations.usage import suspects
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.systems.cin7.usage import minutes_with_refusals

SHOWN = 10


@dg.asset_check(
    asset=cin7_calls,
    description=(
        "The ERP refused none of our calls for being too many. We never send more than its limit,"
        " so a refusal means that somebody else uses the same budget, or that the ERP counts all"
        " our applications together while `calls.limit_scope` says that it counts each. What to do:"
        " the runbook tells the two apart."
    ),
)
def call_budget(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    since = now.replace(second=0, microsecond=0) - REFUSALS_SHOW
    with store.engine.connect() as connection:
        minutes = minutes_with_refusals(connection, since)
    refused = sum(row.refused for row in minutes)
    busiest = max((row.calls for row in minutes), default=0)
    owner, words = model.owners.orders, wording(model)
    return verdict(
        "call_budget",
        passed=not minutes,
        horizon=seen(model, now, own("calls", now)),
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"The ERP refused {refused} calls in the last 15 minutes although we made no more than"
            f" {busiest} on one budget in such a minute: {', or '.join(suspects(minutes))}."
            f" {owner}: the runbook tells what to do about it."
            if minutes
            else "No call was refused for being too many."
        ),
        metadata={
            "refused": refused,
            "our calls in the busiest such minute": busiest,
            "owner": owner,
            "minutes": table(
                ("budget", "minute", "our calls", "refused", "all our calls, three minutes"),
                (
                    (row.budget, words.instant(row.minute), row.calls, row.refused, row.around)
                    for row in minutes[:SHOWN]
                ),
            ),
        },
    )
