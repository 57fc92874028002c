"""What a shopper has in the basket, before the storefront has done any arithmetic.

Money is in the site's currency; unit and certificate prices contain tax where the site's taxation
is gross. Discounts are positive amounts off the whole line, order or shipping charge.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sfcc_cin7_sandbox.merchant.world import Rounding

TaxMode = Literal["default", "adjusted-price"]
Told = Literal["amount", "zero", "nothing"]
DIGITS = {"GBP": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""Decimal places of each currency, as the storefront prints it."""


def quantum(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return Decimal(1).scaleb(-DIGITS[currency])


@dataclass(frozen=True)
class Promotion:
    """One discount; `amount` is positive and already in whole minor units."""

    id: str
    amount: Decimal
    kind: Literal["amount", "percentage", "free", "bonus", "fixed_price"] = "amount"
    percentage: Decimal | None = None
    coupon: str | None = None


@dataclass(frozen=True)
class Option:
    """A separately priced extra of a line; there are as many as the line has units."""

    option_id: str
    value_id: str
    product_id: str
    name: str
    unit_price: Decimal
    discounts: tuple[Promotion, ...] = ()


@dataclass(frozen=True)
class Item:
    """One line. `bundled` are (product id, name, quantity) without money of their own."""

    product_id: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal
    discounts: tuple[Promotion, ...] = ()
    options: tuple[Option, ...] = ()
    bundled: tuple[tuple[str, str, Decimal], ...] = ()
    bonus: bool = False
    surcharge: Decimal | None = None
    shipment: str = "me"
    gift_message: str | None = None


@dataclass(frozen=True)
class Address:
    """Where a person lives."""

    first_name: str
    last_name: str
    address1: str
    city: str
    postal_code: str
    country_code: str
    state_code: str | None = None
    address2: str | None = None
    company: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One shipment: an address, a method and its price."""

    address: Address
    price: Decimal
    rate: Decimal
    method: str = "standard"
    discounts: tuple[Promotion, ...] = ()
    id: str = "me"


@dataclass(frozen=True)
class Certificate:
    """A gift certificate bought with this order; it carries no tax."""

    amount: Decimal
    recipient_name: str
    recipient_email: str
    message: str
    shipment: str = "me"


@dataclass(frozen=True)
class Payment:
    """A means of payment. `limit` is the most it pays (a certificate's balance); None: the rest.

    `told` is what the order says of the amount: providers outside the platform may leave it at zero
    or unsaid.
    """

    method: str
    limit: Decimal | None = None
    card: str | None = None
    certificate_code: str | None = None
    told: Told = "amount"


@dataclass(frozen=True)
class Basket:
    """A checkout, ready to be priced. `token` makes the ids inside the order unique.

    `customer_no` may be a guest's as well; `customer_id` is the same for every order of a
    registered customer, and the order's own (None) for a guest.
    """

    site_id: str
    currency: str
    taxation: Literal["net", "gross"]
    tax_mode: TaxMode
    token: str
    email: str
    customer_no: str | None
    locale: str
    billing: Address
    items: tuple[Item, ...]
    deliveries: tuple[Delivery, ...]
    payments: tuple[Payment, ...]
    order_discounts: tuple[Promotion, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    customer_id: str | None = None
    rounding: Rounding = "line"
