"""Storefront, ERP and gateways beside each other: postings, breaks, payouts and margins."""

from sfcc_cin7.ledger.bank.summary import bank_summary
from sfcc_cin7.ledger.payouts.summary import confirm, summary
from sfcc_cin7.ledger.periods.closing import close_month, reopen_month
from sfcc_cin7.ledger.periods.showing import months_shown
from sfcc_cin7.ledger.records.margins import sums

__all__ = [
    "bank_summary",
    "close_month",
    "confirm",
    "months_shown",
    "reopen_month",
    "summary",
    "sums",
]
