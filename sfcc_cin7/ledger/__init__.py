"""Storefront, ERP and gateways beside each other: postings, breaks, payouts and margins."""

from sfcc_cin7.ledger.payouts.summary import confirm, summary
from sfcc_cin7.ledger.records.margins import sums

__all__ = ["confirm", "summary", "sums"]
