"""A small storefront for tests: prices a basket the way Commerce Cloud documents that it does.

Written apart from the translation on purpose: it knows how figures come about, the translation only
what they must satisfy.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

Document = dict[str, Any]
ZERO = Decimal(0)
STEPS = {"JPY": Decimal(1), "VND": Decimal("0.1"), "KWD": Decimal("0.001")}


@dataclass(frozen=True)
class Extra:
    """An option of an item, priced per unit; `adjusted` is a discount (negative) or surcharge."""

    option: str
    value: str
    unit: Decimal
    adjusted: Decimal = ZERO


@dataclass(frozen=True)
class Item:
    sku: str
    quantity: Decimal
    unit: Decimal
    rate: Decimal
    discount: Decimal = ZERO
    shipment: str = "me"
    bonus: bool = False
    extras: tuple[Extra, ...] = ()
    components: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Freight:
    price: Decimal
    rate: Decimal
    discount: Decimal = ZERO
    shipment: str = "me"
    kind: Literal["fixed_price", "surcharge"] = "fixed_price"


@dataclass(frozen=True)
class Basket:
    currency: str
    taxation: Literal["net", "gross"]
    items: tuple[Item, ...]
    freight: tuple[Freight, ...] = ()
    order_discount: Decimal = ZERO
    certificates: tuple[Decimal, ...] = ()
    paid_by_certificate: Decimal = ZERO
    adjusted_price: bool = False
    tax_rounding: Literal["line", "unit", "group"] = "line"
    discount_options: bool = True
    shipments: tuple[str, ...] = ("me",)
    addresses: dict[str, Document] = field(default_factory=dict)


ADDRESS = {
    "fullName": "Ada Example",
    "firstName": "Ada",
    "lastName": "Example",
    "address1": "1 Market Street",
    "city": "Anywhere",
    "postalCode": "94105",
    "stateCode": "TX",
    "countryCode": "US",
    "phone": "5550100",
}


class Till:
    """Prices one basket."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.step = STEPS.get(basket.currency, Decimal("0.01"))

    def round(self, amount: Decimal) -> Decimal:
        return amount.quantize(self.step, ROUND_HALF_UP)

    def tax(self, amount: Decimal, rate: Decimal) -> Decimal:
        return amount * rate if self.basket.taxation == "net" else amount - amount / (1 + rate)

    def prices(self, amount: Decimal, tax: Decimal, base: Decimal) -> Document:
        net = amount if self.basket.taxation == "net" else amount - tax
        return {"basePrice": base, "netPrice": net, "grossPrice": net + tax, "tax": tax}

    def adjustment(self, discount: Decimal, tax: Decimal) -> Document:
        return self.prices(-discount, -tax, -discount) | {"promotionId": "promotion"}

    def element_tax(
        self, amount: Decimal, final: Decimal, rate: Decimal, units: Decimal
    ) -> Decimal:
        if self.basket.adjusted_price:
            return self.round(self.tax(final, rate))
        if self.basket.tax_rounding == "unit" and units == int(units):
            return self.round(self.tax(amount / units, rate)) * units
        return self.round(self.tax(amount, rate))

    def discount_tax(self, discount: Decimal, rate: Decimal) -> Decimal:
        return ZERO if self.basket.adjusted_price else self.round(self.tax(discount, rate))

    def prorate(self, total: Decimal, weights: list[Decimal]) -> list[Decimal]:
        """Each share is rounded over what remains; the last takes the rest."""
        shares = []
        discount, remaining = total, sum(weights, ZERO)
        for weight in weights:
            share = self.round(weight * discount / remaining) if remaining else ZERO
            shares.append(share)
            discount, remaining = discount - share, remaining - weight
        return shares

    def order(self, number: str = "00000410", site: str = "shop") -> Document:
        basket = self.basket
        amounts = [self.round(item.unit * item.quantity) for item in basket.items]
        after = [amount - item.discount for amount, item in zip(amounts, basket.items, strict=True)]
        extras = [
            (at, extra, self.round(extra.unit * item.quantity))
            for at, item in enumerate(basket.items)
            for extra in item.extras
        ]
        extra_after = [amount + extra.adjusted for _, extra, amount in extras]
        weights = after + (extra_after if basket.discount_options else [ZERO] * len(extras))
        shares = self.prorate(basket.order_discount, weights)
        finals = [price - share for price, share in zip(after, shares, strict=False)]
        extra_finals = [
            price - share for price, share in zip(extra_after, shares[len(after) :], strict=True)
        ]

        items: list[Document] = []
        exact_tax = ZERO
        for at, (item, amount) in enumerate(zip(basket.items, amounts, strict=True)):
            tax = self.element_tax(amount, finals[at], item.rate, item.quantity)
            exact_tax += self.tax(after[at], item.rate)
            document = self.prices(amount, tax, item.unit) | {
                "itemId": f"item-{at}",
                "productId": item.sku,
                "productName": f"Name of {item.sku}",
                "quantity": item.quantity,
                "taxRate": item.rate,
                "shipmentId": item.shipment,
                "priceAfterItemDiscount": after[at],
                "priceAfterOrderDiscount": finals[at],
                "bonusProductLineItem": item.bonus,
                "optionItems": [],
                "bundledProductItems": [
                    {
                        "productId": sku,
                        "quantity": count,
                        "shipmentId": item.shipment,
                        "taxRate": item.rate,
                    }
                    for sku, count in item.components
                ],
            }
            if item.discount:
                discount_tax = self.discount_tax(item.discount, item.rate)
                document["priceAdjustments"] = [self.adjustment(item.discount, discount_tax)]
            items.append(document)
        for (at, extra, amount), final in zip(extras, extra_finals, strict=True):
            item = basket.items[at]
            tax = self.element_tax(amount, final, item.rate, item.quantity)
            exact_tax += self.tax(amount + extra.adjusted, item.rate)
            option = self.prices(amount, tax, extra.unit) | {
                "productId": f"{extra.option}-{extra.value}",
                "optionId": extra.option,
                "optionValueId": extra.value,
                "taxBasis": final if basket.adjusted_price else amount,
            }
            if extra.adjusted:
                adjusted_tax = self.discount_tax(-extra.adjusted, item.rate)
                option["priceAdjustments"] = [self.adjustment(-extra.adjusted, adjusted_tax)]
            items[at]["optionItems"].append(option)

        sub_total = sum(after, ZERO) + sum(extra_after, ZERO)
        order_adjustments = []
        if basket.order_discount:
            blended = exact_tax * basket.order_discount / sub_total
            tax = ZERO if basket.adjusted_price else self.round(blended)
            order_adjustments.append(self.adjustment(basket.order_discount, tax))

        freight = [self.freight(at, each) for at, each in enumerate(basket.freight)]
        merchandise = sum((line["tax"] for line in items), ZERO)
        options = [option for line in items for option in line["optionItems"]]
        parts = options + [
            part for element in items + options for part in element.get("priceAdjustments", ())
        ]
        adjusted = merchandise + sum((part["tax"] for part in parts + order_adjustments), ZERO)
        if basket.tax_rounding == "group" and not basket.adjusted_price:
            adjusted = self.round(exact_tax) + sum(
                (each["tax"] for each in order_adjustments), ZERO
            )
        shipping_tax = sum((self.all_tax(each) for each in freight), ZERO)
        shipping = sum((each["priceAfterItemDiscount"] for each in freight), ZERO)
        tax_total = adjusted + shipping_tax
        total = sub_total - basket.order_discount + shipping + sum(basket.certificates, ZERO)
        if basket.taxation == "net":
            total += tax_total
        return {
            "orderNo": number,
            "siteId": site,
            "status": "new",
            "exportStatus": "ready",
            "currency": basket.currency,
            "taxation": basket.taxation,
            "creationDate": "2026-03-01T09:30:00.000Z",
            "placeDate": "2026-03-01T09:30:05.000Z",
            "customerInfo": {"customerName": "Ada Example", "email": "ada@example.com"},
            "billingAddress": ADDRESS,
            "productItems": items,
            "orderPriceAdjustments": order_adjustments,
            "shippingItems": freight,
            "giftCertificateItems": [
                self.prices(each, ZERO, each) | {"giftCertificateItemId": f"gc-{at}"}
                for at, each in enumerate(basket.certificates)
            ],
            "shipments": [self.shipment(each, items, freight) for each in basket.shipments],
            "paymentInstruments": self.payments(total),
            "productSubTotal": sub_total,
            "productTotal": sub_total - basket.order_discount,
            "merchandizeTotalTax": merchandise,
            "adjustedMerchandizeTotalTax": adjusted,
            "shippingTotal": shipping,
            "adjustedShippingTotalTax": shipping_tax,
            "taxTotal": tax_total,
            "orderTotal": total,
        }

    def freight(self, at: int, each: Freight) -> Document:
        final = each.price - each.discount
        tax = self.element_tax(each.price, final, each.rate, Decimal(1))
        document = self.prices(each.price, tax, each.price) | {
            "itemId": f"freight-{at}",
            "type": each.kind,
            "taxRate": each.rate,
            "shipmentId": each.shipment,
            "priceAfterItemDiscount": final,
        }
        if each.discount:
            discount_tax = self.discount_tax(each.discount, each.rate)
            document["priceAdjustments"] = [self.adjustment(each.discount, discount_tax)]
        return document

    def all_tax(self, element: Document) -> Decimal:
        """An element's tax with that of its adjustments."""
        adjustments: list[Document] = element.get("priceAdjustments", [])
        return sum((Decimal(each["tax"]) for each in [element, *adjustments]), ZERO)

    def shipment(self, name: str, items: list[Document], freight: list[Document]) -> Document:
        own = [line for line in items if line["shipmentId"] == name]
        options = [option for line in own for option in line["optionItems"]]
        taxed = own + options + [each for each in freight if each["shipmentId"] == name]
        document = {
            "shipmentId": name,
            "shipmentNo": f"0000-{name}",
            "shippingMethod": {"id": "Ground"},
            "shippingAddress": self.basket.addresses.get(name, ADDRESS),
            "taxTotal": sum((self.all_tax(each) for each in taxed), ZERO),
        }
        if not (options and self.basket.order_discount):
            document["productTotal"] = sum(
                (line["priceAfterOrderDiscount"] for line in own),
                sum((self.adjusted(option) for option in options), ZERO),
            )
        return document

    def adjusted(self, element: Document) -> Decimal:
        """An element's price after its adjustments."""
        price: Decimal = element["netPrice" if self.basket.taxation == "net" else "grossPrice"]
        return price + sum(
            (each["basePrice"] for each in element.get("priceAdjustments", ())), ZERO
        )

    def payments(self, total: Decimal) -> list[Document]:
        certificate = self.basket.paid_by_certificate
        parts = [("GIFT_CERTIFICATE", certificate), ("CREDIT_CARD", total - certificate)]
        return [
            {
                "paymentInstrumentId": f"pi-{at}",
                "paymentMethodId": method,
                "paymentTransaction": {"amount": amount, "transactionId": f"t-{at}"},
            }
            for at, (method, amount) in enumerate(parts)
            if amount
        ]


def order(basket: Basket) -> Document:
    """The order document of a basket."""
    return Till(basket).order()
