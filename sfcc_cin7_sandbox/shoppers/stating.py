"""How services outside of the platform leave an order, and checkouts that say little.

The storefront prices an order; then a tax service, a cross-border cartridge or a wallet writes over
parts of it. Each way has a name, changes a priced order in place and leaves every identity of its
figures whole. The crowd never has them; they come when called by name, like rare shapes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.shoppers.basket import quantum
from sfcc_cin7_sandbox.shoppers.draft import Draft

Document = dict[str, Any]
ZERO = Decimal(0)
IMPORT_DUTIES = "c_importDuties"
"""Custom attribute of a shipping item: how much of its tax is duty."""


@dataclass(frozen=True)
class Stating:
    """One way; `goes_with` are the ordinary shapes that it may change, any where it is empty.

    `first` is what happens to the basket before it is priced.
    """

    change: Callable[[Document], None]
    goes_with: tuple[str, ...] = ()
    first: Callable[[Draft], None] = lambda _: None


# Rates


def effective_rates(order: Document) -> None:
    """The rounded tax by the price, as Avalara and CyberSource write it."""
    for item in _rated(order):
        basis = item["taxBasis"] - (item["tax"] if order["taxation"] == "gross" else 0)
        rate = float(item["tax"]) / float(basis) if basis else 0.0
        item["taxRate"] = Decimal(repr(rate))


def rates_in_binary(order: Document) -> None:
    """What is left of a rate in binary, as Vertex adds it up."""
    for item in _rated(order):
        item["taxRate"] = Decimal(float(item["taxRate"])).quantize(Decimal("1e-18"))


def rates_of_zero(order: Document) -> None:
    """0 beside a tax."""
    for item in _rated(order):
        item["taxRate"] = ZERO


def rates_absent(order: Document) -> None:
    """Tax without a rate."""
    for item in _rated(order):
        del item["taxRate"]


def several_authorities(order: Document) -> None:
    """A state and a county each take a part of a line's tax, told apart beside it."""
    for item in order["productItems"]:
        rate, tax = item["taxRate"], item["tax"]
        item["taxRate"] = ZERO
        if tax:
            county = (tax / 4).quantize(quantum(order["currency"]))
            item["taxItems"] = [
                {"id": "state", "rate": rate * 3 / 4, "value": tax - county},
                {"id": "county", "rate": rate / 4, "value": county},
            ]


def _exempt(draft: Draft) -> None:
    draft.items = [replace(item, rate=ZERO) for item in draft.items]
    draft.deliveries = [replace(each, rate=ZERO) for each in draft.deliveries]


def rates_kept(order: Document) -> None:
    """The shopper is exempt: no tax, and the rate that others pay beside it."""
    for item in _rated(order):
        item["taxRate"] = Decimal("0.0825")


# What is taxed otherwise


def tax_taken_away(order: Document) -> None:
    """A discount of the order takes the tax off the goods again, as for an export."""
    lines = order["productItems"]
    removed = sum((line["tax"] for line in lines), ZERO)
    if order["taxation"] == "net" or not removed:
        raise ValueError("There is no tax within the prices that could be taken away.")
    for line in lines:
        line["priceAfterOrderDiscount"] -= line["tax"]
    order["orderPriceAdjustments"].append(
        {
            "priceAdjustmentId": "vat-removal",
            "promotionId": "vat-removal",
            "basePrice": -removed,
            "grossPrice": -removed,
            "netPrice": ZERO,
            "tax": -removed,
        }
    )
    _add_up(order)


def untaxed_options(order: Document) -> None:
    """Warranties and the like are exempt where their product is not."""
    for item in order["productItems"]:
        for option in item["optionItems"]:
            for part in (option, *option["priceAdjustments"]):
                _tax(order, part, ZERO)
    _add_up(order)


def _bonus_of_the_same(draft: Draft) -> None:
    draft.take_more(0, draft.dice.randint(0, 2))
    first = draft.items[0]
    if not draft.has(first.product_id, 1):
        raise ValueError("There is no second one to give away.")
    free = draft.promotion("buy-one-get-one", first.unit_price)
    free = replace(free, amount=first.unit_price, kind="bonus", percentage=None)
    again = replace(
        first, quantity=Decimal(1), discounts=(free,), options=(), surcharge=None, bonus=True
    )
    parts = tuple((sku, name, units / first.quantity) for sku, name, units in first.bundled)
    draft.items.append(replace(again, bundled=parts))


def bonus_without_tax(order: Document) -> None:
    """Buy one, get one: a line of the same SKU that costs nothing and whose tax is set to 0."""
    for item in order["productItems"]:
        if item["bonusProductLineItem"]:
            item["taxRate"] = ZERO
            for part in (item, *item["priceAdjustments"]):
                _tax(order, part, ZERO)
    _add_up(order)


