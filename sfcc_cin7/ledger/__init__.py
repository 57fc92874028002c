"""Storefront, ERP and gateways beside each other: postings, breaks, payouts and margins."""

from sfcc_cin7.ledger.bank.summary import bank_summary
from sfcc_cin7.ledger.passes.journals import export_again, export_journals
from sfcc_cin7.ledger.payouts.summary import confirm, summary
from sfcc_cin7.ledger.periods.closing import close_month, reopen_month
from sfcc_cin7.ledger.periods.showing import months_shown
from sfcc_cin7.ledger.records.margins import sums
from sfcc_cin7.ledger.work.acting import accept_breaks, match_line, undo, write_breaks_off
from sfcc_cin7.ledger.work.listing import (
    State,
    Wanted,
    as_csv,
    as_spreadsheet,
    decisions_shown,
    listed_breaks,
)
from sfcc_cin7.ledger.work.signing import sign_off, signatures

__all__ = [
    "State",
    "Wanted",
    "accept_breaks",
    "as_csv",
    "as_spreadsheet",
    "bank_summary",
    "close_month",
    "confirm",
    "decisions_shown",
    "export_again",
    "export_journals",
    "listed_breaks",
    "match_line",
    "months_shown",
    "reopen_month",
    "sign_off",
    "signatures",
    "summary",
    "sums",
    "undo",
    "write_breaks_off",
]
