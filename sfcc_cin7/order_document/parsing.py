"""The one reader of an order document of the Orders API.

What is booked is read strictly, what is stored or compared as far as it can be; see `fields`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, TypeVar, cast

from sfcc_cin7.order_document.fields import NO_INSTANT, Fields, LenientFields, MalformedOrder
from sfcc_cin7.order_document.model import (
    Address,
    Adjustment,
    BundledProduct,
    GiftCertificate,
    Line,
    Option,
    Order,
    PaymentInstrument,
    Shipment,
    ShippingItem,
    TaxItem,
)
from sfcc_cin7.values.money import ZERO, digits, is_known
from sfcc_cin7.values.tax_shares import Taxation

__all__ = ["MalformedOrder", "SalvagedOrder", "parse_order", "salvage_order"]

ONE = Decimal(1)
STORE = "c_fromStoreId"
"""The custom attribute by which the reference storefronts (SFRA, PWA Kit) name the store of what is
collected, on its shipment and on its products; older ones mark the shipment `c_shipmentType:
instore`."""


def parse_order(document: object) -> Order:
    """The order in a document of the Orders API whose numbers were read as Decimal.

    Raises:
        MalformedOrder: a field that the money or the identity of the order rests on is missing, or
            a field is not of its type; fields that an order can be read without may be absent.
    """
    return _order(Fields(document))


@dataclass(frozen=True)
class SalvagedOrder:
    """An order as far as its document could be read.

    What could not be read is empty, zero or missing in `order`; `unread` says of which fields, by
    their paths (`productItems[0].tax`), and what is wrong with each.
    """

    order: Order
    unread: Mapping[str, MalformedOrder]

    def trouble(self, *names: str) -> MalformedOrder | None:
        """The first of what could not be read of these fields of the document, or within them."""
        inside = (
            each for path, each in self.unread.items() if path.split(".")[0].split("[")[0] in names
        )
        return next(inside, None)


def salvage_order(document: object, otherwise: datetime = NO_INSTANT) -> SalvagedOrder:
    """What can be read of any document at all, by the rules of `parse_order`. Raises nothing.

    For what stores or compares orders, whether or not they can be booked: `otherwise` stands for a
    placement time that cannot be read.
    """
    fields = LenientFields(document, otherwise=otherwise)
    return SalvagedOrder(_order(fields), fields.unread)


def _order(order: Fields) -> Order:
    taxation = cast(Taxation, order.choice("taxation", ("net", "gross")))
    customer = order.part("customerInfo")
    shipping_items = _each(order, "shippingItems", lambda item: _shipping(item, taxation))
    certificates = _each(
        order, "giftCertificateItems", lambda item: _gift_certificate(item, taxation)
    )
    adjustments = _adjustments(order, "orderPriceAdjustments", taxation)
    # What a shopper was charged for products, in tax and altogether has to be stated. Of what
    # stands between, one that is not stated is what the others leave.
    product_total, tax_total = order.number("productTotal"), order.number("taxTotal")
    discounts = sum((each.base for each in adjustments), ZERO)
    shipping_tax = order.number(
        "adjustedShippingTotalTax", sum((each.adjusted_tax for each in shipping_items), ZERO)
    )
    certificate_tax = sum((each.tax for each in certificates), ZERO)
    currency = _currency(order.text("currency"))
    return Order(
        number=order.text("orderNo"),
        site=order.text("siteId"),
        status=order.text("status"),
        currency=currency,
        taxation=taxation,
        placed_at=order.instant("placeDate", "creationDate"),
        created_at=order.aside.moment("creationDate"),
        modified_at=order.aside.moment("lastModified"),
        customer_name=customer.text("customerName", ""),
        customer_email=customer.text("email", ""),
        customer_no=customer.text("customerNo", ""),
        registered=customer.has("guest") and not customer.flag("guest"),
        customer_reference=order.text("customerOrderReference", ""),
        billing=_address(order.part("billingAddress")),
        lines=_each(order, "productItems", lambda item: _line(item, taxation)),
        shipping_items=shipping_items,
        gift_certificates=certificates,
        adjustments=adjustments,
        shipments=_each(order, "shipments", lambda item: _shipment(item, order)),
        payments=tuple(
            _payment(item, position)
            for position, item in enumerate(order.parts("paymentInstruments"), start=1)
        ),
        product_sub_total=order.number("productSubTotal", product_total - discounts),
        product_total=product_total,
        shipping_total=order.number(
            "shippingTotal", sum((each.after_item for each in shipping_items), ZERO)
        ),
        merchandise_tax=order.number(
            "adjustedMerchandizeTotalTax", tax_total - shipping_tax - certificate_tax
        ),
        shipping_tax=shipping_tax,
        tax_total=tax_total,
        total=order.amount("orderTotal", digits(currency)),
    )


def _currency(code: str) -> str:
    """Some hooks write a currency in small letters."""
    capitals = code.strip().upper()
    return capitals if is_known(capitals) else code


_Item = TypeVar("_Item")


def _each(fields: Fields, name: str, read: Callable[[Fields], _Item]) -> tuple[_Item, ...]:
    return tuple(read(item) for item in fields.parts(name))


class _Prices(TypedDict):
    base: Decimal
    net: Decimal
    gross: Decimal
    tax: Decimal
    amount: Decimal


def _prices(item: Fields, taxation: Taxation, units: Decimal | None = ONE) -> _Prices:
    """Of net, gross and tax one that is not stated is what the other two leave. Where only the tax
    is, so many units cost what one of them does."""
    net = item.number("netPrice", _net(item, taxation, units))
    gross = item.number("grossPrice", net + item.number("tax") if item.has("tax") else None)
    amount = net if taxation == "net" else gross
    return {
        "base": item.number("basePrice", amount),
        "net": net,
        "gross": gross,
        "tax": item.number(
            "tax", gross - net if item.has("grossPrice") and item.has("netPrice") else None
        ),
        "amount": amount,
    }


def _net(item: Fields, taxation: Taxation, units: Decimal | None) -> Decimal | None:
    """A net price that is not stated; None where the rest does not tell it."""
    if not item.has("tax"):
        return None
    tax = item.number("tax")
    if item.has("grossPrice"):
        return item.number("grossPrice") - tax
    if units is None or not item.has("basePrice"):
        return None
    amount = item.number("basePrice") * units
    return amount if taxation == "net" else amount - tax


def _per_unit(item: Fields, prices: _Prices, quantity: Decimal) -> _Prices:
    """The prices of so many units, of which one that states no unit price costs its part."""
    if item.has("basePrice") or not quantity:
        return prices
    return {**prices, "base": prices["amount"] / quantity}


def _quantity(item: Fields, prices: _Prices) -> Decimal:
    """The units of a line; where they are not stated, as many as its unit price says."""
    if not item.has("quantity") and item.has("basePrice") and prices["base"]:
        units = (prices["amount"] / prices["base"]).to_integral_value()
        if units > 0 and units * prices["base"] == prices["amount"]:
            return units
    return item.quantity("quantity")


def _adjustments(fields: Fields, name: str, taxation: Taxation) -> tuple[Adjustment, ...]:
    return _each(fields, name, lambda item: _adjustment(item, taxation))


def _adjustment(item: Fields, taxation: Taxation) -> Adjustment:
    discount = item.aside.part("appliedDiscount")
    sets_price = discount.text("type", "") == "price_book_price"
    return Adjustment(
        **_prices(item, taxation),
        price_book=discount.text("priceBookId", "") if sets_price else "",
    )


def _line(item: Fields, taxation: Taxation) -> Line:
    units = item.quantity("quantity") if item.has("quantity") else None
    prices = _prices(item, taxation, units)
    quantity = _quantity(item, prices)
    prices = _per_unit(item, prices, quantity)
    adjustments = _adjustments(item, "priceAdjustments", taxation)
    after_item = item.number(
        "priceAfterItemDiscount",
        prices["amount"] + sum((adjustment.base for adjustment in adjustments), ZERO),
    )
    return Line(
        **prices,
        adjustments=adjustments,
        id=item.text("itemId", ""),
        product_id=item.text("productId"),
        quantity=quantity,
        rate=_rate(item),
        taxes=_taxes(item),
        shipment_id=item.text("shipmentId", "me"),
        after_item=after_item,
        after_order=item.number("priceAfterOrderDiscount", after_item),
        options=_each(item, "optionItems", lambda option: _option(option, taxation, quantity)),
        bundled=_each(
            item,
            "bundledProductItems",
            lambda component: BundledProduct(
                product_id=component.text("productId"),
                quantity=component.quantity("quantity") if component.has("quantity") else ZERO,
            ),
        ),
        bonus=item.flag("bonusProductLineItem"),
        gift_message=item.text("giftMessage", ""),
        custom=item.custom(),
    )


def _rate(item: Fields, name: str = "taxRate") -> Decimal | None:
    """A rate as far as it can be read: nothing rests on it, so it never refuses an order."""
    aside = item.aside
    rate = aside.number(name, ZERO)
    return rate if item.has(name) and not aside.unread and rate >= 0 else None


def _taxes(item: Fields) -> tuple[TaxItem, ...]:
    """Empty where one of them cannot be read: a part of a line's tax says nothing."""
    aside = item.aside
    found = [(_rate(each, "rate"), each.number("value")) for each in aside.parts("taxItems")]
    rates = [TaxItem(rate=rate, value=value) for rate, value in found if rate is not None]
    return tuple(rates) if len(rates) == len(found) and not aside.unread else ()


