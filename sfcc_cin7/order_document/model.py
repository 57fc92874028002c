"""A storefront order as values: what the Orders API returns, with every figure a Decimal.

Amounts are in the order's currency. `amount` of a priced element is its whole price before
adjustments as the order's taxation counts it: without tax when it is net, with tax when gross
(Salesforce Commerce API, Orders, schema Order). What is personal is left out of every `repr`, so
that a log or a traceback cannot show it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypedDict, TypeVar, cast

from sfcc_cin7.order_document.fields import Fields, MalformedOrder
from sfcc_cin7.order_document.reason import Reason

__all__ = ["MalformedOrder", "Order", "Reason", "parse_order"]

Taxation = Literal["net", "gross"]
NOTHING = Decimal(0)


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


@dataclass(frozen=True, kw_only=True)
class Adjustable(Priced):
    """A priced element together with the adjustments on it."""

    adjustments: tuple[Adjustment, ...]

    @property
    def adjusted_amount(self) -> Decimal:
        """The whole price after the element's own adjustments."""
        return self.amount + sum((adjustment.base for adjustment in self.adjustments), NOTHING)

    @property
    def adjusted_tax(self) -> Decimal:
        """The tax after the element's own adjustments."""
        return self.tax + sum((adjustment.tax for adjustment in self.adjustments), NOTHING)


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

    `quantity` is that of the whole line: two kits of three mugs hold six.
    """

    product_id: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class Line(Adjustable):
    """One product line. `rate` is a share: 0.2 is 20 %.

    `after_item` is the whole line after its own adjustments, `after_order` also after its share of
    the order's; both without the options and in the order's taxation.
    """

    id: str
    """The item's own id; empty when the storefront gives none."""
    product_id: str
    quantity: Decimal
    rate: Decimal
    shipment_id: str
    after_item: Decimal
    after_order: Decimal
    options: tuple[Option, ...]
    bundled: tuple[BundledProduct, ...]
    bonus: bool
    gift_message: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ShippingItem(Adjustable):
    """What is charged for shipping a shipment, or the surcharge of one product in it."""

    id: str
    kind: str
    rate: Decimal
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


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One parcel's destination and the totals that the storefront states for it, if it does."""

    id: str
    method: str
    address: Address
    gift_message: str = field(repr=False)
    product_total: Decimal | None
    tax_total: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment instrument; `amount` is None when the storefront does not know it."""

    id: str
    method: str
    amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One storefront order. `placed_at` is the placement time, else the creation time, in UTC."""

    number: str
    site: str
    status: str
    currency: str
    taxation: Taxation
    placed_at: datetime
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
    payments: tuple[Payment, ...]
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


def parse_order(document: object) -> Order:
    """The order in a document of the Orders API whose numbers were read as Decimal.

    Raises:
        MalformedOrder: a field that the money or the identity of the order rests on is missing, or
            a field is not of its type; fields that an order can be read without may be absent.
    """
    order = Fields(document)
    taxation = cast(Taxation, order.choice("taxation", ("net", "gross")))
    customer = order.part("customerInfo")
    return Order(
        number=order.text("orderNo"),
        site=order.text("siteId"),
        status=order.text("status"),
        currency=order.text("currency"),
        taxation=taxation,
        placed_at=order.instant("placeDate" if order.has("placeDate") else "creationDate"),
        customer_name=customer.text("customerName", ""),
        customer_email=customer.text("email", ""),
        customer_no=customer.text("customerNo", ""),
        registered=customer.has("guest") and not customer.flag("guest"),
        customer_reference=order.text("customerOrderReference", ""),
        billing=_address(order.part("billingAddress")),
        lines=_each(order, "productItems", lambda item: _line(item, taxation)),
        shipping_items=_each(order, "shippingItems", lambda item: _shipping(item, taxation)),
        gift_certificates=_each(
            order, "giftCertificateItems", lambda item: _gift_certificate(item, taxation)
        ),
        adjustments=_adjustments(order, "orderPriceAdjustments", taxation),
        shipments=_each(order, "shipments", _shipment),
        payments=tuple(
            _payment(item, position)
            for position, item in enumerate(order.parts("paymentInstruments"), start=1)
        ),
        product_sub_total=order.number("productSubTotal"),
        product_total=order.number("productTotal"),
        shipping_total=order.number("shippingTotal"),
        merchandise_tax=order.number("adjustedMerchandizeTotalTax"),
        shipping_tax=order.number("adjustedShippingTotalTax"),
        tax_total=order.number("taxTotal"),
        total=order.number("orderTotal"),
    )


