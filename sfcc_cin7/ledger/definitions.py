"""The ledger room."""

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import (
    nothing_missing_or_doubled,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.schedules import reconcile_day, reconcile_regularly

defs = dg.Definitions(
    assets=[order_ledger],
    asset_checks=[totals_and_tax_agree, nothing_missing_or_doubled, postings_sum_to_zero],
    jobs=[reconcile_day],
    schedules=[reconcile_regularly],
)