def duties_with_the_freight(order: Document) -> None:
    """A cross-border service states duties and import taxes as tax of the freight."""
    freight = order["shippingItems"][0]
    if order["taxation"] == "gross":
        raise ValueError("A duty does not fit within the price of the freight.")
    duty = (order["productTotal"] / 8).quantize(Decimal("0.01")) + freight["basePrice"]
    freight[IMPORT_DUTIES] = duty
    _tax(order, freight, duty)
    _add_up(order)


# Currencies, addresses


def in_euros(order: Document) -> None:
    """The site sells in a second currency."""
    if order["siteId"] != "alpenglow-uk":
        raise ValueError("Only the British site sells in euros.")
    order["currency"] = "EUR"


def by_wallet(order: Document) -> None:
    """The wallet names a country and little more."""
    for address in (
        order["billingAddress"],
        *(each["shippingAddress"] for each in order["shipments"]),
    ):
        for name in ("address1", "address2", "city", "phone"):
            address.pop(name, None)


def nowhere_to_ship(order: Document) -> None:
    """The shipment has no address; only the bill has one."""
    [shipment] = order["shipments"]
    order["billingAddress"] = shipment.pop("shippingAddress")


ONE_PLACE = ("plain", "several-units", "several-lines", "item-discount", "option")
PRICED = ("plain", "several-units", "several-lines")
STATED: dict[str, Stating] = {
    "effective-rates": Stating(effective_rates),
    "rates-in-binary": Stating(rates_in_binary),
    "rates-of-zero": Stating(rates_of_zero),
    "rates-absent": Stating(rates_absent),
    "several-authorities": Stating(several_authorities, PRICED),
    "exempt-shopper": Stating(rates_kept, first=_exempt),
    "tax-taken-away": Stating(tax_taken_away, PRICED),
    "untaxed-options": Stating(untaxed_options, ("option",)),
    "bonus-without-tax": Stating(bonus_without_tax, PRICED, _bonus_of_the_same),
    "duties": Stating(duties_with_the_freight, ("plain", "several-lines")),
    "in-euros": Stating(in_euros, ONE_PLACE),
    "by-wallet": Stating(by_wallet),
    "nowhere-to-ship": Stating(nowhere_to_ship, ONE_PLACE),
}


def _rated(order: Document) -> Iterator[Document]:
    yield from order["productItems"]
    yield from order["shippingItems"]


def _tax(order: Document, part: Document, tax: Decimal) -> None:
    part["tax"] = tax
    if order["taxation"] == "gross":
        part["netPrice"] = part["grossPrice"] - tax
    else:
        part["grossPrice"] = part["netPrice"] + tax


def _add_up(order: Document) -> None:
    """The order's and its shipments' figures after parts of it were changed, and what is paid."""
    before = order["orderTotal"]
    for part in _rated(order):
        part["adjustedTax"] = part["tax"] + _sum(part["priceAdjustments"])
    for whole in (order, *order["shipments"]):
        _total(order, whole)
    owed = order["orderTotal"] - before
    for payment in reversed(order["paymentInstruments"]):
        transaction = payment["paymentTransaction"]
        if amount := transaction.get("amount"):
            change = max(owed, -amount)
            transaction["amount"], owed = amount + change, owed - change


def _total(order: Document, whole: Document) -> None:
    """`whole` is the order, or a shipment, which ignores the order's own discounts' tax."""
    is_order = whole is order
    own = [
        [each for each in order[kind] if is_order or each["shipmentId"] == whole["shipmentId"]]
        for kind in ("productItems", "shippingItems", "giftCertificateItems")
    ]
    lines, shipping, certificates = own
    goods = [*lines, *(option for line in lines for option in line["optionItems"])]
    unit = "netPrice" if order["taxation"] == "net" else "grossPrice"
    price = sum((line["priceAfterOrderDiscount"] for line in lines), ZERO)
    price += sum(
        (
            part[unit] if part is option else part["basePrice"]
            for line in lines
            for option in line["optionItems"]
            for part in (option, *option["priceAdjustments"])
        ),
        ZERO,
    )
    tax = _sum(goods) + sum((_sum(each["priceAdjustments"]) for each in goods), ZERO)
    tax += _sum(order["orderPriceAdjustments"]) if is_order else ZERO
    shipping_tax = sum((each["adjustedTax"] for each in shipping), ZERO)
    whole |= {
        "productTotal": price,
        "merchandizeTotalTax": _sum(goods),
        "adjustedMerchandizeTotalTax": tax,
        "shippingTotalTax": _sum(shipping),
        "adjustedShippingTotalTax": shipping_tax,
        "taxTotal": tax + shipping_tax,
    }
    charged = price + whole["shippingTotal"]
    charged += sum((each["basePrice"] for each in certificates), ZERO)
    charged += whole["taxTotal"] if order["taxation"] == "net" else ZERO
    whole["orderTotal" if is_order else "shipmentTotal"] = charged


def _sum(parts: Iterable[Document]) -> Decimal:
    return sum((part["tax"] for part in parts), ZERO)
