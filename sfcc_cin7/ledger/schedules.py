"""When the books are brought up to date."""

from datetime import UTC, timedelta

import dagster as dg

from sfcc_cin7.lanes import is_running, lane_tags
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.partitions import days

reconcile_day = dg.define_asset_job(
    "reconcile_day",
    selection=dg.AssetSelection.assets(order_ledger),
    executor_def=dg.in_process_executor,
    tags=lane_tags("reconcile"),
    description="Brings the books of a day up to date and says where the systems disagree.",
)


@dg.schedule(
    job=reconcile_day,
    cron_schedule="*/2 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reconcile_regularly(
    context: dg.ScheduleEvaluationContext,
) -> list[dg.RunRequest] | dg.SkipReason:
    """Today every two minutes, and yesterday too in the first hour of a day."""
    if is_running(context.instance, reconcile_day.name):
        return dg.SkipReason("The books are being brought up to date.")
    now = context.scheduled_execution_time.astimezone(UTC)
    wanted = [now - timedelta(days=1), now] if now.hour == 0 else [now]
    first = days.get_first_partition_key() or ""
    keys = [f"{day:%Y-%m-%d}" for day in wanted]
    return [
        dg.RunRequest(run_key=f"{key} at {now.isoformat()}", partition_key=key)
        for key in keys
        if key >= first
    ]
