"""The model, the ERP and Business Manager mean the same by a list, or it is told."""

from decimal import Decimal

import pytest

from sfcc_cin7.merchant.listed_sites import refuse_what_cannot_be_right
from sfcc_cin7.merchant.stock import InventoryListPolicy, KitPolicy, StockPolicy
from sfcc_cin7.stock.deciding.agreement import (
    Place,
    endless,
    list_disagreements,
    location_disagreements,
)
from sfcc_cin7.systems.sfcc.documents import InventoryList
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.order_lane import operating_model

UK = InventoryListPolicy(id="inventory-uk", locations=["London DC"], sites=["alpenglow-uk"])
LONDON, RENO = Place("1", "London DC", "London DC"), Place("2", "Reno DC", "Reno DC")


def told(*places: Place, name: str = "London DC") -> str:
    return " ".join(location_disagreements(UK.model_copy(update={"locations": [name]}), places))


def test_locations_that_are_there_are_no_word_worth():
    assert told(LONDON, RENO) == ""


def test_a_renamed_location_is_called_by_its_new_name():
    assert "renamed to 'London DC 1'" in told(Place("1", "London DC 1", "London DC"), RENO)


@pytest.mark.parametrize("name", ["london dc", "London DC ", "London", "LondonDC", "London  DC"])
def test_a_mistyped_location_is_asked_about(name):
    assert "did you mean 'London DC'?" in told(LONDON, RENO, name=name).replace("'.", "'?")


def test_a_location_that_nobody_knows_is_answered_with_those_there_are():
    assert "it has 'London DC', 'Reno DC'" in told(LONDON, RENO, name="Osaka")


def test_a_location_that_is_gone_is_told_as_that():
    assert "deprecated or deleted" in told(Place("1", "London DC", "London DC", False), RENO)


def test_a_name_that_stands_for_another_warehouse_now_is_told():
    old = Place("1", "London old", "London DC")
    assert "is called 'London old' now" in told(old, Place("3", "London DC", "London DC"))


@pytest.mark.parametrize(
    ("described", "word"),
    [
        ({"assigned_sites": []}, "does not sell from it"),
        ({"assigned_sites": ["alpenglow-uk", "outlet"]}, "site outlet sells from it"),
        ({"assigned_sites": ["alpenglow-uk"]}, ""),
        ({}, ""),
    ],
)
def test_sites_of_business_manager_are_those_of_the_model(described, word):
    found = " ".join(list_disagreements(UK, InventoryList(id=UK.id, **described)))
    assert word in found
    assert bool(word) == bool(found)


def test_a_stated_on_order_flag_is_compared_and_default_in_stock_is_told():
    stated = UK.model_copy(update={"on_order": True})
    flagged = InventoryList(id=UK.id, default_in_stock=True)
    assert "no on-order inventory" in " ".join(list_disagreements(stated, flagged))
    assert "without end" in (endless(flagged) or "")
    assert endless(InventoryList(id=UK.id)) is None


def refused(lists: list[InventoryListPolicy], stock: StockPolicy | None = None) -> str:
    sites = operating_model(SANDBOX_MODEL).sites
    with pytest.raises(ValueError, match=r".") as error:
        refuse_what_cannot_be_right(lists, sites, stock or StockPolicy())
    return str(error.value)


def test_a_list_that_sums_two_warehouses_while_a_sale_takes_of_one_is_refused():
    both = UK.model_copy(update={"locations": ["London DC", "Reno DC"]})
    assert "offers stock of 'Reno DC'" in refused([both])
    sites = operating_model(SANDBOX_MODEL).sites
    refuse_what_cannot_be_right([both], sites, StockPolicy(order_scope="all"))


def test_a_store_list_beside_the_sites_list_is_refused():
    store = InventoryListPolicy(id="store", locations=["London DC"], sites=["alpenglow-uk"])
    assert "is in inventory-uk and store" in refused([UK, store])


def test_kits_of_a_site_that_books_bundles_as_parents_are_refused():
    kits = StockPolicy(kits={"PACK": KitPolicy(components={"CAN": Decimal(6)})})
    assert "bundles: components" in refused([UK], kits)
