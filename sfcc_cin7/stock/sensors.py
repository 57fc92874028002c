"""What is looked at without a run: whether Cin7 tells when stock moves, and what checks say."""

import dagster as dg

from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.looking import look_regularly
from sfcc_cin7.runtime.resources import Erp, Store
from sfcc_cin7.runtime.settings import hooks
from sfcc_cin7.stock.checks import (
    inventory_drift,
    nothing_oversold,
    snapshot_believed,
    stock_webhook_active,
)
from sfcc_cin7.stock.reading.subscription import ensure_subscription
from sfcc_cin7.stock.trail.checks import documents_followed


@dg.sensor(
    minimum_interval_seconds=120,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Looks at the webhook every two minutes, where one is configured, and puts back what Cin7"
        " switched off; `stock_webhook_active` tells when nobody could look for ten minutes."
    ),
)
@when_armed
def watch_stock_webhook(store: Store, erp: Erp) -> dg.SkipReason:
    settings = hooks()
    if settings is None:
        return dg.SkipReason("SFCC_CIN7_HOOKS_URL is not set: stock is found by reading alone.")
    found = ensure_subscription(store.engine, erp.client("stock-up"), settings, store.clock).found
    return dg.SkipReason(f"The webhook was {found}.")


watch_stock = look_regularly(
    "watch_stock",
    "Says again what the checks of stock say, where a run hides it or no lane says it.",
    [documents_followed],
    kept=[snapshot_believed, stock_webhook_active, inventory_drift, nothing_oversold],
)
