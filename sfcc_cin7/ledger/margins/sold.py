"""What a shopper bought and what it brought in, line by line, from the order's own document.

The revenue of a line is what the shopper paid for it after every discount, its share of the
order's discounts included, without tax (Salesforce Commerce API, Orders: `priceAfterOrderDiscount`
and `adjustedMerchandizeTotalTax`). All lines come to exactly what the order charges for products
without tax, or none is used. Amounts are in the order's currency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import quantum, share_out
from sfcc_cin7.values.tax_shares import Taxation, Taxed, attribute

NOTHING = Decimal(0)
GIVEN = "(given)"
"""In the place of a price book: bonus products, which no price book prices."""
NOT_STATED = "(not stated)"
"""The order names no price book, and the operating model none for its site."""


@dataclass(frozen=True)
class Booking:
    """Under which SKUs of the ERP a site books bundles and options, which is where their cost is.

    `mapped` maps an option (`optionId:optionValueId`, or its product) to a SKU or a service.
    `renamed` are products of one order and what people corrected each to.
    """

    bundles: Literal["parent", "components"] = "parent"
    options: Literal["charge", "sku", "parent"] = "charge"
    mapped: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def sku(self, product_id: str) -> str:
        """What a product line, or a part of a bundle, is booked as."""
        return self.renamed.get(product_id, product_id)


@dataclass(frozen=True)
class SoldLine:
    """Units of something that the storefront sold, and what they brought in.

    `sku` is what the shopper bought, `parts` are the ERP's SKUs and units that were booked for it
    and bear its cost; none for a service, which has none.
    """

    sku: str
    price_book: str
    units: Decimal
    revenue: Decimal
    parts: tuple[tuple[str, Decimal], ...]


class NotExact(Exception):
    """The document does not say to the cent what its lines brought in; the message says why."""


@dataclass(frozen=True)
class _Element:
    """A line or an option of it: the amount after all discounts, in the order's taxation."""

    sku: str
    price_book: str
    units: Decimal
    amount: Decimal
    tax: Decimal
    rate: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    option: bool = False
    of: int | None = None
    """For an option that is booked as part of its product: the place of that line."""


def sold_lines(
    document: str, site: str, currency: str, booking: Booking, policy: MarginPolicy
) -> list[SoldLine]:
    """Every product line, and each priced option that is not part of its product's price.

    Raises:
        NotExact: the document cannot be read, or its lines do not come to its totals.
    """
    try:
        order = decimal_json.loads(document)
    except ValueError:
        raise NotExact("The document cannot be read.") from None
    try:
        return _sold(order, site, currency, booking, policy)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
        raise NotExact("A figure that the lines' revenue rests on is missing.") from None


def _sold(
    order: dict[str, Any], site: str, currency: str, booking: Booking, policy: MarginPolicy
) -> list[SoldLine]:
    items: list[dict[str, Any]] = order.get("productItems") or []
    taxation: Taxation = "net" if order["taxation"] == "net" else "gross"
    elements = _after_order(
        order, list(_elements(items, site, booking, policy, taxation)), currency
    )
    if sum((each.amount for each in elements), NOTHING) != _figure(order, "productTotal"):
        raise NotExact("The lines do not come to the order's product total.")
    taxes = [NOTHING] * len(elements)
    if taxation == "gross":
        taxed = [Taxed(each.amount, each.tax, each.rate) for each in elements]
        total = _figure(order, "adjustedMerchandizeTotalTax")
        shared = attribute(total, taxed, taxation, quantum(currency))
        if shared is None:
            raise NotExact("The order's product tax cannot be that of its lines.")
        taxes = shared
    revenue = [each.amount - tax for each, tax in zip(elements, taxes, strict=True)]
    for at, each in enumerate(elements):
        if each.of is not None:
            revenue[each.of] += revenue[at]
    return [
        SoldLine(each.sku, each.price_book, each.units, net, each.parts)
        for each, net in zip(elements, revenue, strict=True)
        if each.of is None
    ]


