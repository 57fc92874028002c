"""The ledger room."""

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.books import books, books_agree
from sfcc_cin7.ledger.checks import (
    events_are_untampered,
    nothing_missing_or_doubled,
    payouts_agree,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.journal_assets import journal_exports
from sfcc_cin7.ledger.margin_assets import gross_margin
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.resident import keep_books, keep_books_regularly
from sfcc_cin7.ledger.sensors import watch_books
from sfcc_cin7.ledger.tax_checks import tax_rules_agree

defs = dg.Definitions(
    assets=[order_ledger, books, payouts, journal_exports, gross_margin],
    asset_checks=[
        totals_and_tax_agree,
        tax_rules_agree,
        nothing_missing_or_doubled,
        postings_sum_to_zero,
        payouts_agree,
        events_are_untampered,
        books_agree,
        margins_plausible,
    ],
    jobs=[keep_books],
    schedules=[keep_books_regularly],
    sensors=[watch_books],
)
