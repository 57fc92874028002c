"""The settlement reports of gateways, in the columns that they document.

Stripe: payout reconciliation, itemised
(https://docs.stripe.com/reports/report-types/payout-reconciliation). Adyen: settlement details
(https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/
settlement-details-report). PayPal: settlement report, version 9
(https://developer.paypal.com/docs/reports/sftp-reports/settlement-report/).
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Movement:
    """Money that moves at a gateway: `gross` is the shopper's, `credited` (before the fee) and
    `fee` are in the currency of the payout, for which the shopper's was changed at `rate`."""

    gateway: str
    kind: str
    key: str
    reference: str
    order_no: str
    currency: str
    gross: Decimal
    payout_currency: str
    rate: Decimal
    fee: Decimal
    credited: Decimal
    at: datetime

    @property
    def net(self) -> Decimal:
        return self.credited - self.fee


Write = Callable[[Sequence[Movement], int, datetime, Decimal], dict[str, str]]
"""Movements, the number of the payout, its time, and by how much it is short."""

STRIPE_COLUMNS = (
    "automatic_payout_id",
    "automatic_payout_effective_at_utc",
    "automatic_payout_effective_at",
    "balance_transaction_id",
    "created_utc",
    "created",
    "available_on_utc",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "customer_facing_amount",
    "customer_facing_currency",
    "automatic_payout_currency",
    "charge_id",
    "payment_intent_id",
    "payment_method_type",
    "payment_metadata[order_no]",
)
STRIPE_CATEGORIES = {
    "charge": "charge",
    "refund": "refund",
    "refund-failed": "refund_failure",
    "chargeback": "dispute",
    "dispute-won": "dispute_reversal",
    "adjustment": "other_adjustment",
}


def stripe(
    movements: Sequence[Movement], number: int, now: datetime, short: Decimal
) -> dict[str, str]:
    """One payout for each currency, its lines, and a line for the transfer."""
    rows = []
    stamp = f"{now:%Y-%m-%d %H:%M:%S}"
    for currency in sorted({each.payout_currency for each in movements}):
        payout = f"po_{currency.lower()}{number:08d}"
        mine = [each for each in movements if each.payout_currency == currency]
        for each in mine:
            created = f"{each.at:%Y-%m-%d %H:%M:%S}"
            rows.append(
                [payout, stamp, stamp, f"txn_{each.key}", created, created, stamp, stamp,
                 currency.lower(), each.credited, each.fee, each.net,
                 STRIPE_CATEGORIES[each.kind], f"ch_{each.reference}", f"Order {each.order_no}",
                 each.gross, each.currency.lower(), currency.lower(), f"ch_{each.reference}",
                 each.reference, "card", each.order_no]
            )  # fmt: skip
        sent = sum((each.net for each in mine), Decimal(0)) - short
        rows.append(
            [payout, stamp, stamp, f"txn_{payout}", stamp, stamp, stamp, stamp, currency.lower(),
             -sent, 0, -sent, "payout", payout, "STRIPE PAYOUT", "", "", currency.lower(), "", "",
             "", ""]
        )  # fmt: skip
    return {f"payout_reconciliation.itemized-{number:05d}.csv": _csv(STRIPE_COLUMNS, rows)}


ADYEN_COLUMNS = (
    "Company Account",
    "Merchant Account",
    "Psp Reference",
    "Merchant Reference",
    "Payment Method",
    "Creation Date",
    "TimeZone",
    "Type",
    "Modification Reference",
    "Gross Currency",
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Exchange Rate",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    "Commission (NC)",
    "Markup (NC)",
    "Scheme Fees (NC)",
    "Interchange (NC)",
    "Payment Method Variant",
    "Modification Merchant Reference",
    "Batch Number",
    "Reserved4",
    "Reserved5",
    "Reserved6",
    "Reserved7",
    "Reserved8",
    "Reserved9",
    "Reserved10",
)
ADYEN_TYPES = {
    "charge": "Settled",
    "refund": "Refunded",
    "refund-failed": "RefundedReversed",
    "chargeback": "Chargeback",
    "dispute-won": "ChargebackReversed",
    "adjustment": "DepositCorrection",
}


