"""Settlement reports of payment gateways, each brought into the same lines."""

from collections.abc import Callable, Mapping

from sfcc_cin7.ledger.payouts.reports import adyen, normalised, paypal, stripe
from sfcc_cin7.ledger.payouts.reports.lines import Report

READERS: Mapping[str, Callable[[str], Report]] = {
    "stripe": stripe.read,
    "adyen": adyen.read,
    "paypal": paypal.read,
    "normalised": normalised.read,
}
"""By the `report` of a gateway's policy; each takes a file's text and raises UnusableReport."""
