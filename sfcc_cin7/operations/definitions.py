"""The operations room: what the lanes share."""

import dagster as dg

from sfcc_cin7.operations.assets import cin7_calls
from sfcc_cin7.operations.checks import call_budget
from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.operations.lane_checks import lanes_on_time
from sfcc_cin7.operations.schedules import (
    count_calls,
    count_calls_regularly,
    report_every_morning,
    report_the_day,
)

defs = dg.Definitions(
    assets=[cin7_calls, operations_report],
    asset_checks=[call_budget, lanes_on_time],
    jobs=[count_calls, report_the_day],
    schedules=[count_calls_regularly, report_every_morning],
)
