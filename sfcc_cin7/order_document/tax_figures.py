"""What an order states as tax, figure by figure, and whether a percent explains it.

The rate that is written beside a tax decides nothing: tax services write the rounded tax divided by
the price, a sum of binary doubles, 0, or nothing at all. What counts is whether a percent gives the
amounts. How these came about the storefront does not say (Salesforce Help, "Line Item Tax Basis",
"Unit-Level Rounding"), so an element has several readings, and one of them has to fit as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Literal

from sfcc_cin7.merchant.tax_rules import Classes, Place, classes_of, place
from sfcc_cin7.order_document.final_prices import weight
from sfcc_cin7.order_document.model import (
    GiftCertificate,
    Line,
    Option,
    Order,
    ShippingItem,
    TaxItem,
)
from sfcc_cin7.values.money import ZERO, quantum, tax_step
from sfcc_cin7.values.tax_shares import Taxation, tax_inside

SAME_RATE = Decimal("0.000001")
"""Rates that are nearer than this were meant to be one."""
ONE = Decimal(1)
Discounts = Literal["taxed alike", "untaxed", "taxed otherwise"]


@dataclass(frozen=True)
class Figure:
    """A stated tax and the amount that it is on, in the order's taxation and currency.

    It may have been rounded for each of `units`; `items` are the parts that it was put together of.
    """

    amount: Decimal
    tax: Decimal
    units: Decimal = ONE
    items: tuple[TaxItem, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Figures that a percent must give one and all; with a `rate` only a percent of that rate."""

    figures: tuple[Figure, ...]
    rate: Decimal | None = None


@dataclass(frozen=True)
class Bearer:
    """Something sold, after all discounts: its amount, the tax that remains on it, and where it
    goes. `rate` is what the storefront states; `readings` are how its tax may have come about."""

    place: Place
    classes: frozenset[str]
    amount: Decimal
    tax: Decimal
    rate: Decimal | None
    readings: tuple[Reading, ...]

    @property
    def has_money(self) -> bool:
        """Whether there is anything that a tax rule could hold."""
        return bool(self.amount or self.tax)


