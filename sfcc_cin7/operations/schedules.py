"""When the call budget is looked at, every five minutes, and the day is reported."""

import dagster as dg

from sfcc_cin7.operations.assets import cin7_calls
from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.runtime.lanes import lane_tags, regularly

count_calls = dg.define_asset_job(
    "count_calls",
    selection=dg.AssetSelection.assets(cin7_calls),
    executor_def=dg.in_process_executor,
    tags=lane_tags("operations"),
    description="Shows which lane used how much of the ERP's call limit, and who else did.",
)
count_calls_regularly = regularly(
    "count_calls_schedule", count_calls, "*/5 * * * *", description=None
)

report_the_day = dg.define_asset_job(
    "report_the_day",
    selection=dg.AssetSelection.assets(operations_report),
    executor_def=dg.in_process_executor,
    tags=lane_tags("reporting"),
    description="The last 24 hours on one page, from the store alone.",
)
report_every_morning = regularly(
    "report_the_day_schedule", report_the_day, "0 6 * * *", description=None
)
