"""The ledger room."""

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.bank_assets import bank_statements
from sfcc_cin7.ledger.books import books, books_agree
from sfcc_cin7.ledger.checks import (
    events_are_untampered,
    nothing_missing_or_doubled,
    payouts_agree,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.close_assets import (
    deferred_revenue,
    gateway_roll_forward,
    gift_certificate_liability,
    margin_by_month,
    tax_by_place,
)
from sfcc_cin7.ledger.close_checks import bank_agrees, clearing_explained, closed_months_stand
from sfcc_cin7.ledger.close_jobs import close_month, reopen_month, report_month
from sfcc_cin7.ledger.goods_check import goods_agree
from sfcc_cin7.ledger.journal_assets import journal_exports
from sfcc_cin7.ledger.margin_assets import gross_margin
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.resident import keep_books, keep_books_regularly
from sfcc_cin7.ledger.sensors import watch_books
from sfcc_cin7.ledger.tax_checks import tax_rules_agree

defs = dg.Definitions(
    assets=[
        order_ledger,
        books,
        payouts,
        journal_exports,
        bank_statements,
        gross_margin,
        gateway_roll_forward,
        tax_by_place,
        gift_certificate_liability,
        deferred_revenue,
        margin_by_month,
    ],
    asset_checks=[
        totals_and_tax_agree,
        tax_rules_agree,
        goods_agree,
        nothing_missing_or_doubled,
        postings_sum_to_zero,
        payouts_agree,
        bank_agrees,
        clearing_explained,
        closed_months_stand,
        events_are_untampered,
        books_agree,
        margins_plausible,
    ],
    jobs=[keep_books, close_month, reopen_month, report_month],
    schedules=[keep_books_regularly],
    sensors=[watch_books],
)