def adyen(
    movements: Sequence[Movement], number: int, now: datetime, short: Decimal
) -> dict[str, str]:
    """One batch; the currencies of its payouts each have a MerchantPayout row."""
    rows = []
    merchant = "AlpenglowCOM"
    for each in movements:
        gross = _two_columns(each.gross)
        net = _two_columns(each.net)
        rows.append(
            ["Alpenglow", merchant, each.reference, each.order_no, "visa",
             f"{each.at:%Y-%m-%d %H:%M:%S}", "UTC", ADYEN_TYPES[each.kind], each.key,
             each.currency, *gross, each.rate, each.payout_currency, *net, each.fee, "", "", "",
             "visacredit", "", number, *[""] * 7]
        )  # fmt: skip
    for currency in sorted({each.payout_currency for each in movements}):
        nets = [each.net for each in movements if each.payout_currency == currency]
        sent = sum(nets, Decimal(0)) - short
        rows.append(
            ["Alpenglow", merchant, "", "", "", f"{now:%Y-%m-%d %H:%M:%S}", "UTC",
             "MerchantPayout", f"TX{number:05d}{currency}", "", "", "", "", currency,
             *_two_columns(-sent), "", "", "", "", "", "", number, *[""] * 7]
        )  # fmt: skip
    return {f"settlement_detail_report_batch_{number}.csv": _csv(ADYEN_COLUMNS, rows)}


PAYPAL_COLUMNS = (
    "Transaction ID",
    "Invoice ID",
    "PayPal Reference ID",
    "PayPal Reference ID Type",
    "Transaction Event Code",
    "Transaction Initiation Date",
    "Transaction Completion Date",
    "Transaction Debit or Credit",
    "Gross Transaction Amount",
    "Gross Transaction Currency",
    "Fee Debit or Credit",
    "Fee Amount",
    "Fee Currency",
    "Custom Field",
    "Consumer ID",
    "Payment Tracking ID",
    "Store ID",
    "Bank Reference ID",
    "Credit Transactional Fee",
    "Credit Promotional Fee",
    "Credit Term",
)
PAYPAL_CODES = {
    "charge": "T0006",
    "refund": "T1107",
    "chargeback": "T1201",
    "dispute-won": "T1202",
    "adjustment": "T1200",
}


def paypal(
    movements: Sequence[Movement], number: int, now: datetime, short: Decimal
) -> dict[str, str]:
    """A section for the account, with counts; there is no payout in this report (nor a short one).

    A movement that follows a payment has an id of its own and refers to the payment's.
    """
    del short
    when = f"{now:%Y/%m/%d %H:%M:%S} +0000"
    body = []
    for each in movements:
        first = each.kind == "charge"
        debit = "CR" if each.gross >= 0 else "DR"
        at = f"{each.at:%Y/%m/%d %H:%M:%S} +0000"
        duplicate = first and not each.key.endswith("-1")
        own = each.reference if first and not duplicate else each.key
        fee = ["DR" if each.fee >= 0 else "CR", _hundredths(each.fee), each.currency]
        body.append(
            ["SB", own, each.order_no, "" if first else each.reference, "" if first else "TXN",
             PAYPAL_CODES[each.kind], at, at, debit, _hundredths(each.gross),
             each.currency, *(fee if each.fee else ["", "", ""]), "", "CONSUMER", "", "", "", "",
             "", ""]
        )  # fmt: skip
    rows = [
        ["RH", when, "A", "ALPENGLOW", "009"],
        ["FH", "01"],
        ["SH", when, when, "ALPENGLOW", ""],
        ["CH", *PAYPAL_COLUMNS],
        *body,
        ["SC", len(body)],
        *_paypal_totals(movements),
        ["RC", len(body)],
        ["FF", len(body)],
    ]
    return {f"STL-{now.astimezone(UTC):%Y%m%d}.{number:05d}.009.CSV": _csv(None, rows)}


def _paypal_totals(movements: Sequence[Movement]) -> Iterator[list[object]]:
    """A report footer for each currency: gross in and out, fees in and out."""
    for currency in sorted({each.currency for each in movements}):
        own = [each for each in movements if each.currency == currency]
        gross_in = sum((each.gross for each in own if each.gross >= 0), Decimal(0))
        gross_out = sum((each.gross for each in own if each.gross < 0), Decimal(0))
        fees_in = sum((each.fee for each in own if each.fee < 0), Decimal(0))
        fees_out = sum((each.fee for each in own if each.fee >= 0), Decimal(0))
        totals = (gross_in, gross_out, fees_in, fees_out)
        yield ["RF", currency, *(_hundredths(total) for total in totals)]


FORMS: dict[str, Write] = {"stripe": stripe, "adyen": adyen, "paypal": paypal}


def _two_columns(amount: Decimal) -> tuple[object, object]:
    """Debit and credit."""
    return ("", amount) if amount >= 0 else (-amount, "")


def _hundredths(amount: Decimal) -> int:
    """Of yen too: "100,00 yen and $100.00 USD are both represented as 10000"."""
    return int(abs(amount) * 100)


def _csv(header: Sequence[str] | None, rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
