"""What must be true of the order lane at any time."""

from typing import Any

import dagster as dg

from sfcc_cin7.orders.assets import cin7_sales
from sfcc_cin7.resources import Merchant, Store
from sfcc_cin7.store.orders import backlog


@dg.asset_check(
    asset=cin7_sales,
    description="No order that could be posted waits longer than the operating model allows.",
)
def stalled_posting(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    allowed = merchant.model().posting.stalled_after_seconds
    now = store.clock.now()
    with store.engine.connect() as connection:
        waiting = backlog(connection, now)
    age = (now - waiting.oldest).total_seconds() if waiting.oldest else 0.0
    metadata: dict[str, Any] = {
        "orders waiting": waiting.waiting,
        "oldest (seconds)": round(age, 1),
        "allowed (seconds)": allowed,
        "runbook": dg.MetadataValue.path("docs/runbooks/stalled_posting.md"),
    }
    return dg.AssetCheckResult(
        passed=age <= allowed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            "Every order that can be posted has been."
            if age <= allowed
            else f"{waiting.waiting} orders wait, the oldest for {age:.0f} s: see whether the ERP"
            " answers, whether `new_orders` is running, and the last run of `post_orders`."
        ),
        metadata=metadata,
    )
