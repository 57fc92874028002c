"""Stripe's payout reconciliation report, itemised (report type `payout_reconciliation.itemized`).

Columns and meaning: https://docs.stripe.com/reports/report-types/payout-reconciliation and
https://docs.stripe.com/reports/reporting-categories. Amounts are in major units with a decimal
point, in the currency of the balance (`currency`); `customer_facing_amount` and its currency are
what the shopper saw. The default set of columns leaves out `payment_metadata[...]`: ask for
`payment_metadata[order_no]` (or [order_id]) when the run is configured, else only the reference of
the payment can match.

Not certain: whether the storefront's transaction id is the charge (ch_...) or the payment intent
(pi_...) depends on the cartridge; both columns are read and the one that is there is taken, the
payment intent first. A refund's `customer_facing_amount` is taken to be negative, like `gross`.
"""

from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Line,
    Report,
    Transfer,
    amount,
    currency,
    instant,
    rows,
)
from sfcc_cin7.values.money import ZERO

REQUIRED = (
    "automatic_payout_id",
    "automatic_payout_effective_at_utc",
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
)
KINDS: dict[str, Kind] = {
    "charge": "charge",
    "partial_capture_reversal": "adjustment",
    "refund": "refund",
    "refund_failure": "refund",
    "dispute": "chargeback",
    "dispute_reversal": "chargeback",
    "fee": "fee",
    "network_cost": "fee",
    "tax": "fee",
}
"""Every other category moves money that is no payment of a shopper: an adjustment."""
PAYOUTS = ("payout", "payout_reversal")
ORDER_COLUMNS = ("payment_metadata[order_no]", "payment_metadata[order_id]")


def read(text: str) -> Report:
    """The lines of a report; a payout is the line of category `payout`, if the run includes it.

    Raises:
        UnusableReport: it is not such a report.
    """
    lines: list[Line] = []
    transfers: list[Transfer] = []
    for row in rows(text, REQUIRED):
        settled = currency(row, "currency")
        payout = row["automatic_payout_id"]
        if row["reporting_category"] in PAYOUTS:
            paid_at = instant(row, "automatic_payout_effective_at_utc")
            transfers.append(Transfer(payout, settled, -amount(row, "net"), paid_at))
            continue
        kind = KINDS.get(row["reporting_category"], "adjustment")
        shown = row.get("customer_facing_currency", "")
        gross = amount(row, "customer_facing_amount") if shown else amount(row, "gross")
        lines.append(
            Line(
                key=row["balance_transaction_id"],
                kind=kind,
                payment_reference=row.get("payment_intent_id") or row.get("charge_id", ""),
                merchant_reference=next((row[name] for name in ORDER_COLUMNS if row.get(name)), ""),
                currency=currency(row, "customer_facing_currency") if shown else settled,
                gross=ZERO if kind == "fee" else gross,
                settled_currency=settled,
                fee=-amount(row, "net") if kind == "fee" else amount(row, "fee"),
                net=amount(row, "net"),
                occurred_at=instant(row, "created_utc"),
                payout_id=payout,
            )
        )
    return Report(lines, transfers)