def _option(item: Fields, taxation: Taxation, quantity: Decimal) -> Option:
    prices = _per_unit(item, _prices(item, taxation, quantity), quantity)
    needs_product = item.has("productId") or not item.has("optionId")
    return Option(
        **prices,
        adjustments=_adjustments(item, "priceAdjustments", taxation),
        option_id=item.text("optionId", ""),
        value_id=item.text("optionValueId", ""),
        product_id=item.text("productId") if needs_product else "",
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
        rate=_rate(item),
        shipment_id=item.text("shipmentId", "me"),
        after_item=item.number(
            "priceAfterItemDiscount",
            prices["amount"] + sum((adjustment.base for adjustment in adjustments), ZERO),
        ),
    )


def _gift_certificate(item: Fields, taxation: Taxation) -> GiftCertificate:
    return GiftCertificate(
        **_prices(item, taxation),
        id=item.text("giftCertificateItemId", ""),
        shipment_id=item.text("shipmentId", "me"),
    )


def _shipment(item: Fields, order: Fields) -> Shipment:
    id_ = item.text("shipmentId", "me")
    within = [each for each in order.parts("productItems") if each.text("shipmentId", "me") == id_]
    named = [each.custom().get(STORE) for each in (item, *within)]
    store = next((each for each in named if isinstance(each, str) and each), "")
    fetched = item.custom().get("c_shipmentType") == "instore"
    return Shipment(
        id=id_,
        method=item.part("shippingMethod").text("id", ""),
        address=_address(item.part("shippingAddress")),
        collected=bool(store) or fetched,
        store=store,
        gift_message=item.text("giftMessage", ""),
        product_total=item.number("productTotal") if item.has("productTotal") else None,
        tax_total=item.number("taxTotal") if item.has("taxTotal") else None,
    )


def _payment(item: Fields, position: int) -> PaymentInstrument:
    transaction = item.part("paymentTransaction")
    custom = transaction.custom().get("c_currency")
    return PaymentInstrument(
        id=item.text("paymentInstrumentId", "") or str(position),
        method=item.text("paymentMethodId", ""),
        amount=transaction.number("amount") if transaction.has("amount") else None,
        currency=_currency(
            transaction.aside.text("currency", custom if isinstance(custom, str) else "")
        ),
        transaction_id=transaction.aside.text("transactionId", ""),
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
