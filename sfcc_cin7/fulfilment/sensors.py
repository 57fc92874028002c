"""What is looked at without a run: whether Cin7 tells of sales, and what checks say."""

import dagster as dg

from sfcc_cin7.fulfilment.checks import shipments_told, shipped_on_time
from sfcc_cin7.fulfilment.reading.hooks import ensure_subscriptions
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.looking import look_regularly
from sfcc_cin7.runtime.resources import Erp, Merchant
from sfcc_cin7.runtime.settings import hooks


@dg.sensor(
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Looks every ten minutes, where webhooks are configured and shipments are followed, whether"
        " Cin7 tells what happens to sales, and puts back what it switched off. Without them it is"
        " found by looking."
    ),
)
@when_armed
def watch_sale_webhooks(merchant: Merchant, erp: Erp) -> dg.SkipReason:
    settings = hooks()
    if settings is None:
        return dg.SkipReason("SFCC_CIN7_HOOKS_URL is not set: sales are found by looking alone.")
    if not merchant.model().follows_shipments:
        return dg.SkipReason("No shipments are followed.")
    found = ensure_subscriptions(erp.client("stock-up"), settings)
    told = ", ".join(f"{type_} {each.found}" for type_, each in found.items())
    return dg.SkipReason(f"Webhooks: {told}.")


watch_shipments = look_regularly(
    "watch_shipments",
    "Says again what the checks of shipments say, where a run hides it or no lane says it.",
    [],
    kept=[shipped_on_time, shipments_told],
)
