"""When stock is read and published: every minute."""

import dagster as dg

from sfcc_cin7.lanes import is_running, lane_tags
from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory

stock_delta = dg.define_asset_job(
    "stock_delta",
    selection=dg.AssetSelection.assets(cin7_stock, sfcc_inventory),
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock"),
    description="Reads the ERP's stock and tells the storefront what changed.",
)


@dg.schedule(
    job=stock_delta,
    cron_schedule="* * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def stock_every_minute(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every minute, unless the last pass still runs."""
    if is_running(context.instance, stock_delta.name):
        return dg.SkipReason("The stock is being published.")
    return dg.RunRequest()
