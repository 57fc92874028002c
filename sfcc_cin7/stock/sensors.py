"""Sees to it that Cin7 tells when stock moves, without a run: it is one call."""

import dagster as dg

from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.resources import Erp, Store
from sfcc_cin7.runtime.settings import hooks
from sfcc_cin7.stock.reading.subscription import ensure_subscription


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
