"""Adyen's settlement details report.

Columns and types: https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/
settlement-details-report. Amounts are in major units, each in a debit and a credit column;
`Gross ... (GC)` is the shopper's currency, `Net ... (NC)` the payout's, and the fee is the sum of
`Commission (NC)`, `Markup (NC)`, `Scheme Fees (NC)` and `Interchange (NC)` (an account is billed
either by commission or by the other three). `Merchant Reference` is what the storefront gave with
the payment: its order number. A row of type `MerchantPayout` is the transfer to the bank of its
batch; a batch without one whose lines do not come to nothing is not complete yet.

A type may end with `Externally` or `WithInfo` (settled outside, told to Adyen): it is the same kind
of movement. Rows of the account itself (Balancetransfer, DepositCorrection, reserves) have no PSP
reference: they are movements of the balance.

Not certain: the report has no key of a row. `Modification Reference` is unique for a change of a
payment, so type, references, batch and the row's place among equal ones make the key. Dates are in
the account's zone, which `TimeZone` names. Fees that are credits are taken to be negative in their
columns.
"""

import re
from collections import Counter
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Layout,
    Line,
    Report,
    Transfer,
    adds_up,
    currency,
    in_doubt,
    standing_of,
)
from sfcc_cin7.ledger.payouts.reports.sheet import Row, table
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
AMOUNTS = (
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Net Debit (NC)",
    "Net Credit (NC)",
    *FEES,
)
KINDS: dict[str, Kind] = {
    "Settled": "charge",
    "SettledReversed": "charge",
    "Refunded": "refund",
    "RefundedReversed": "refund",
    "Chargeback": "chargeback",
    "SecondChargeback": "chargeback",
    "ChargebackReversed": "chargeback",
    "Fee": "fee",
    "MiscCosts": "fee",
    "InvoiceDeduction": "fee",
    "PaymentCost": "fee",
    "PaidOut": "payment",
    "PaidOutReversed": "payment",
}
"""Every other type is an adjustment of its payment, or moves the balance if it names none."""
SPELT = {name.casefold(): kind for name, kind in KINDS.items()}
ELSEWHERE = re.compile(r"(Externally)?(WithInfo)?$", re.IGNORECASE)
PAYOUT = "merchantpayout"


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of a report.

    Raises:
        UnusableReport: it is not such a report, or was cut.
    """
    lines: list[Line] = []
    transfers: list[Transfer] = []
    seen: Counter[tuple[str, ...]] = Counter()
    doubtful: list[int] = []
    paid_out: set[tuple[object, ...]] = set()
    for row in table(text, REQUIRED, AMOUNTS):
        for column in ("Type", "Merchant Account", "Batch Number"):
            if not row[column]:
                raise row.refuse(column, "nothing is there")
        payout = f"{row['Merchant Account']}/{row['Batch Number']}"
        if not row["Net Credit (NC)"] and not row["Net Debit (NC)"]:
            raise row.refuse("Net Credit (NC)", "neither a debit nor a credit is there")
        net = row.amount("Net Credit (NC)") - row.amount("Net Debit (NC)")
        settled = currency(row, "Net Currency" if row["Net Currency"] else "Gross Currency")
        at = instant(
            row, "Creation Date", row["TimeZone"], zone_column="TimeZone", first=layout.dates
        )
        names = (row["Type"], row["Psp Reference"], row["Modification Reference"], payout)
        seen[names] += 1
        key = "/".join((*names, str(seen[names])))
        if row["Type"].casefold() == PAYOUT:
            if (names, net, at) in paid_out:
                raise row.refuse("Type", "this payout stands twice (is the file in it twice?)")
            paid_out.add((names, net, at))
            transfers.append(Transfer(payout, settled, -net, at, key))
            continue
        kind = _kind(row)
        fee = sum((row.amount(name) for name in FEES), ZERO)
        lines.append(
            Line(
                key=key,
                kind=kind,
                payment_reference=row["Psp Reference"],
                merchant_reference=layout.order_number(row, row["Merchant Reference"]),
                currency=currency(row, "Gross Currency") if row["Gross Currency"] else settled,
                gross=_gross(row, kind, net, fee),
                settled_currency=settled,
                fee=-net if kind == "fee" else fee,
                net=net,
                occurred_at=at,
                payout_id=payout,
                other_references=layout.references(row, row["Modification Reference"]),
            )
        )
        if not adds_up(lines[-1]):
            doubtful.append(row.line)
    told = standing_of(lines, transfers, always=True)
    return Report(lines, transfers, *in_doubt(*told, doubtful))


def _kind(row: Row) -> Kind:
    known = SPELT.get(ELSEWHERE.sub("", row["Type"]).casefold())
    return known or ("adjustment" if row["Psp Reference"] else "balance")


def _gross(row: Row, kind: Kind, net: Decimal, fee: Decimal) -> Decimal:
    """Rows of the account itself state no gross."""
    if kind == "fee":
        return ZERO
    if kind == "balance" and not row["Gross Currency"]:
        return net + fee
    return row.amount("Gross Credit (GC)") - row.amount("Gross Debit (GC)")
