"""When the day is reported."""

import dagster as dg

from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import lane_tags, regularly

report_the_day = brands.asset_job(
    "report_the_day",
    selection=dg.AssetSelection.assets(operations_report),
    executor_def=dg.in_process_executor,
    tags=lane_tags("reporting"),
    description="The last 24 hours on one page, from the store alone.",
)
report_every_morning = regularly(
    "report_the_day_schedule", report_the_day, "0 6 * * *", description=None
)