class TaxFigures:
    """What an order states as tax, for each thing that is sold.

    `home` is the country of an address without one, `classes` are the merchant's classes of goods.
    """

    def __init__(self, order: Order, home: str = "", classes: Classes | None = None) -> None:
        self._order = order
        self._home = home
        self._classes = classes or {}

    @cached_property
    def _discounts(self) -> Discounts:
        return _order_discounts(self._order)

    @cached_property
    def _stranded(self) -> bool:
        return _tax_is_stranded(self._order)

    def stated(self) -> list[Bearer]:
        """Lines, freight and certificates that state a tax, with what they state themselves."""
        order = self._order
        products = (
            self.product(line, line, line.after_order, line.adjusted_tax) for line in order.lines
        )
        freight = (
            self.freight(item, item.after_item, item.adjusted_tax) for item in order.shipping_items
        )
        certificates = (self.certificate(each) for each in order.gift_certificates)
        return [each for each in (*products, *freight, *certificates) if each.tax]

    def product(self, line: Line, element: Line | Option, amount: Decimal, tax: Decimal) -> Bearer:
        """A line, or an option of it, with its final amount and tax. An option states no rate."""
        itself = element is line
        units = line.quantity if line.quantity == line.quantity.to_integral_value() else ONE
        taxes = line.taxes if itself else ()
        last = Reading((Figure(amount, tax, units),))
        readings: tuple[Reading, ...] = (last,)
        if self._stranded:
            pass  # what remains on each is not what was stated for it
        elif self._discounts == "taxed alike":
            readings = (_own(element, units, taxes), _settled(element, units, taxes), last)
        elif self._discounts == "untaxed":
            readings = (Reading((Figure(amount, element.adjusted_tax, units, taxes),)), last)
        classes = classes_of(element.product_id, self._classes)
        return Bearer(
            place=self.place(line.shipment_id),
            classes=classes if itself else classes | {"options"},
            amount=amount,
            tax=tax,
            rate=_stated_rate(line) if itself else None,
            readings=readings,
        )

    def freight(self, item: ShippingItem, amount: Decimal, tax: Decimal) -> Bearer:
        """A shipping item with its final amount and tax; the order's own discounts leave it out. A
        surcharge may be charged, and its tax rounded, for each unit of a product."""
        units = item.amount / item.base if item.base else ONE
        units = units if units == units.to_integral_value() else ONE
        last = Reading((Figure(amount, tax, units),))
        where = self.place(item.shipment_id)
        own = () if self._stranded else (_own(item, units), _settled(item, units))
        return Bearer(
            place=where,
            classes=frozenset({"freight"}),
            amount=amount,
            tax=tax,
            rate=item.rate,
            readings=(*own, last, *self._with_the_goods(item, where)),
        )

    def _with_the_goods(self, item: ShippingItem, where: Place) -> Iterator[Reading]:
        """The freight and all else of its stated rate, where a service rounds once for the order
        and the freight has the rest; see `with_groups`."""
        order = self._order
        if not item.rate or not item.adjusted_tax or any(each.tax for each in order.adjustments):
            return
        everything: list[tuple[Line | ShippingItem, Decimal]] = [
            *((each, each.after_order) for each in order.lines),
            *((each, each.after_item) for each in order.shipping_items),
        ]
        alike = [
            (amount, each.adjusted_tax)
            for each, amount in everything
            if each.adjusted_tax
            and each.rate == item.rate
            and self.place(each.shipment_id) == where
        ]
        if len(alike) > 1:
            yield Reading((_sum(alike),), item.rate)

    def certificate(self, bought: GiftCertificate) -> Bearer:
        """A gift certificate that was bought: a voucher for one purpose bears tax."""
        return Bearer(
            place=self.place(bought.shipment_id),
            classes=frozenset({"gift-certificates"}),
            amount=bought.amount,
            tax=bought.tax,
            rate=None,
            readings=(Reading((Figure(bought.amount, bought.tax),)),),
        )

    def untaxed(self, shipment_id: str, goods: str, amount: Decimal) -> Bearer:
        """What bears no tax by its nature, such as a duty."""
        return Bearer(self.place(shipment_id), frozenset({goods}), amount, ZERO, None, ())

    def place(self, shipment_id: str) -> Place:
        """Where a shipment goes; where the goods do, if the storefront says nothing of one without
        any; else the billing address, and `home` where that names none. One shipment has
        everything, whatever it is called."""
        order = self._order
        its_own = [
            each for each in order.shipments if each.id == shipment_id or len(order.shipments) == 1
        ]
        packed = {line.shipment_id for line in order.lines}
        goods = [each for each in order.shipments if each.id in packed]
        said = its_own if shipment_id in packed else [*its_own, *goods]
        stated = (each.address for each in said if each.address.country)
        address = next(stated, order.billing)
        return place(address.country or self._home, address.state, address.postcode)


def shipments_of(order: Order) -> list[str]:
    """The ids of the shipments that anything of the order belongs to, each once; at least one."""
    ids = [
        *(line.shipment_id for line in order.lines),
        *(item.shipment_id for item in order.shipping_items),
        *(certificate.shipment_id for certificate in order.gift_certificates),
    ]
    return list(dict.fromkeys(ids)) or ["me"]


def with_groups(bearers: Sequence[Bearer]) -> list[Bearer]:
    """With one more reading for those that share a place and a stated rate: a service may round the
    tax of all of them once, and give the rest to any. Their sum decides, the rate only says which
    belong together."""
    groups: dict[object, list[Bearer]] = defaultdict(list)
    for each in bearers:
        if each.tax and each.rate:
            groups[each.place, each.rate].append(each)
    result = []
    for each in bearers:
        group = groups.get((each.place, each.rate), []) if each.tax else []
        if len(group) > 1:
            together = Reading((_sum_of(group),), each.rate)
            each = replace(each, readings=(*each.readings, together))
        result.append(each)
    return result


def joined(bearers: Sequence[Bearer]) -> Bearer | None:
    """Several as the one that they are booked as; None where they go to different places."""
    if len({each.place for each in bearers}) != 1:
        return None
    whole = _sum_of(bearers)
    classes = frozenset.intersection(*(each.classes for each in bearers))
    return Bearer(bearers[0].place, classes, whole.amount, whole.tax, None, (Reading((whole,)),))


def explains(rate: Decimal, bearer: Bearer, taxation: Taxation, currency: str) -> bool:
    """Whether a percent (as a share) gives each figure of one of the bearer's readings.

    No figure may be farther off than the currency's smallest amount, whatever its size; that is the
    storefront's, or for all of them the one that tax services know. A figure that was rounded by
    unit has to be right for a unit, to half of it.
    """
    return any(
        all(_gives(rate, figure, taxation, step) for figure in reading.figures)
        for step in {quantum(currency), tax_step(currency)}
        for reading in bearer.readings
        if reading.rate is None or abs(reading.rate - rate) < SAME_RATE
    )


