"""The ERP sale that an order becomes, before it is put into Cin7's documents.

Amounts are in the sale's currency and hold tax when the sale is tax inclusive. What is personal is
left out of `repr`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.order_document.model import Address
from sfcc_cin7.values.money import ZERO


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """One SKU; Cin7 allows each SKU on one line only.

    `price` has up to four decimals; `amount` is its extension, to the currency's smallest unit.
    """

    sku: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tax: Decimal
    tax_rule: str
    comment: str


@dataclass(frozen=True, kw_only=True)
class SaleCharge:
    """What is charged and is not a stock product; `description` names a Cin7 Service product."""

    description: str
    amount: Decimal
    tax: Decimal
    tax_rule: str
    comment: str
    rounding: bool = field(default=False, compare=False)
    """Whether it stands for what unit prices cannot hit, and for nothing that was sold."""
    duty: bool = field(default=False, compare=False)
    """Whether the storefront states it as tax, though it is a duty."""


@dataclass(frozen=True, kw_only=True)
class SalePayment:
    """One payment to book; `reference` is unique among all payments of a brand's site."""

    account: str
    amount: Decimal
    reference: str


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A whole sale. `currency_rate` is base currency units for one unit of `currency`."""

    external_id: str
    reference: str
    customer: str
    location: str
    currency: str
    currency_rate: Decimal
    tax_inclusive: bool
    totals_with_tax: bool
    """Whether this Cin7 account wants line totals to hold tax even when prices do not."""
    order_date: datetime
    contact: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    note: str = field(repr=False)
    shipping_notes: str = field(repr=False)
    billing: Address
    shipping: Address
    lines: tuple[SaleLine, ...]
    charges: tuple[SaleCharge, ...]
    payments: tuple[SalePayment, ...]

    @property
    def entries(self) -> tuple[SaleLine | SaleCharge, ...]:
        """Lines, then charges."""
        return self.lines + self.charges

    @property
    def tax(self) -> Decimal:
        """All tax."""
        return sum((entry.tax for entry in self.entries), ZERO)

    @property
    def duty(self) -> Decimal:
        """What the storefront states as tax and the sale charges as duty."""
        return sum((each.amount for each in self.charges if each.duty), ZERO)

    @property
    def total(self) -> Decimal:
        """What the shopper pays."""
        amounts = sum((entry.amount for entry in self.entries), ZERO)
        return amounts if self.tax_inclusive else amounts + self.tax

    @property
    def total_before_tax(self) -> Decimal:
        """What the shopper pays, less tax."""
        return self.total - self.tax

    def stated_total(self, entry: SaleLine | SaleCharge) -> Decimal:
        """What the Total of a line or charge holds in this Cin7 account."""
        if self.totals_with_tax and not self.tax_inclusive:
            return entry.amount + entry.tax
        return entry.amount
