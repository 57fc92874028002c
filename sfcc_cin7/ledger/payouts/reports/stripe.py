"""Stripe's itemised reports: payout reconciliation, settlement, balance change, and the Dashboard's
export of the balance.

Columns and meaning: https://docs.stripe.com/reports/report-types/payout-reconciliation and
https://docs.stripe.com/reports/reporting-categories. Amounts are in major units, in the currency of
the balance (`currency`); `customer_facing_amount` and its currency are what the shopper saw. The
default set of columns leaves out `payment_metadata[...]`: ask for `payment_metadata[order_no]` (or
[order_id]) when the run is configured, or name another in `order_columns`, else only the references
of the payment can match. Columns that end in `_utc` are taken first; those without are in the zone
of the run (`time_zone` of the gateway).

An automatic payout names its lines and has a row `payout` (include payouts in the run); without it
the file is not complete yet. Of a manual payout Stripe itself
does not know the lines: each is a transfer of its own. A payout that failed comes back as a row
`payout_reversal`.

Not certain: whether the storefront's transaction id is the charge (ch_...) or the payment intent
(pi_...) depends on the cartridge: either matches. A refund's `customer_facing_amount` is taken to
be negative, like `gross`.
"""

from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Layout,
    Line,
    Report,
    Transfer,
    currency,
    standing_of,
)
from sfcc_cin7.ledger.payouts.reports.sheet import Row, table
from sfcc_cin7.values.money import ZERO

REQUIRED = (
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
)
AMOUNTS = ("gross", "fee", "net", "customer_facing_amount")
SPELT = {
    "balance_transaction_id": ("id",),
    "created_utc": ("Created (UTC)", "created"),
    "gross": ("Amount",),
    "reporting_category": ("Type",),
    "source_id": ("Source",),
    "automatic_payout_id": ("Transfer",),
    "automatic_payout_effective_at_utc": (
        "Transfer Date (UTC)",
        "automatic_payout_effective_at",
    ),
    "customer_facing_amount": ("Customer Facing Amount",),
    "customer_facing_currency": ("Customer Facing Currency",),
}
"""Older forms, and the Dashboard's export. (`created` is in the zone of the run.)"""
KINDS: dict[str, Kind] = {
    "charge": "charge",
    "payment": "charge",
    "charge_failure": "charge",  # a direct debit that came back: less was charged
    "partial_capture_reversal": "adjustment",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "dispute": "chargeback",
    "dispute_reversal": "chargeback",
    "fee": "fee",
    "stripe_fee": "fee",
    "application_fee": "fee",
    "network_cost": "fee",
    "tax": "fee",
    "tax_fee": "fee",
    "topup": "balance",
    "topup_reversal": "balance",
    "reserve_transaction": "balance",
    "reserve_hold": "balance",
    "reserve_release": "balance",
    "risk_reserved_funds": "balance",
    "connect_reserved_funds": "balance",
    "reserved_funds": "balance",
    "advance": "balance",
    "advance_funding": "balance",
    "financing_payout": "balance",
    "financing_paydown": "balance",
    "transfer": "payment",
    "transfer_reversal": "payment",
    "issuing_transaction": "payment",
    "currency_conversion": "conversion",
}
"""Every other category is an adjustment of its payment, or of the balance if it names none."""
PAYOUTS = ("payout", "payout_reversal", "payout_failure", "payout_cancel")
ORDER_COLUMNS = ("payment_metadata[order_no]", "payment_metadata[order_id]")
REFERENCES = ("payment_intent_id", "charge_id", "source_id")


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of a report; a payout is the line of category `payout`, if the run includes it.

    Raises:
        UnusableReport: it is not such a report, or was cut.
    """
    lines: list[Line] = []
    transfers: list[Transfer] = []
    utc = "created_utc" in text or "Created (UTC)" in text
    zone = "UTC" if utc else layout.time_zone
    for row in table(text, REQUIRED, AMOUNTS, SPELT):
        if not row["balance_transaction_id"]:
            raise row.refuse("balance_transaction_id", "nothing is there")
        figures = {name: row.amount(name, needed=True) for name in ("gross", "fee", "net")}
        if figures["gross"] - figures["fee"] != figures["net"]:
            raise row.refuse("net", "gross less fee does not come to it")
        if not row["reporting_category"]:
            raise row.refuse("reporting_category", "nothing is there")
        if row["reporting_category"].casefold() in PAYOUTS:
            transfers.append(_transfer(row, zone, layout))
        else:
            lines.append(_line(row, zone, layout))
    return Report(lines, transfers, *standing_of(lines, transfers, always=True))


def _transfer(row: Row, zone: str, layout: Layout) -> Transfer:
    payout = row.get("automatic_payout_id", "")
    when = "automatic_payout_effective_at_utc"
    return Transfer(
        payout_id=payout or row.first(("source_id", "balance_transaction_id")),
        currency=currency(row, "currency"),
        amount=-row.amount("net"),
        paid_at=instant(row, when if row.get(when) else "created_utc", zone, first=layout.dates),
        key=row["balance_transaction_id"],
        itemised=bool(payout),
    )


def _line(row: Row, zone: str, layout: Layout) -> Line:
    settled = currency(row, "currency")
    references = [row[name] for name in REFERENCES if row.get(name)]
    kind = KINDS.get(row["reporting_category"].casefold()) or (
        "adjustment" if references else "balance"
    )
    shown = row.get("customer_facing_currency", "")
    gross = row.amount("customer_facing_amount") if shown else row.amount("gross")
    return Line(
        key=row["balance_transaction_id"],
        kind=kind,
        payment_reference=references[0] if references else "",
        merchant_reference=layout.order_number(row, row.first(ORDER_COLUMNS)),
        currency=currency(row, "customer_facing_currency") if shown else settled,
        gross=ZERO if kind == "fee" else gross,
        settled_currency=settled,
        fee=-row.amount("net") if kind == "fee" else row.amount("fee"),
        net=row.amount("net"),
        occurred_at=instant(row, "created_utc", zone, first=layout.dates),
        payout_id=row.get("automatic_payout_id", ""),
        other_references=layout.references(row, *references[1:]),
    )