_Item = TypeVar("_Item")


def _each(fields: Fields, name: str, read: Callable[[Fields], _Item]) -> tuple[_Item, ...]:
    return tuple(read(item) for item in fields.parts(name))


class _Prices(TypedDict):
    base: Decimal
    net: Decimal
    gross: Decimal
    tax: Decimal
    amount: Decimal


def _prices(item: Fields, taxation: Taxation) -> _Prices:
    net, gross = item.number("netPrice"), item.number("grossPrice")
    amount = net if taxation == "net" else gross
    return {
        "base": item.number("basePrice", amount),
        "net": net,
        "gross": gross,
        "tax": item.number("tax"),
        "amount": amount,
    }


def _adjustments(fields: Fields, name: str, taxation: Taxation) -> tuple[Adjustment, ...]:
    return _each(fields, name, lambda item: Adjustment(**_prices(item, taxation)))


def _line(item: Fields, taxation: Taxation) -> Line:
    prices = _prices(item, taxation)
    adjustments = _adjustments(item, "priceAdjustments", taxation)
    after_item = item.number(
        "priceAfterItemDiscount",
        prices["amount"] + sum((adjustment.base for adjustment in adjustments), NOTHING),
    )
    return Line(
        **prices,
        adjustments=adjustments,
        id=item.text("itemId", ""),
        product_id=item.text("productId"),
        quantity=item.quantity("quantity"),
        rate=item.quantity("taxRate"),
        shipment_id=item.text("shipmentId", "me"),
        after_item=after_item,
        after_order=item.number("priceAfterOrderDiscount", after_item),
        options=_each(item, "optionItems", lambda option: _option(option, taxation)),
        bundled=_each(
            item,
            "bundledProductItems",
            lambda component: BundledProduct(
                product_id=component.text("productId"), quantity=component.quantity("quantity")
            ),
        ),
        bonus=item.flag("bonusProductLineItem"),
        gift_message=item.text("giftMessage", ""),
    )


def _option(item: Fields, taxation: Taxation) -> Option:
    prices = _prices(item, taxation)
    return Option(
        **prices,
        adjustments=_adjustments(item, "priceAdjustments", taxation),
        option_id=item.text("optionId", ""),
        value_id=item.text("optionValueId", ""),
        product_id=item.text("productId"),
        tax_basis=item.number("taxBasis", prices["amount"]),
    )


def _shipping(item: Fields, taxation: Taxation) -> ShippingItem:
    prices = _prices(item, taxation)
    adjustments = _adjustments(item, "priceAdjustments", taxation)
    return ShippingItem(
        **prices,
        adjustments=adjustments,
        id=item.text("itemId", ""),
        kind=item.text("type", "fixed_price"),
        rate=item.quantity("taxRate"),
        shipment_id=item.text("shipmentId", "me"),
        after_item=item.number(
            "priceAfterItemDiscount",
            prices["amount"] + sum((adjustment.base for adjustment in adjustments), NOTHING),
        ),
    )


def _gift_certificate(item: Fields, taxation: Taxation) -> GiftCertificate:
    return GiftCertificate(
        **_prices(item, taxation),
        id=item.text("giftCertificateItemId", ""),
        shipment_id=item.text("shipmentId", "me"),
    )


def _shipment(item: Fields) -> Shipment:
    return Shipment(
        id=item.text("shipmentId"),
        method=item.part("shippingMethod").text("id", ""),
        address=_address(item.part("shippingAddress")),
        gift_message=item.text("giftMessage", ""),
        product_total=item.number("productTotal") if item.has("productTotal") else None,
        tax_total=item.number("taxTotal") if item.has("taxTotal") else None,
    )


def _payment(item: Fields, position: int) -> Payment:
    transaction = item.part("paymentTransaction")
    return Payment(
        id=item.text("paymentInstrumentId", str(position)),
        method=item.text("paymentMethodId", ""),
        amount=transaction.number("amount") if transaction.has("amount") else None,
    )


def _address(item: Fields) -> Address:
    names = (item.text("firstName", ""), item.text("lastName", ""))
    first_line = (item.text("address1", ""), item.text("suite", ""))
    return Address(
        name=item.text("fullName", "") or " ".join(part for part in names if part),
        company=item.text("companyName", ""),
        line1=", ".join(part for part in first_line if part),
        line2=item.text("address2", "") or item.text("postBox", ""),
        city=item.text("city", ""),
        state=item.text("stateCode", ""),
        postcode=item.text("postalCode", ""),
        country=item.text("countryCode", ""),
        phone=item.text("phone", ""),
    )
