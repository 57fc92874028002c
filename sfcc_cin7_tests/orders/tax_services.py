"""Orders as tax services and countries state them, with the rules that may hold each part.

Written from how the services state tax, and apart from the translation: what may hold an entry is
told by where the goods go and by whether tax was charged, not by any rate.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sfcc_cin7.merchant.operating_model import SitePolicy, load_operating_model
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7_tests.orders.merchants import site
from sfcc_cin7_tests.orders.stated import ABSENT, Discount, Extra, Sent, Sold, stated
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Freight, Item, order
from sfcc_cin7_tests.orders.storefront import Extra as PricedExtra
from sfcc_cin7_tests.project import PROJECT

ZERO, CENT = Decimal(0), Decimal("0.01")
Place = tuple[str, str, str]
"""Country, state and postcode."""
Rates = tuple[Decimal, ...]
"""What each authority of a place takes, as shares."""
SERVICES = ("avalara", "vertex", "cybersource", "taxjar")
COUNTRIES = ("EU OSS", "UK", "Canada", "Switzerland", "Japan", "Australia")


class Case(NamedTuple):
    """An order, the merchant who sells it, and by SKU or charge the rules that may hold it."""

    document: Document
    policy: SitePolicy
    allowed: dict[str, set[str]]


class Good(NamedTuple):
    """What a shopper put into the cart, with what its own promotion takes off the line."""

    sku: str
    unit: Decimal
    quantity: Decimal
    taxable: bool
    off: Decimal = ZERO
    extras: tuple[tuple[str, str, Decimal, bool], ...] = ()
    """Option, value, price of one and whether it is taxed as its product is."""
    bonus: bool = False


# The United States, as each service states them


AMERICA: dict[Place, tuple[Rates, str]] = {
    ("US", "MA", "02108"): ((Decimal("0.0625"),), "MA Sales Tax 6.25%"),
    ("US", "NJ", "07030"): ((Decimal("0.06625"),), "NJ Sales Tax 6.625%"),
    ("US", "IN", "46204"): ((Decimal("0.07"),), "IN Sales Tax 7%"),
    ("US", "NY", "10001"): (
        (Decimal("0.04"), Decimal("0.045"), Decimal("0.00375")),
        "NYC Sales Tax",
    ),
    ("US", "NY", "14604"): ((Decimal("0.04"), Decimal("0.04")), "NY Sales Tax"),
}
LOCAL = {"CA": "0.06", "TX": "0.0625", "CO": "0.029", "WA": "0.065", "IL": "0.0625", "AL": "0.04"}
"""States whose counties and cities take their own on top."""


@cache
def american() -> SitePolicy:
    """The merchant of config/us-tax-service.yaml."""
    [policy] = load_operating_model(Path(PROJECT) / "config" / "us-tax-service.yaml").sites
    return policy.model_copy(update={"id": "shop"})


def american_order(dice: random.Random, service: str) -> Case:
    """An order to one place in the United States, or to two, as a service states its tax."""
    exempt = dice.random() < 0.08
    names = ("me", "friend") if dice.random() < 0.1 else ("me",)
    places: dict[str, Place] = {}
    lines: list[Sold] = []
    freight: list[Sent] = []
    allowed: dict[str, set[str]] = {}
    percent = dice.choice((0, 0, 0, 5, 15, 20))
    for name in names:
        places[name], rates, rule = _jurisdiction(dice)
        goods = [each._replace(sku=f"{name}-{each.sku}") for each in _cart(dice)]
        state = _STATE[service](dice, rates)
        sold = _as_stated(goods, state, name, percent, exempt=exempt)
        sent = _sent(dice, state, name, taxed=not exempt and places[name][1] not in ("MA", "CA"))
        for what, rules in _allowed(sold, [sent], {rule}, {"US Exempt"}).items():
            allowed[what] = allowed.get(what, set()) | rules
        lines += sold
        freight.append(sent)
    discount = sum((each.share for each in lines), ZERO)
    document = stated(
        *lines,
        freight=tuple(freight),
        discounts=(Discount(discount),) if discount else (),
        place=places.pop("me"),
        others=places,
    )
    return Case(document, american(), allowed)


def _as_stated(
    goods: Sequence[Good], state: "State", shipment: str, percent: int, *, exempt: bool
) -> list[Sold]:
    """The lines of a shipment, with their share of a discount on the whole order: no service tells
    its tax apart, all tax is that of what is left."""
    priced = [each.unit * each.quantity - each.off for each in goods]
    shares = [_cents(each * percent / 100) for each in priced]
    finals = [price - share for price, share in zip(priced, shares, strict=True)]
    units = [each.quantity if each.taxable and not exempt else ZERO for each in goods]
    taxes = state.taxes(list(zip(finals, units, strict=True)))
    lines = []
    for each, final, share, tax in zip(goods, finals, shares, taxes, strict=True):
        extras = []
        for option, value, unit, taxed in each.extras:
            bears = taxed and each.taxable and not exempt
            its_tax = state.tax(unit * each.quantity) if bears else ZERO
            extras.append(Extra(unit, its_tax, option, value))
        lines.append(
            Sold(
                each.sku,
                each.unit,
                tax,
                each.quantity,
                rate=state.rate(final, tax, each.taxable),
                discounts=(Discount(each.off),) if each.off else (),
                share=share,
                extras=tuple(extras),
                bonus=each.bonus,
                shipment=shipment,
            )
        )
    return lines


def _sent(dice: random.Random, state: "State", shipment: str, *, taxed: bool) -> Sent:
    price = dice.choice((ZERO, Decimal("9.95"), Decimal("4.99"), Decimal("15.00")))
    free = price if dice.random() < 0.3 else ZERO
    tax = state.tax(price - free) if taxed else ZERO
    rate = state.rate(price - free, tax, taxed)
    return Sent(price, tax, rate, (Discount(free),) if free else (), shipment)


def _jurisdiction(dice: random.Random) -> tuple[Place, Rates, str]:
    if dice.random() < 0.5:
        place, (rates, rule) = dice.choice(list(AMERICA.items()))
        return place, rates, rule
    state = dice.choice(list(LOCAL))
    local = tuple(
        Decimal(dice.choice((25, 50, 75, 100, 125, 300, 475))).scaleb(-4)
        for _ in range(dice.randint(0, 3))
    )
    place = ("US", state, str(dice.randint(20_000, 99_999)))
    rule = f"{state} Sales Tax" if state in ("CA", "TX") else "US Sales Tax"
    return place, (Decimal(LOCAL[state]), *local), rule


@dataclass(frozen=True)
class State:
    """How a service states tax: what it rounds, and what it writes as the rate."""

    rates: Rates
    rounds: str = "line"
    writes: str = "effective"

    def tax(self, amount: Decimal) -> Decimal:
        """The tax of one line."""
        parts = self.rates if self.rounds == "authority" else (sum(self.rates, ZERO),)
        return sum((_cents(amount * rate) for rate in parts), ZERO)

    def taxes(self, lines: Sequence[tuple[Decimal, Decimal]]) -> list[Decimal]:
        """Of lines with these amounts and units; without units a line is not taxed."""
        rate = sum(self.rates, ZERO)
        if self.rounds == "unit":
            return [
                _cents(final / units * rate) * units if units else ZERO for final, units in lines
            ]
        if self.rounds == "order":  # cut off on each line, the rest on the last one
            taxes = [
                (final * rate).quantize(CENT, ROUND_DOWN) if units else ZERO
                for final, units in lines
            ]
            taxed = [at for at, (final, units) in enumerate(lines) if units and final]
            whole = _cents(sum((lines[at][0] for at in taxed), ZERO) * rate)
            if taxed:
                taxes[taxed[-1]] += whole - sum(taxes, ZERO)
            return taxes
        return [self.tax(final) if units else ZERO for final, units in lines]

    def rate(self, amount: Decimal, tax: Decimal, taxable: bool) -> Any:
        """What stands in `taxRate`."""
        if self.writes == "effective":
            return Decimal(repr(float(tax) / float(amount))) if amount else ZERO
        if self.writes == "sum of doubles":
            return Decimal(repr(sum(map(float, self.rates)))) if taxable else ZERO
        if self.writes == "kept":
            return sum(self.rates, ZERO)
        return ABSENT if self.writes == "absent" else ZERO


_STATE: dict[str, Callable[[random.Random, Rates], State]] = {
    "avalara": lambda dice, rates: State(rates, "line", "effective"),
    "vertex": lambda dice, rates: State(
        rates, dice.choice(("line", "unit", "order")), "sum of doubles"
    ),
    "cybersource": lambda dice, rates: State(
        rates, "authority", dice.choice(("effective", "zero", "absent"))
    ),
    "taxjar": lambda dice, rates: State(rates, "line", "kept"),
}


def _cart(dice: random.Random) -> list[Good]:
    goods = []
    for at in range(dice.randint(1, 6)):
        unit = Decimal(dice.choice((dice.randint(50, 3_000), dice.randint(500, 60_000)))) * CENT
        quantity = Decimal(dice.choice((1, 1, 1, 2, 3, 6, 24)))
        amount = unit * quantity
        extras: tuple[tuple[str, str, Decimal, bool], ...] = ()
        if dice.random() < 0.15:
            extras += (("wrap", "gift", Decimal("5.00"), True),)
        if dice.random() < 0.1:
            extras += (("warranty", "3y", Decimal("49.00"), False),)
        taken = dice.choice((0, 0, 0, 10, 25, 33))
        good = Good(
            f"SKU-{at}", unit, quantity, dice.random() < 0.85,
            off=_cents(amount * taken / 100), extras=extras,
        )  # fmt: skip
        goods.append(good)
        if dice.random() < 0.1:  # one more of it, for nothing
            goods.append(good._replace(quantity=Decimal(1), off=unit, extras=(), bonus=True))
    if dice.random() < 0.1:
        goods.append(Good("SAMPLE", Decimal("3.00"), Decimal(1), True, Decimal("3.00"), bonus=True))
    return goods


def _allowed(
    lines: Sequence[Sold], freight: Sequence[Sent], taxed: set[str], untaxed: set[str]
) -> dict[str, set[str]]:
    """By whether anything of a SKU, an option or the freight bears tax."""
    names = {"wrap": "Gift Wrap", "warranty": "Warranty 3y"}
    bears: dict[str, set[bool]] = {"Shipping": {bool(each.tax) for each in freight if each.price}}
    for line in lines:
        if line.unit * line.quantity > sum((each.amount for each in line.discounts), line.share):
            bears.setdefault(line.sku, set()).add(bool(line.tax))
        for extra in line.extras:
            bears.setdefault(names[extra.option], set()).add(bool(extra.tax))
    return {
        name: (taxed if True in found else set()) | (untaxed if False in found else set())
        for name, found in bears.items()
    }


# Other countries


EUROPE: dict[str, tuple[str, ...]] = {
    "DE": ("19", "7"),
    "FR": ("20", "5.5"),
    "IT": ("22", "10"),
    "ES": ("21", "10"),
}
PROVINCES = {"BC": ("5", "7"), "QC": ("5", "9.975"), "ON": ("13",), "NS": ("14",), "AB": ("5",)}
GROSS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "EU OSS": ("EUR", EUROPE),
    "UK": ("GBP", {"GB": ("20", "5", "0")}),
    "Switzerland": ("CHF", {"CH": ("8.1", "2.6", "0")}),
    "Japan": ("JPY", {"JP": ("10", "8", "0")}),
    "Australia": ("AUD", {"AU": ("10", "0")}),
}
"""Currency, and the percentages of each country whose prices hold their tax."""


def foreign_order(dice: random.Random, country: str) -> Case:
    """An order from one of `COUNTRIES`, as the storefront or its service states it."""
    if country == "Canada":
        return _canadian(dice)
    if country == "UK" and dice.random() < 0.2:
        return _export(dice)
    if country == "Japan" and dice.random() < 0.5:
        return _japanese(dice)
    return _taxed_by_the_storefront(dice, country)


@cache
def _policy(country: str) -> SitePolicy:
    """A merchant with a rule for each percentage of each country, and one for what is untaxed."""
    if country == "Canada":
        currency, taxation = "CAD", "net"
        rules = [
            TaxMapping(
                country="CA", state=province, rate=_share(percents), rule=f"CA {province} taxed"
            )
            for province, percents in PROVINCES.items()
        ]
        places = ["CA"]
    else:
        (currency, places_), taxation = GROSS[country], "gross"
        rules = [
            TaxMapping(country=place, rate=_share([percent]), rule=f"{place} taxed {percent} %")
            for place, percents in places_.items()
            for percent in percents
            if percent != "0"
        ]
        places = [*places_, *(["JE"] if country == "UK" else [])]
    rules += [TaxMapping(country=each, kind="untaxed", rule=f"{each} untaxed") for each in places]
    return site(
        currency=currency,
        taxation=taxation,
        country=places[0],
        tax_rules=rules,
        options={"wrap:gift": "Gift Wrap", "warranty:3y": "Warranty 3y"},
    )


def _share(percents: Sequence[str]) -> Decimal:
    return sum(map(Decimal, percents), ZERO) / 100


def _taxed_by_the_storefront(dice: random.Random, country: str) -> Case:
    """Line by line, unit by unit or rate by rate, before or after the discounts of the order."""
    currency, places = GROSS[country]
    place = dice.choice(list(places))
    step = Decimal(1) if currency == "JPY" else CENT
    percents = [Decimal(each) / 100 for each in places[place]]
    items = tuple(
        Item(
            f"SKU-{at}",
            Decimal(dice.choice((1, 1, 2, 3, 12))),
            dice.randint(1_000, 40_000) * step,
            dice.choice(percents),
            extras=(PricedExtra("wrap", "gift", 500 * step),) if dice.random() < 0.2 else (),
        )
        for at in range(dice.randint(1, 5))
    )
    items = tuple(
        replace(each, discount=(each.unit * each.quantity / 4).quantize(step, ROUND_DOWN))
        if dice.random() < 0.3
        else each
        for each in items
    )
    if dice.random() < 0.15:
        first = items[0]
        bonus = replace(first, quantity=Decimal(1), discount=first.unit, bonus=True, extras=())
        items += (bonus,)
    goods = sum((each.unit * each.quantity - each.discount for each in items), ZERO)
    percent = dice.choice((0, 0, 5, 20))
    basket = Basket(
        currency=currency,
        taxation="gross",
        items=items,
        freight=(Freight(dice.choice((0, 495, 990)) * step, percents[0]),),
        order_discount=(goods * percent / 100).quantize(step, ROUND_DOWN),
        adjusted_price=dice.random() < 0.5,
        tax_rounding=dice.choice(("line", "unit", "group")),
        addresses={"me": ADDRESS | {"countryCode": place, "stateCode": ""}},
    )
    document = order(basket)
    if dice.random() < 0.5:
        for line in document["productItems"]:  # as a double has it
            line["taxRate"] = Decimal(float(line["taxRate"])).quantize(Decimal(1).scaleb(-18))
    taxed = {f"{place} taxed {each} %" for each in places[place] if each != "0"}
    allowed: dict[str, set[str]] = {"Shipping": taxed}
    for each in items:
        rules = taxed if each.rate else {f"{place} untaxed"}
        allowed[each.sku] = rules
        if each.extras:
            allowed["Gift Wrap"] = allowed.get("Gift Wrap", set()) | rules
    return Case(document, _policy(country), allowed)


def _canadian(dice: random.Random) -> Case:
    """GST and PST of a line are told apart, each rounded; HST is one."""
    province, percents = dice.choice(list(PROVINCES.items()))
    rates = tuple(Decimal(each) / 100 for each in percents)
    writes = dice.choice((ZERO, ABSENT, Decimal(repr(sum(map(float, rates))))))
    lines = []
    for good in _cart(dice):
        final = good.unit * good.quantity - good.off
        parts = tuple((rate, _cents(final * rate)) for rate in rates) if good.taxable else ()
        lines.append(
            Sold(
                good.sku, good.unit, sum((value for _, value in parts), ZERO), good.quantity,
                rate=writes if good.taxable else ZERO,
                discounts=(Discount(good.off),) if good.off else (),
                bonus=good.bonus, tax_items=parts,
            )
        )  # fmt: skip
    price = dice.choice((ZERO, Decimal("9.95")))
    freight = Sent(price, sum((_cents(price * rate) for rate in rates), ZERO), rate=writes)
    document = stated(*lines, freight=(freight,), place=("CA", province, "V5K 0A1"), currency="CAD")
    taxed, untaxed = {f"CA {province} taxed"}, {"CA untaxed"}
    return Case(document, _policy("Canada"), _allowed(lines, [freight], taxed, untaxed))


def _export(dice: random.Random) -> Case:
    """To Jersey: a discount of the order takes the VAT off again."""
    lines = []
    for at in range(dice.randint(1, 4)):
        unit = dice.randint(500, 60_000) * CENT
        vat = _cents(unit - unit / Decimal("1.2"))
        lines.append(Sold(f"SKU-{at}", unit, vat, rate=Decimal("0.2"), share=vat))
    removed = sum((each.tax for each in lines), ZERO)
    document = stated(
        *lines, discounts=(Discount(removed, removed),), place=("JE", "", "JE2 3AB"),
        currency="GBP", taxation="gross",
    )  # fmt: skip
    return Case(document, _policy("UK"), {each.sku: {"JE untaxed"} for each in lines})


def _japanese(dice: random.Random) -> Case:
    """Consumption tax is rounded down once for each rate; the last line of it has the rest."""
    goods = [
        (f"SKU-{at}", Decimal(dice.randint(1, 30_000)), dice.choice(("0.1", "0.08")))
        for at in range(dice.randint(1, 6))
    ]
    lines: list[Sold] = []
    for rate in ("0.1", "0.08"):
        own = [(sku, unit) for sku, unit, its in goods if its == rate]
        taxes = [_yen(unit, rate) for _, unit in own]
        if own:
            taxes[-1] += _yen(sum((unit for _, unit in own), ZERO), rate) - sum(taxes, ZERO)
        lines += [
            Sold(sku, unit, tax, rate=Decimal(rate))
            for (sku, unit), tax in zip(own, taxes, strict=True)
        ]
    place = ("JP", "13", "150-0001")
    document = stated(*lines, place=place, currency="JPY", taxation="gross")
    taxed = {"JP taxed 10 %", "JP taxed 8 %"}
    return Case(document, _policy("Japan"), _allowed(lines, [], taxed, {"JP untaxed"}))


def _yen(gross: Decimal, rate: str) -> Decimal:
    return (gross - gross / (1 + Decimal(rate))).quantize(Decimal(1), ROUND_DOWN)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def misplaced(case: Case, sale: Sale) -> list[str]:
    """What the sale holds under a rule that may not hold it; what has no money goes anywhere."""
    booked = [(line.sku, line.tax_rule) for line in sale.lines if line.amount or line.tax]
    booked += [
        (each.description, each.tax_rule)
        for each in sale.charges
        if (each.amount or each.tax) and not each.rounding
    ]
    return [f"{name}: {rule}" for name, rule in booked if rule not in case.allowed[name]]


def orders_of(source: str, count: int, seed: int = 16) -> Iterator[Case]:
    """So many orders of a service or a country, the same ones every time."""
    dice = random.Random(f"{seed}/{source}")
    for _ in range(count):
        yield an_order(dice, source)


def an_order(dice: random.Random, source: str) -> Case:
    """One order of a service or a country."""
    return (american_order if source in SERVICES else foreign_order)(dice, source)
