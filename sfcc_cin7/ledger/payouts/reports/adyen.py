"""Adyen's settlement details report.

Columns and types: https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/
settlement-details-report. Amounts are in major units with a decimal point, each in a debit and a
credit column; `Gross ... (GC)` is the shopper's currency, `Net ... (NC)` the payout's, and the fee
is the sum of `Commission (NC)`, `Markup (NC)`, `Scheme Fees (NC)` and `Interchange (NC)` (an
account is billed either by commission or by the other three). `Merchant Reference` is what the
storefront gave with the payment: its order number. A row of type `MerchantPayout` is the transfer
to the bank of its batch.

Not certain: the report has no key of a row. `Modification Reference` is unique for a change of a
payment, so type, references, batch and the row's place among equal ones make the key. Dates are in
the account's zone, which `TimeZone` names: summer and winter names of samples are read (CEST, BST),
else the name is looked up in the IANA database, and what neither knows is taken as UTC.
Fees that are credits are taken to be negative in their columns.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

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
    "Merchant Account",
    "Psp Reference",
    "Merchant Reference",
    "Creation Date",
    "TimeZone",
    "Type",
    "Modification Reference",
    "Gross Currency",
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    "Batch Number",
)
FEES = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
KINDS: dict[str, Kind] = {
    "Settled": "charge",
    "SettledReversed": "charge",
    "Refunded": "refund",
    "RefundedReversed": "refund",
    "Chargeback": "chargeback",
    "SecondChargeback": "chargeback",
    "ChargebackReversed": "chargeback",
    "ChargebackReversedExternallyWithInfo": "chargeback",
    "Fee": "fee",
    "MiscCosts": "fee",
    "InvoiceDeduction": "fee",
}
"""Every other type (corrections, deposits, transfers between accounts) is an adjustment."""
PAYOUT = "MerchantPayout"
HOURS = {"CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7, "BST": 1}
"""Abbreviations say whether it is summer; IANA's own CET would follow the clocks."""


def read(text: str) -> Report:
    """The lines of a report.

    Raises:
        UnusableReport: it is not such a report.
    """
    lines: list[Line] = []
    transfers: list[Transfer] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows(text, REQUIRED):
        payout = f"{row['Merchant Account']}/{row['Batch Number']}"
        net = amount(row, "Net Credit (NC)") - amount(row, "Net Debit (NC)")
        settled = currency(row, "Net Currency" if row["Net Currency"] else "Gross Currency")
        if row["Type"] == PAYOUT:
            transfers.append(Transfer(payout, settled, -net, _when(row)))
            continue
        kind = KINDS.get(row["Type"], "adjustment")
        names = (row["Type"], row["Psp Reference"], row["Modification Reference"], payout)
        seen[names] += 1
        gross = amount(row, "Gross Credit (GC)") - amount(row, "Gross Debit (GC)")
        fee = sum((amount(row, name) for name in FEES), ZERO)
        lines.append(
            Line(
                key="/".join((*names, str(seen[names]))),
                kind=kind,
                payment_reference=row["Psp Reference"],
                merchant_reference=row["Merchant Reference"],
                currency=currency(row, "Gross Currency") if row["Gross Currency"] else settled,
                gross=ZERO if kind == "fee" else gross,
                settled_currency=settled,
                fee=-net if kind == "fee" else fee,
                net=net,
                occurred_at=_when(row),
                payout_id=payout,
            )
        )
    return Report(lines, transfers)


def _when(row: dict[str, str]) -> datetime:
    wall_clock = instant(row, "Creation Date").replace(tzinfo=_zone(row["TimeZone"]))
    return wall_clock.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    if name in HOURS:
        return timezone(timedelta(hours=HOURS[name]))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return UTC
