"""The ledger room."""

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import (
    events_are_untampered,
    nothing_missing_or_doubled,
    payouts_agree,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.margin_assets import gross_margin
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.schedules import (
    read_payouts,
    read_payouts_regularly,
    reconcile_day,
    reconcile_regularly,
    weigh_margins,
    weigh_margins_regularly,
)

defs = dg.Definitions(
    assets=[order_ledger, payouts, gross_margin],
    asset_checks=[
        totals_and_tax_agree,
        nothing_missing_or_doubled,
        postings_sum_to_zero,
        payouts_agree,
        events_are_untampered,
        margins_plausible,
    ],
    jobs=[reconcile_day, read_payouts, weigh_margins],
    schedules=[reconcile_regularly, read_payouts_regularly, weigh_margins_regularly],
)
