"""When the books are brought up to date."""

import os
from datetime import UTC, timedelta

import dagster as dg

from sfcc_cin7.lanes import is_running, lane_tags
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.margin_assets import gross_margin
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.partitions import days
from sfcc_cin7.settings import PAYOUTS

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


read_payouts = dg.define_asset_job(
    "read_payouts",
    selection=dg.AssetSelection.assets(payouts),
    executor_def=dg.in_process_executor,
    tags=lane_tags("payouts"),
    description="Reads the settlement reports that are new.",
)


@dg.schedule(
    job=read_payouts,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def read_payouts_regularly(
    context: dg.ScheduleEvaluationContext,
) -> dg.RunRequest | dg.SkipReason:
    """Every five minutes, where the environment says where reports lie."""
    if not os.environ.get(PAYOUTS):
        return dg.SkipReason(f"{PAYOUTS} names no folder or address of settlement reports.")
    if is_running(context.instance, read_payouts.name):
        return dg.SkipReason("Settlement reports are being read.")
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())


weigh_margins = dg.define_asset_job(
    "weigh_margins",
    selection=dg.AssetSelection.assets(gross_margin),
    executor_def=dg.in_process_executor,
    tags=lane_tags("margins"),
    description="Works out the gross margin of the orders that changed.",
)


@dg.schedule(
    job=weigh_margins,
    cron_schedule="4-59/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weigh_margins_regularly(
    context: dg.ScheduleEvaluationContext,
) -> dg.RunRequest | dg.SkipReason:
    """Every five minutes, beside the passes of the ledger."""
    if is_running(context.instance, weigh_margins.name):
        return dg.SkipReason("Margins are being worked out.")
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())