def _gives(rate: Decimal, figure: Figure, taxation: Taxation, step: Decimal) -> bool:
    exact = tax_inside(figure.amount, rate, taxation)
    missed = abs(exact - figure.tax)
    if missed <= step:
        return True
    if figure.units > 1 and not figure.tax % (figure.units * step):
        return missed <= figure.units * step / 2
    if figure.items and sum(each.value for each in figure.items) == figure.tax:
        net = figure.amount if taxation == "net" else figure.amount - exact
        return abs(sum((each.rate for each in figure.items), -rate)) < SAME_RATE and all(
            abs(net * each.rate - each.value) <= step for each in figure.items
        )
    return False


def _stated_rate(line: Line) -> Decimal | None:
    """What the rates of the authorities come to, where their parts are all of the tax; else the
    rate that is written beside it."""
    parts = [each for each in line.taxes if each.value]
    rate = sum((each.rate for each in parts), ZERO)
    whole = sum((each.value for each in parts), ZERO)
    return rate if 0 < rate < 1 and whole in (line.tax, line.adjusted_tax) else line.rate


def _own(
    element: Line | Option | ShippingItem,
    units: Decimal = ONE,
    taxes: tuple[TaxItem, ...] = (),
) -> Reading:
    """The element and each of its discounts are taxed on their own amounts."""
    discounts = (Figure(each.base, each.tax, units) for each in element.adjustments)
    return Reading((Figure(element.amount, element.tax, units, taxes), *discounts))


def _settled(
    element: Line | Option | ShippingItem,
    units: Decimal = ONE,
    taxes: tuple[TaxItem, ...] = (),
) -> Reading:
    """It is taxed on what is left after its own discounts."""
    return Reading((Figure(element.adjusted_amount, element.adjusted_tax, units, taxes),))


def _order_discounts(order: Order) -> Discounts:
    """How the order's own discounts are taxed: at the goods' blended rate, not at all, or so that
    they change what the goods are taxed at, as where a discount takes the VAT off an export.

    The blended rate is that of the taxes as they are stated, or as their rates would have them.
    """
    if not order.adjustments:
        return "taxed alike"
    goods = _goods(order)
    stated = sum((each.adjusted_tax for each, _ in goods), ZERO)
    exact = sum(
        (
            tax_inside(each.adjusted_amount, weight(order, each, line.rate), order.taxation)
            for each, line in goods
        ),
        ZERO,
    )
    step = quantum(order.currency)
    rounding = (len(goods) + len(order.adjustments)) * step
    by_unit = sum((_by_unit(each, line, step) for each, line in goods), rounding)
    whole = order.product_sub_total or ONE
    for tax, most in ((exact, rounding), (stated, by_unit)):
        if all(abs(each.base * tax / whole - each.tax) <= most for each in order.adjustments):
            return "taxed alike"
    return "taxed otherwise" if any(each.tax for each in order.adjustments) else "untaxed"


def _tax_is_stranded(order: Order) -> bool:
    """Whether more tax is stated for something than it costs, so that other things have to bear it.

    Where the order has discounts of its own, these may have taken the price away and the tax too;
    and tax that was rounded by unit leaves cents behind when a discount takes the whole price.
    """
    step = quantum(order.currency)
    if any(item.adjusted_tax > item.after_item + step for item in order.shipping_items):
        return True
    return not order.adjustments and any(
        each.adjusted_tax
        > each.adjusted_amount + _by_unit(each, line, step) + len(each.adjustments) * step
        for each, line in _goods(order)
    )


def _goods(order: Order) -> list[tuple[Line | Option, Line]]:
    """Lines and options, each with the line that it belongs to."""
    goods: list[tuple[Line | Option, Line]] = [(line, line) for line in order.lines]
    return goods + [(option, line) for line in order.lines for option in line.options]


def _by_unit(element: Line | Option, line: Line, step: Decimal) -> Decimal:
    """How far a tax may be from its rate because it was rounded for each unit, if it was."""
    units = line.quantity
    if units <= 1 or element.tax % (units * step):
        return ZERO
    return units * step / 2


def _sum_of(bearers: Iterable[Bearer]) -> Figure:
    return _sum([(each.amount, each.tax) for each in bearers])


def _sum(money: Sequence[tuple[Decimal, Decimal]]) -> Figure:
    return Figure(sum((amount for amount, _ in money), ZERO), sum((tax for _, tax in money), ZERO))
