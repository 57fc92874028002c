"""The operations room: what the lanes share."""

import dagster as dg

from sfcc_cin7.operations.assets import cin7_calls
from sfcc_cin7.operations.checks import call_budget
from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.operations.lane_checks import lanes_on_time
from sfcc_cin7.operations.pruning import prune_runs, prune_runs_nightly
from sfcc_cin7.operations.schedules import report_every_morning, report_the_day
from sfcc_cin7.operations.sensors import count_calls

defs = dg.Definitions(
    assets=[cin7_calls, operations_report],
    asset_checks=[call_budget, lanes_on_time],
    jobs=[report_the_day, prune_runs],
    schedules=[report_every_morning, prune_runs_nightly],
    sensors=[count_calls],
)
