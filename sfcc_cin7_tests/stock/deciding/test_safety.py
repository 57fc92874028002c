"""What is held back, which rule decides, and what kits may take."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sfcc_cin7.merchant.stock import KitPolicy, SafetyRule, StockPolicy
from sfcc_cin7.stock.deciding.allocation import OrderedUnits
from sfcc_cin7.stock.deciding.kits import kits_of, taken_by_kits
from sfcc_cin7.stock.deciding.offering import SkuState, offers_of
from sfcc_cin7.stock.deciding.plan import ListState, plan
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.deciding.safety import LIST_BUFFER, Rules, changing_between, free, shown

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAUNCH = {"begins": NOON, "until": NOON + timedelta(hours=4)}
EVERYTHING = SafetyRule(name="everything")
SHOES = SafetyRule(name="shoes", categories=["Shoes"])
UK = SafetyRule(name="uk", lists=["inventory-uk"])
UK_SHOES = SafetyRule(name="uk shoes", lists=["inventory-uk"], categories=["Shoes"])
BOOT = SafetyRule(name="boot", skus=["BOOT"])
BOOT_LAUNCH = SafetyRule(name="boot launch", skus=["BOOT"], **LAUNCH)


@pytest.mark.parametrize(
    ("rules", "decides"),
    [
        ([], LIST_BUFFER),
        ([EVERYTHING, UK], "uk"),
        ([UK, SHOES], "shoes"),
        ([SHOES, UK_SHOES], "uk shoes"),
        ([UK_SHOES, BOOT], "boot"),
        ([BOOT, BOOT_LAUNCH], "boot launch"),
        ([SafetyRule(name="first"), EVERYTHING], "first"),
        ([SafetyRule(name="us", lists=["inventory-us"])], LIST_BUFFER),
        ([SafetyRule(name="hats", skus=["HAT"])], LIST_BUFFER),
    ],
)
def test_the_most_specific_rule_decides_about_a_boot(rules, decides):
    for written in (rules, rules[::-1]) if decides != "first" else (rules,):
        found = Rules(written, "inventory-uk", Decimal(1), NOON).of("BOOT", "Shoes")
        assert found.name == decides


def test_a_launch_has_its_own_rule_from_its_first_instant_to_before_its_last():
    def deciding(at):
        return Rules([BOOT, BOOT_LAUNCH], "inventory-uk", Decimal(1), at).of("BOOT", None).name

    second = timedelta(seconds=1)
    assert deciding(NOON - second) == "boot"
    assert deciding(NOON) == "boot launch"
    assert deciding(NOON + timedelta(hours=4) - second) == "boot launch"
    assert deciding(NOON + timedelta(hours=4)) == "boot"
    assert changing_between([BOOT_LAUNCH], NOON - second, NOON)
    assert not changing_between([BOOT_LAUNCH], NOON, NOON + second)


@pytest.mark.parametrize(
    ("held", "supply", "left"),
    [
        ({}, 10, 10),
        ({"units": 3}, 10, 7),
        ({"percent": 15}, 10, 8),
        ({"units": 3, "percent": 15}, 10, 7),
        ({"percent": 50}, -4, -4),
        ({"units": 3}, 2, -1),
        ({"hide_below": 5}, 5, 5),
        ({"hide_below": 5}, 4, 0),
        ({"units": 2, "hide_below": 5}, 6, 0),
    ],
)
def test_a_rule_leaves(held, supply, left):
    assert free(Decimal(supply), SafetyRule(name="rule", **held)) == left


def test_a_cap_hides_what_there_is_and_adds_nothing():
    capped = SafetyRule(name="rule", cap=Decimal(6))
    assert shown(Decimal(10), capped) == 6
    assert shown(Decimal(2), capped) == 2
    assert shown(Decimal(-2), capped) == -2


def test_a_rule_that_ends_before_it_begins_and_kits_of_more_than_there_is_are_refused():
    with pytest.raises(ValidationError, match="until must come after"):
        SafetyRule(name="rule", begins=NOON, until=NOON)
    kit = KitPolicy(components={"MUG": Decimal(1)}, percent=Decimal(60))
    with pytest.raises(ValidationError, match="120 percent of MUG"):
        StockPolicy(kits={"A": kit, "B": kit})
    with pytest.raises(ValidationError, match="cannot be a component"):
        StockPolicy(kits={"A": kit, "B": KitPolicy(components={"A": Decimal(1)})})


def test_a_kit_is_made_as_often_as_its_scarcest_component_allows():
    kit = KitPolicy(components={"MUG": Decimal(2), "POT": Decimal(1)}, percent=Decimal(100))
    assert kits_of(kit, {"MUG": Decimal(7), "POT": Decimal(9)}) == 3
    assert kits_of(kit, {"MUG": Decimal(70), "POT": Decimal(2)}) == 2
    assert kits_of(kit, {"MUG": Decimal(-3), "POT": Decimal(9)}) == -2
    assert kits_of(kit, {"MUG": Decimal(7)}) is None


def test_a_kit_whose_component_is_unknown_keeps_its_share_of_the_others():
    """Ten kits of four cans each are still on sale: of 81 cans 41 are left by themselves."""
    kits = {"KIT": KitPolicy(components={"GAS": Decimal(4), "MUG": Decimal(1)})}
    skus = {
        "GAS": SkuState(Decimal(81), NOON),
        "MUG": SkuState(None, NOON),
        "KIT": SkuState(None, NOON, told=Published(Decimal(10), NOON)),
    }
    offers = offers_of(skus, Rules([], "inventory-uk", Decimal(0), NOON), kits)
    assert (offers["GAS"].units, "KIT" in offers) == (Decimal(41), False)


@pytest.mark.parametrize(("gas", "kits_left"), [(0, 0), (-8, 0), (24, 3)])
def test_a_kit_is_not_on_sale_for_what_nobody_knows_when_another_component_is_gone(gas, kits_left):
    """The mug was deprecated, perhaps for good; then the cans of gas are sold."""
    kits = {"KIT": KitPolicy(components={"GAS": Decimal(4), "MUG": Decimal(1)})}
    skus = {
        "GAS": SkuState(Decimal(gas), NOON, told=Published(Decimal(41), NOON)),
        "MUG": SkuState(None, NOON, told=Published(Decimal(5), NOON)),
        "KIT": SkuState(None, NOON, told=Published(Decimal(10), NOON)),
    }
    where = ListState(on_order=False, settled=NOON)
    made = plan(skus, where, Rules([], "inventory-uk", Decimal(0), NOON), kits)
    told = {push.sku: push.allocation for push in made.pushes}
    assert told == {"GAS": max(0, gas - 4 * kits_left), "KIT": kits_left}
    assert made.unknown == ["MUG"]


def test_a_kit_of_which_a_component_is_unknown_never_rises():
    kits = {"KIT": KitPolicy(components={"GAS": Decimal(4), "MUG": Decimal(1)})}
    sold = OrderedUnits(Decimal(5), NOON + timedelta(seconds=-30), authorised_at=NOON)
    told = Published(Decimal(10), NOON - timedelta(minutes=1))
    skus = {
        "GAS": SkuState(Decimal(64), NOON),
        "MUG": SkuState(None, NOON),
        "KIT": SkuState(None, NOON, told=told, orders=[sold]),
    }
    where = ListState(on_order=False, settled=NOON)
    made = plan(skus, where, Rules([], "inventory-uk", Decimal(0), NOON), kits)
    assert made.unknown == ["KIT", "MUG"], "five of ten are left, of eight that could be made"
    assert "KIT" not in made.rises


@given(
    stock=st.fixed_dictionaries({sku: st.integers(-5, 60) for sku in ("MUG", "POT", "TIN")}),
    buffer=st.integers(0, 3),
)
def test_kits_and_their_components_together_never_offer_a_unit_twice(stock, buffer):
    kits = {
        "A": KitPolicy(components={"MUG": Decimal(2), "POT": Decimal(1)}, percent=Decimal(30)),
        "B": KitPolicy(components={"MUG": Decimal(1), "TIN": Decimal(3)}, percent=Decimal(70)),
    }
    states = {sku: SkuState(Decimal(units), NOON) for sku, units in stock.items()}
    states |= {name: SkuState(None, NOON) for name in kits}
    offers = offers_of(states, Rules([], "list", Decimal(buffer), NOON), kits)
    taken = taken_by_kits(kits, {name: offers[name].units for name in kits})
    for sku, units in stock.items():
        alone = max(offers[sku].units, Decimal(0))
        assert alone + taken[sku] <= max(0, units - buffer)
        assert offers[sku].units + taken[sku] == units - buffer


def test_what_is_not_known_is_not_offered_in_a_kit_either():
    kits = {"A": KitPolicy(components={"MUG": Decimal(2)})}
    states = {"MUG": SkuState(None, NOON), "A": SkuState(None, NOON)}
    assert offers_of(states, Rules([], "list", Decimal(0), NOON), kits) == {}


def test_the_buffer_of_a_list_is_held_back_once_and_a_kits_own_rule_on_top():
    kits = {"A": KitPolicy(components={"MUG": Decimal(2)}, percent=Decimal(100))}
    states = {"MUG": SkuState(Decimal(21), NOON), "A": SkuState(None, NOON)}
    plain = offers_of(states, Rules([], "list", Decimal(1), NOON), kits)
    assert plain["A"].units == 10
    assert plain["A"].rule == "its components"
    ruled = Rules([SafetyRule(name="kits", skus=["A"], units=4)], "list", Decimal(1), NOON)
    assert offers_of(states, ruled, kits)["A"].units == 6
