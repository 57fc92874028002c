"""When the call budget is looked at: every five minutes."""

import dagster as dg

from sfcc_cin7.lanes import lane_tags
from sfcc_cin7.operations.assets import cin7_calls

count_calls = dg.define_asset_job(
    "count_calls",
    selection=dg.AssetSelection.assets(cin7_calls),
    executor_def=dg.in_process_executor,
    tags=lane_tags("operations"),
    description="Shows which lane used how much of the ERP's call limit, and who else did.",
)
count_calls_regularly = dg.ScheduleDefinition(
    job=count_calls,
    cron_schedule="*/5 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
