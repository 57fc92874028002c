"""A storefront order as values: what the Orders API returns, with every figure a Decimal.

Amounts are in the order's currency. `amount` of a priced element is its whole price before
adjustments as the order's taxation counts it: without tax when it is net, with tax when gross
(Salesforce Commerce API, Orders, schema Order). What is personal is left out of every `repr`, so
that a log or a traceback cannot show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.tax_shares import Taxation


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What every priced element of an order states, before its adjustments.

    `base` is the price of one unit, or the whole of an adjustment, in the order's taxation.
    """

    base: Decimal
    net: Decimal
    gross: Decimal
    tax: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Adjustment(Priced):
    """A discount (negative) or surcharge (positive) on a line, option, shipping item or order."""

    price_book: str
    """The price book whose price it gives (its type is `price_book_price`); empty for others."""


@dataclass(frozen=True, kw_only=True)
class Adjustable(Priced):
    """A priced element together with the adjustments on it."""

    adjustments: tuple[Adjustment, ...]

    @property
    def adjusted_amount(self) -> Decimal:
        """The whole price after the element's own adjustments."""
        return self.amount + sum((adjustment.base for adjustment in self.adjustments), ZERO)

    @property
    def adjusted_tax(self) -> Decimal:
        """The tax after the element's own adjustments."""
        return self.tax + sum((adjustment.tax for adjustment in self.adjustments), ZERO)


@dataclass(frozen=True, kw_only=True)
class TaxItem:
    """What one authority takes of a line's tax; `rate` is a share."""

    rate: Decimal
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Option(Adjustable):
    """A separately priced extra that depends on a line, such as gift wrapping."""

    option_id: str
    value_id: str
    product_id: str
    tax_basis: Decimal


@dataclass(frozen=True, kw_only=True)
class BundledProduct:
    """A component of a bundle; the money is on the bundle's own line.

    `quantity` is that of the whole line: two kits of three mugs hold six. Zero when the storefront
    does not state it.
    """

    product_id: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class Line(Adjustable):
    """One product line. `rate` is a share, 0.2 is 20 %, and None where none can be read: tax
    services write what they like there, so no figure rests on it. `taxes` says how the line's tax
    is made up, where the storefront does.

    `after_item` is the whole line after its own adjustments, `after_order` also after its share of
    the order's; both without the options and in the order's taxation.
    """

    id: str
    """The item's own id; empty when the storefront gives none."""
    product_id: str
    quantity: Decimal
    rate: Decimal | None
    taxes: tuple[TaxItem, ...] = ()
    shipment_id: str
    after_item: Decimal
    after_order: Decimal
    options: tuple[Option, ...]
    bundled: tuple[BundledProduct, ...]
    bonus: bool
    gift_message: str = field(repr=False)
    custom: Mapping[str, object] = field(repr=False, compare=False)
    """The custom attributes (`c_`) that the merchant's code adds, by name."""


@dataclass(frozen=True, kw_only=True)
class ShippingItem(Adjustable):
    """What is charged for shipping a shipment, or the surcharge of one product in it."""

    id: str
    kind: str
    rate: Decimal | None
    shipment_id: str
    after_item: Decimal


@dataclass(frozen=True, kw_only=True)
class GiftCertificate(Priced):
    """A gift certificate that was bought (one that was spent is a payment)."""

    id: str
    shipment_id: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Address:
    """A postal address; parts that the shopper left out are empty."""

    name: str
    company: str
    line1: str
    line2: str
    city: str
    state: str
    postcode: str
    country: str
    phone: str

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not any(vars(self).values())


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One parcel's destination and the totals that the storefront states for it, if it does.

    `collected` when the shopper fetches it, from `store` where the storefront names one.
    """

    id: str
    method: str
    address: Address
    collected: bool
    store: str
    gift_message: str = field(repr=False)
    product_total: Decimal | None
    tax_total: Decimal | None


@dataclass(frozen=True, kw_only=True)
class PaymentInstrument:
    """A means of payment of an order; `amount` is None when the storefront does not know it.

    `currency` is what the amount is in; empty, as it mostly is, means the order's.
    `transaction_id` is what the gateway calls the payment; empty when the storefront does not say.
    """

    id: str
    method: str
    amount: Decimal | None
    currency: str
    transaction_id: str

    def stated_in(self, currency: str) -> Decimal | None:
        """What it says it pays in the order's currency; an amount in another one says nothing."""
        return self.amount if self.currency in ("", currency) else None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One storefront order. `placed_at` is the placement time, else the creation time, in UTC;
    `created_at` and `modified_at` are None when the storefront does not say them."""

    number: str
    site: str
    status: str
    currency: str
    taxation: Taxation
    placed_at: datetime
    created_at: datetime | None
    modified_at: datetime | None
    customer_name: str = field(repr=False)
    customer_email: str = field(repr=False)
    customer_no: str = field(repr=False)
    registered: bool
    """Whether the shopper has an account: only where the storefront says that this is no guest."""
    customer_reference: str = field(repr=False)
    billing: Address
    lines: tuple[Line, ...]
    shipping_items: tuple[ShippingItem, ...]
    gift_certificates: tuple[GiftCertificate, ...]
    adjustments: tuple[Adjustment, ...]
    shipments: tuple[Shipment, ...]
    payments: tuple[PaymentInstrument, ...]
    product_sub_total: Decimal
    product_total: Decimal
    shipping_total: Decimal
    merchandise_tax: Decimal
    """Tax on products after all adjustments (adjustedMerchandizeTotalTax)."""
    shipping_tax: Decimal
    """Tax on shipping after its adjustments (adjustedShippingTotalTax)."""
    tax_total: Decimal
    total: Decimal

    @property
    def options(self) -> tuple[Option, ...]:
        """The options of all lines, in the lines' sequence."""
        return tuple(option for line in self.lines for option in line.options)
