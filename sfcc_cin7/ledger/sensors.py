"""Sees to it that what the checks of the books say can be read, whatever runs."""

from sfcc_cin7.ledger.books import books_agree
from sfcc_cin7.ledger.checks import (
    events_are_untampered,
    nothing_missing_or_doubled,
    payouts_agree,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.close_checks import bank_agrees, clearing_explained, closed_months_stand
from sfcc_cin7.ledger.goods_check import goods_agree
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.tax_checks import tax_rules_agree
from sfcc_cin7.runtime.looking import look_regularly

watch_books = look_regularly(
    "watch_books",
    "Says again what the checks of the books say, where a run hides it or no lane says it.",
    [],
    kept=[
        totals_and_tax_agree,
        nothing_missing_or_doubled,
        postings_sum_to_zero,
        payouts_agree,
        bank_agrees,
        clearing_explained,
        closed_months_stand,
        events_are_untampered,
        tax_rules_agree,
        goods_agree,
        books_agree,
        margins_plausible,
    ],
)
