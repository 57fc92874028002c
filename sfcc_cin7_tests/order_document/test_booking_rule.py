"""What the queue holds back, what the sale takes and what the margin costs are the same units."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfcc_cin7.ledger.margins.sold import revenue_lines
from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.booking_rule import booking_rule
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.intake.row import as_received
from sfcc_cin7.orders.records.units import by_sku
from sfcc_cin7.orders.translation.corrections import Correction, corrected
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.merchants import policy_for
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Item, order
from sfcc_cin7_tests.orders.strategies import baskets, decisions

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RATE = Decimal("0.2")
MAPPINGS: tuple[dict[str, str], ...] = (
    {},
    {"wrap:gift": "PAPER"},
    {"wrap-gift": "PAPER", "engraving:text": "MUG"},
    {"wrap:gift": "TENT-2P", "engraving-text": "PART-A.MUG"},
)
Units = dict[str, Decimal]


def summed(taken: Iterable[tuple[str, Decimal]]) -> Units:
    units: Units = defaultdict(Decimal)
    for sku, quantity in taken:
        units[sku] += quantity
    return dict(units)


def told(correction: Correction) -> tuple[str, str, str]:
    return correction.kind, correction.name, correction.value


def held_back(document: Document, site: SitePolicy, *corrections: Correction) -> Units:
    booked = as_received("brand", site, document, NOON).booked
    assert booked is not None
    return by_sku(booked.units(map(told, corrections)))


def sold(document: Document, site: SitePolicy, *corrections: Correction) -> Units | None:
    """None where the order goes to a person."""
    what = corrected(parse_order(document), site, corrections)
    result = translate(what.order, what.site, "brand")
    if not isinstance(result, Accepted):
        return None
    return summed((line.sku, line.quantity) for line in result.sale.lines)


def costed(document: Document, site: SitePolicy, *corrections: Correction) -> Units:
    text = decimal_json.dumps(document)
    rule = booking_rule(site).corrected(map(told, corrections))
    lines = revenue_lines(text, site.id, document["currency"], rule, MarginPolicy())
    return summed(part for line in lines for part in line.parts)


@st.composite
def adjusted_baskets(draw: st.DrawFn) -> Basket:
    """Baskets whose options also have discounts of their own, to zero too, and surcharges."""
    basket = draw(baskets())

    def adjusted(item: Item, extra: Extra) -> Extra:
        price = extra.unit * item.quantity
        return replace(extra, adjusted=draw(st.sampled_from((Decimal(0), -price, Decimal(5)))))

    if not draw(st.booleans()):
        return basket
    items = tuple(
        replace(item, extras=tuple(adjusted(item, extra) for extra in item.extras))
        for item in basket.items
    )
    return replace(basket, items=items, order_discount=Decimal(0))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(adjusted_baskets(), decisions(), st.sampled_from(MAPPINGS))
def test_three_rooms_agree_on_the_units_of_every_order_that_is_booked(
    basket: Basket, decided: dict[str, Any], options: dict[str, str]
) -> None:
    document = order(basket)
    site = policy_for(basket, **decided, options=options)

    units = sold(document, site)
    if units is not None:
        assert held_back(document, site) == units
        assert costed(document, site) == units


def test_three_rooms_agree_on_what_a_person_corrected() -> None:
    kit = Item("KIT", Decimal(2), Decimal(35), RATE, components=(("MUG", Decimal(6)),))
    wrap, engraving = Extra("wrap", "gift", Decimal(3)), Extra("engraving", "text", Decimal(0))
    mug = Item("MUG", Decimal(2), Decimal(10), RATE, extras=(wrap, engraving))
    basket = Basket("GBP", "gross", (kit, mug))
    document = order(basket)
    site = policy_for(basket, bundles="components", **OPTION_IN_SKU)
    corrections = [
        Correction("sku", "MUG", "CUP"),
        Correction("sku", "wrap-gift", "STRING"),  # no line, so it is left alone
        Correction("option", "engraving:text", "PLATE"),
    ]

    two, eight = Decimal(2), Decimal(8)
    units = {"CUP": eight, "wrap-gift": two, "PLATE": two}
    assert sold(document, site, *corrections) == units
    assert held_back(document, site, *corrections) == units
    assert costed(document, site, *corrections) == units


OPTION_IN_SKU: dict[str, Any] = {"option_booking": "sku", "options": {}}
ALONE: Units = {"MUG": Decimal(2)}
BOTH: Units = {"MUG": Decimal(2), "wrap-gift": Decimal(2)}


@pytest.mark.parametrize("taxation", ["net", "gross"])
@pytest.mark.parametrize(
    ("extra", "units"),
    [
        (Extra("wrap", "gift", Decimal(3)), BOTH),
        (Extra("wrap", "gift", Decimal(0)), ALONE),
        (Extra("wrap", "gift", Decimal(3), adjusted=Decimal(-6)), BOTH),
        (Extra("wrap", "gift", Decimal(0), adjusted=Decimal(5)), BOTH),
        (Extra("wrap", "gift", Decimal("0.002")), BOTH),
    ],
    ids=["priced", "free", "discounted to nothing", "surcharged", "priced below a cent"],
)
def test_an_option_is_booked_if_any_figure_prices_it(
    taxation: Any, extra: Extra, units: Units
) -> None:
    basket = Basket("GBP", taxation, (Item("MUG", Decimal(2), Decimal(10), RATE, extras=(extra,)),))
    document, site = order(basket), policy_for(basket, **OPTION_IN_SKU)

    assert held_back(document, site) == units
    assert sold(document, site) == units
    assert costed(document, site) == units


def test_units_are_held_back_for_an_option_whose_prices_contradict_each_other() -> None:
    wrapped = Item(
        "MUG", Decimal(2), Decimal(10), RATE, extras=(Extra("wrap", "gift", Decimal(0)),)
    )
    basket = Basket("GBP", "gross", (wrapped,))
    document, site = order(basket), policy_for(basket, **OPTION_IN_SKU)
    document["productItems"][0]["optionItems"][0]["netPrice"] = Decimal(3)

    assert sold(document, site) is None
    assert held_back(document, site) == BOTH
    assert costed(document, site) == BOTH


def test_an_option_without_a_mapping_is_missed_if_a_surcharge_prices_it() -> None:
    extra = Extra("wrap", "gift", Decimal(0), adjusted=Decimal(5))
    basket = Basket("GBP", "gross", (Item("MUG", Decimal(2), Decimal(10), RATE, extras=(extra,)),))

    result = translate(parse_order(order(basket)), policy_for(basket, options={}), "brand")

    assert not isinstance(result, Accepted)
    assert [reason.code for reason in result.reasons] == ["option-unmapped"]