def _elements(
    items: list[dict[str, Any]],
    site: str,
    booking: Booking,
    policy: MarginPolicy,
    taxation: Taxation,
) -> Iterator[_Element]:
    place = 0
    for item in items:
        book = _price_book(item, site, policy)
        units = _figure(item, "quantity")
        after_item = _figure(item, "priceAfterItemDiscount", _adjusted(item, taxation))
        line = _Element(
            sku=item["productId"],
            price_book=book,
            units=units,
            amount=_figure(item, "priceAfterOrderDiscount", after_item),
            tax=_adjusted_tax(item),
            rate=_figure(item, "taxRate", NOTHING),
            parts=_parts(item, booking),
        )
        yield line
        at = place
        place += 1
        for option in item.get("optionItems") or []:
            parts, of = _option_parts(option, units, booking, at)
            yield _Element(
                sku=option["productId"],
                price_book=book,
                units=units,
                amount=_adjusted(option, taxation),
                tax=_adjusted_tax(option),
                rate=line.rate,
                parts=parts,
                option=True,
                of=of,
            )
            place += 1


def _after_order(order: dict[str, Any], elements: list[_Element], currency: str) -> list[_Element]:
    """With the order's discounts on options, which state none: what the lines leave over."""
    rest = _figure(order, "productTotal") - sum((each.amount for each in elements), NOTHING)
    places = [at for at, each in enumerate(elements) if each.option and each.amount]
    if not rest or not places:
        return elements
    shares = share_out(rest, [elements[at].amount for at in places], quantum(currency))
    changed = list(elements)
    for at, share in zip(places, shares, strict=True):
        changed[at] = replace(elements[at], amount=elements[at].amount + share)
    return changed


def _parts(item: dict[str, Any], booking: Booking) -> tuple[tuple[str, Decimal], ...]:
    bundled = _bundled(item)
    booked = bundled if bundled and booking.bundles == "components" else [item]
    return tuple((booking.sku(part["productId"]), _figure(part, "quantity")) for part in booked)


def _bundled(item: dict[str, Any]) -> list[dict[str, Any]]:
    return item.get("bundledProductItems") or []


def _option_parts(
    option: dict[str, Any], units: Decimal, booking: Booking, line: int
) -> tuple[tuple[tuple[str, Decimal], ...], int | None]:
    if booking.options == "parent":
        return (), line
    if booking.options == "charge":
        return (), None
    name = f"{option.get('optionId', '')}:{option.get('optionValueId', '')}"
    product = option["productId"]
    sku = booking.mapped.get(name) or booking.mapped.get(product)
    costs_nothing = sku is None and not option.get("basePrice")
    return (() if costs_nothing else ((sku or product, units),)), None


def _price_book(item: dict[str, Any], site: str, policy: MarginPolicy) -> str:
    """The book that priced a line. Order lines name none by themselves: only a discount of the type
    `price_book_price` does, or a custom attribute that the merchant's cartridge writes."""
    if item.get("bonusProductLineItem"):
        return GIVEN
    for adjustment in item.get("priceAdjustments") or []:
        discount = adjustment.get("appliedDiscount") or {}
        if discount.get("type") == "price_book_price" and discount.get("priceBookId"):
            return str(discount["priceBookId"])
    stated = item.get(policy.price_book_attribute) if policy.price_book_attribute else None
    return str(stated or policy.price_books.get(site) or NOT_STATED)


def _adjusted(item: dict[str, Any], taxation: Taxation) -> Decimal:
    amount = _figure(item, "netPrice" if taxation == "net" else "grossPrice")
    return amount + sum((_figure(each, "basePrice") for each in _adjustments(item)), NOTHING)


def _adjusted_tax(item: dict[str, Any]) -> Decimal:
    taxes = (_figure(each, "tax") for each in _adjustments(item))
    return _figure(item, "tax") + sum(taxes, NOTHING)


def _adjustments(item: dict[str, Any]) -> list[dict[str, Any]]:
    return item.get("priceAdjustments") or []


def _figure(part: Mapping[str, Any], name: str, default: Decimal | None = None) -> Decimal:
    """A number of the document, which may be a whole one. Raises KeyError, TypeError."""
    value = part[name] if default is None else part.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{name} is no number")
    return Decimal(value)
