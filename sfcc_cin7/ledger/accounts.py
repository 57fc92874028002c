"""The chart of accounts: what each account of the books holds, in the words of finance.

Debits are positive, credits negative. Accounts of a gateway have its name at their end; money that
no gateway settles (an invoice, a transfer by the shopper) is due from `others`.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["asset", "liability", "income", "expense", "equity"]

DUE_FROM, CLEARING = "due from", "clearing"
BANK, FEES, ROUNDING = "bank", "fees", "rounding"
REFUNDS_PAID, REFUNDS_CREDITED, DISPUTES = "refunds paid", "refunds credited", "disputes"
RESERVES, PAYMENTS = "reserves and balance transfers", "payments made"
CURRENCY, ADJUSTMENTS = "currency gain and loss", "adjustments"
CERTIFICATES = "gift-certificate liability"
REVENUE, TAX_CHARGED = "storefront revenue", "tax charged"
ERP_RECEIVABLE, ERP_REVENUE, TAX_BOOKED = "ERP receivable", "ERP revenue", "tax booked"
WRITE_OFFS = "write-offs"
OTHERS = "others"


@dataclass(frozen=True)
class Account:
    """`of_gateway`: there is one for each gateway, with its name at the end."""

    name: str
    kind: Kind
    holds: str
    of_gateway: bool = False


CHART = (
    Account(DUE_FROM, "asset", "captured by the storefront, not settled yet", of_gateway=True),
    Account(CLEARING, "asset", "settled by the gateway, not sent to the bank yet", of_gateway=True),
    Account(BANK, "asset", "what gateways sent to the bank, on the day that they state"),
    Account(RESERVES, "asset", "held back or moved between balances by a gateway"),
    Account(FEES, "expense", "what gateways keep, without tax or with it as they state it"),
    Account(DISPUTES, "expense", "taken by disputes, less what came back of them"),
    Account(REFUNDS_PAID, "expense", "given back to shoppers by gateways"),
    Account(PAYMENTS, "expense", "paid to others out of a gateway's balance"),
    Account(ADJUSTMENTS, "expense", "what a gateway states and no payment explains"),
    Account(CURRENCY, "income", "both sides of each conversion; at the rates of the day, its gain"),
    Account(ROUNDING, "expense", "parts of the smallest coin, and the ERP's rounding charges"),
    Account(CERTIFICATES, "liability", "gift certificates sold, less those that were spent"),
    Account(REVENUE, "income", "captured by the storefront, without tax and certificates"),
    Account(TAX_CHARGED, "liability", "tax that shoppers were charged"),
    Account(ERP_RECEIVABLE, "asset", "booked by the ERP, less what it credits"),
    Account(ERP_REVENUE, "income", "booked by the ERP, without tax and rounding"),
    Account(TAX_BOOKED, "liability", "tax that the ERP booked"),
    Account(REFUNDS_CREDITED, "expense", "credited by the ERP, with tax"),
    Account(WRITE_OFFS, "expense", "money that nobody will get any more, or that nobody asks back"),
)
