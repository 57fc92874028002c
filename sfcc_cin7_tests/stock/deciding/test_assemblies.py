"""Packs that the ERP makes of loose goods at an order, and what both are offered together."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.stock.deciding.allocation import OrderedUnits
from sfcc_cin7.stock.deciding.assemblies import Assembling, Assembly
from sfcc_cin7.stock.deciding.offering import SkuState, offers_of
from sfcc_cin7.stock.deciding.safety import Rules

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NO_RULES = Rules([], "list", Decimal(0), NOON)


def of(**components: int) -> Assembly:
    return Assembly({sku: Decimal(units) for sku, units in components.items()})


PACKS = {"PACK6": of(CAN=6), "PACK12": of(CAN=12)}


def state(made: int | None, ordered: int = 0, *, is_sold: bool = True) -> SkuState:
    """A SKU of which so many have been made; orders of as many units are on their way."""
    orders = [OrderedUnits(Decimal(ordered), NOON + timedelta(minutes=1))] if ordered else []
    available = None if made is None else Decimal(made)
    return SkuState(available, NOON, orders=orders, is_sold=is_sold)


def offered(
    states: Mapping[str, SkuState],
    packs: Mapping[str, Assembly] = PACKS,
    percent: int = 50,
    rules: Rules = NO_RULES,
) -> dict[str, int]:
    offers = offers_of(states, rules, {}, None, Assembling(packs, Decimal(percent)))
    return {sku: max(0, int(offer.units)) for sku, offer in offers.items()}


def test_two_packs_and_the_loose_goods_share_what_is_there():
    """Twelve cans: the ERP shows two packs of six and one of twelve as well."""
    states = {"CAN": state(12), "PACK6": state(0), "PACK12": state(0)}
    assert offered(states) == {"CAN": 6, "PACK6": 1, "PACK12": 0}
    assert offered(states, percent=100) == {"CAN": 0, "PACK6": 2, "PACK12": 0}


def test_packs_that_have_been_made_are_offered_whatever_is_loose():
    states = {"CAN": state(0), "PACK6": state(3), "PACK12": state(0)}
    assert offered(states) == {"CAN": 0, "PACK6": 3, "PACK12": 0}


def test_an_order_of_a_pack_takes_what_has_been_made_and_then_loose_goods():
    states = {"CAN": state(100), "PACK6": state(1, ordered=3)}
    assert offered(states, {"PACK6": PACKS["PACK6"]}) == {"CAN": 100 - 12 - 42, "PACK6": 7}


def test_a_pack_that_was_read_after_its_order_does_not_free_what_it_was_made_of():
    """The loose goods were read before the order, and still show what went into the pack."""
    at = NOON + timedelta(seconds=20)
    order = OrderedUnits(Decimal(2), NOON, authorised_at=at)
    cans = SkuState(Decimal(30), NOON)
    for seconds in (10, 40):
        read_at = NOON + timedelta(seconds=seconds)
        pack = SkuState(Decimal(0), read_at, orders=[order])
        offers = offered({"CAN": cans, "PACK6": pack}, {"PACK6": PACKS["PACK6"]})
        assert offers == {"CAN": 12, "PACK6": 1}, seconds
    later = SkuState(Decimal(18), NOON + timedelta(seconds=50))
    assert offered({"CAN": later, "PACK6": pack}, {"PACK6": PACKS["PACK6"]}) == offers


AGE = timedelta(minutes=15)
"""How old what the ERP shows may be."""


def old(units: int | None, seconds: int, **known: Any) -> SkuState:
    """A SKU as it was read so many seconds after noon, of any instant since `AGE` before that."""
    read_at = NOON + timedelta(seconds=seconds)
    available = None if units is None else Decimal(units)
    return SkuState(available, read_at, shows_from=read_at - AGE, **known)


def test_where_readings_may_be_old_a_pack_in_one_is_not_free_in_another():
    """The pack's reading surely shows its order; the loose goods' may be of before that."""
    ordered = OrderedUnits(Decimal(2), NOON, authorised_at=NOON - AGE + timedelta(seconds=20))
    states = {"CAN": old(30, 0), "PACK6": old(0, 60, orders=[ordered])}
    assert offered(states, {"PACK6": PACKS["PACK6"]}) == {"CAN": 12, "PACK6": 1}
    shown = {"CAN": old(18, 30), "PACK6": states["PACK6"]}
    assert offered(shown, {"PACK6": PACKS["PACK6"]}) == {"CAN": 12, "PACK6": 1}


def test_where_readings_may_be_old_a_pack_that_nobody_knows_takes_its_orders_of_loose_goods():
    ordered = OrderedUnits(Decimal(2), NOON, authorised_at=NOON - timedelta(seconds=20))
    fallen = [(Decimal(1), NOON - timedelta(seconds=10))]
    states = {"CAN": old(30, 0), "PACK6": old(None, 0, orders=[ordered], falls=fallen)}
    assert offered(states, {"PACK6": PACKS["PACK6"]})["CAN"] == (30 - 18) / 2


def test_packs_that_another_channel_sold_are_not_free_again_once_they_alone_were_read():
    """A document told of its sale; the ERP makes the packs of loose goods that were read before."""
    sold = [(Decimal(2), NOON + timedelta(seconds=20))]
    cans = SkuState(Decimal(30), NOON)
    for seconds in (10, 40):
        pack = SkuState(Decimal(0), NOON + timedelta(seconds=seconds), falls=sold)
        offers = offered({"CAN": cans, "PACK6": pack}, {"PACK6": PACKS["PACK6"]})
        assert offers == {"CAN": 12, "PACK6": 1}, seconds
    later = SkuState(Decimal(18), NOON + timedelta(seconds=50))
    assert offered({"CAN": later, "PACK6": pack}, {"PACK6": PACKS["PACK6"]}) == offers


def test_a_tray_that_was_read_after_its_order_frees_nothing_at_the_bottom_either():
    """One pack was there when packs were read; the tray took it, and three that were made."""
    ordered = OrderedUnits(Decimal(1), NOON, authorised_at=NOON + timedelta(seconds=20))
    tray = SkuState(Decimal(0), NOON + timedelta(seconds=40), orders=[ordered])
    states = {"CAN": state(30), "PACK6": state(1), "TRAY": tray}
    packs = {"PACK6": of(CAN=6), "TRAY": of(PACK6=4)}
    assert offered(states, packs, percent=100) == {"CAN": 0, "PACK6": 2, "TRAY": 0}


def test_loose_goods_that_nobody_can_buy_are_all_for_the_packs():
    states = {"CAN": state(12, is_sold=False), "PACK6": state(0)}
    assert offered(states, {"PACK6": PACKS["PACK6"]})["PACK6"] == 2


def test_a_pack_that_the_storefront_does_not_sell_takes_nothing():
    states = {"CAN": state(12), "PACK6": state(0, is_sold=False), "PACK12": state(0)}
    assert offered(states, percent=100) == {"CAN": 0, "PACK6": 0, "PACK12": 1}


@pytest.mark.parametrize("cans", [None, -5], ids=["unknown", "oversold"])
def test_of_loose_goods_that_are_unknown_or_oversold_no_pack_is_made(cans: int | None):
    assert offered({"CAN": state(cans), "PACK6": state(2), "PACK12": state(0)})["PACK6"] == 2


def test_a_pack_of_packs_takes_these_first_and_then_what_they_are_made_of():
    packs = {"PACK6": of(CAN=6), "TRAY": of(PACK6=4)}
    states = {"CAN": state(30), "PACK6": state(1), "TRAY": state(0, ordered=1)}
    assert offered(states, packs, percent=100) == {"CAN": 0, "PACK6": 2, "TRAY": 0}


def test_what_is_taken_apart_for_orders_is_offered_as_it_stands():
    """The ERP counts the cartons among the loose goods; each is offered by what has been made."""
    carton = {"CARTON": Assembly({"CAN": Decimal(12)}, is_made=False)}
    assert offered({"CAN": state(3), "CARTON": state(2)}, carton) == {"CAN": 3, "CARTON": 2}


def test_bills_that_go_round_in_a_circle_end():
    circle = {"A": of(B=1), "B": of(A=1)}
    assert offered({"A": state(0, ordered=1), "B": state(0)}, circle) == {"A": 0, "B": 0}


UNITS = st.integers(-3, 60)
SOLD = st.integers(0, 4)


@given(
    made=st.fixed_dictionaries(dict.fromkeys(("CAN", "TIN", "PACK6", "PACK12", "MIX"), UNITS)),
    ordered=st.fixed_dictionaries(dict.fromkeys(("CAN", "TIN", "PACK6", "PACK12", "MIX"), SOLD)),
    percent=st.integers(1, 100),
    buffer=st.integers(0, 3),
)
def test_no_unit_is_promised_twice_whatever_packs_share(made, ordered, percent, buffer):
    """If shoppers bought all that is offered, the ERP could make it of what is there."""
    packs = PACKS | {"MIX": of(CAN=2, TIN=3)}
    rules = Rules([], "list", Decimal(buffer), NOON)
    states = {sku: state(made[sku], ordered[sku]) for sku in made}
    offers = offered(states, packs, percent, rules)
    for loose in ("CAN", "TIN"):
        needed = offers[loose] + ordered[loose]
        for name, pack in packs.items():
            lacking = offers[name] + ordered[name] - max(0, made[name])
            needed += max(0, lacking) * int(pack.components.get(loose, 0))
        others = ordered[loose] + sum(
            max(0, ordered[name] - max(0, made[name])) * int(pack.components.get(loose, 0))
            for name, pack in packs.items()
        )
        assert needed <= max(made[loose], others)
