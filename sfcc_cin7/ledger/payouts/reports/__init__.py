"""Settlement reports of payment gateways, each brought into the same lines."""

from collections.abc import Mapping
from typing import Protocol

from sfcc_cin7.ledger.payouts.reports import adyen, mapped, normalised, paypal, stripe
from sfcc_cin7.ledger.payouts.reports.lines import Layout, Report


class Reader(Protocol):
    """What a text says, in the merchant's layout. Raises UnusableReport."""

    def __call__(self, text: str, layout: Layout = ...) -> Report: ...


READERS: Mapping[str, Reader] = {
    "stripe": stripe.read,
    "adyen": adyen.read,
    "paypal": paypal.read,
    "normalised": normalised.read,
    "columns": mapped.read,
}
"""By the `report` of a gateway's policy."""
