"""A list that would go wrong as a whole stays as it is until a person looked."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.schema import review_items, sku_map
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.merchant.stock import SafetyRule
from sfcc_cin7.stock import release_list
from sfcc_cin7.stock.publishing.guarding import ListGuard
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.snapshot import take_snapshot
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.systems.cin7.availability import columns_of_rows
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, rows_of, stock_house

LIST, PLACE = "inventory-uk", "London DC"


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        yield house.started()


class Meddled:
    """The ERP, with rows and locations as somebody has made them."""

    def __init__(self, erp: Any, row: Any = lambda row: row, place: Any = lambda place: place):
        self._erp, self._row, self._place = erp, row, place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    def availability_page(self, *given: Any, **named: Any) -> Any:
        page = self._erp.availability_page(*given, **named)
        return replace(page, rows=columns_of_rows([self._row(row) for row in rows_of(page.rows)]))

    def availability_of(self, *given: Any, **named: Any) -> Any:
        return [self._row(row) for row in self._erp.availability_of(*given, **named)]

    def locations(self) -> Any:
        return [self._place(place) for place in self._erp.locations()]


def renamed(erp: Any) -> Meddled:
    def place(found: Any) -> Any:
        return found.model_copy(update={"name": f"{PLACE} 1"}) if found.name == PLACE else found

    def row(found: Any) -> Any:
        new = {"location": f"{PLACE} 1"}
        return found.model_copy(update=new) if found.location == PLACE else found

    return Meddled(erp, row, place)


def zeroed(erp: Any) -> Meddled:
    none = {"on_hand": Decimal(0), "available": Decimal(0)}
    return Meddled(erp, lambda row: row.model_copy(update=none))


def passes(house: StockHouse, erp: Any, count: int = 4) -> Any:
    for _ in range(count):
        house.clock.sleep(45)
        take_snapshot(house.engine, erp, house.orders.model, house.clock)
        outcome = house.publish()
    return next(row for row in outcome.lists if row.list_id == LIST)


def held_items(house: StockHouse) -> list[str]:
    with house.engine.connect() as connection:
        is_open = review_items.c.closed_at.is_(None), review_items.c.code == "stock-held"
        return list(connection.scalars(select(review_items.c.subject).where(*is_open)))


def test_a_location_renamed_in_the_erp_empties_no_shop(house: StockHouse):
    before = house.offered(LIST)
    outcome = passes(house, renamed(house.erp))
    assert house.offered(LIST) == before
    assert "renamed to 'London DC 1'" in outcome.problem
    assert held_items(house) == [f"stock:{LIST}"]
    assert passes(house, house.erp, 2).problem is None, "renamed back"
    assert held_items(house) == []


def test_an_erp_that_answers_zeros_empties_no_shop_until_a_person_says_so(house: StockHouse):
    before = house.offered(LIST)
    outcome = passes(house, zeroed(house.erp))
    assert house.offered(LIST) == before
    assert "would be sold out" in outcome.problem
    release_list(house.engine, house.orders.model, LIST, house.now)
    assert passes(house, zeroed(house.erp), 1).problem is None
    known = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    assert not any(ats for sku, ats in house.offered(LIST).items() if sku in known)


def test_a_list_that_is_in_stock_by_default_is_told_until_it_is_not(house: StockHouse):
    def told(by_default: bool) -> list[str]:
        described = house.shop.inventory_list(LIST).model_copy(
            update={"default_in_stock": by_default}
        )
        model = house.orders.model
        policy = next(each for each in model.inventory_lists if each.id == LIST)
        ListGuard(house.engine, model, policy).tell_of_endless(described, house.now)
        with house.engine.connect() as connection:
            return open_subjects(connection, "stock-endless")

    assert told(by_default=True) == [f"stock:{LIST}/"]
    assert told(by_default=False) == []


def test_a_fall_that_a_webhook_found_is_published_while_the_whole_is_in_doubt(house: StockHouse):
    known = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    fallen, risen = [s for s, ats in house.offered(LIST).items() if ats > 20 and s in known][:2]
    before = house.offered(LIST)[risen]
    nowhere: Any = Meddled(house.erp, lambda row: row.model_copy(update={"location": ""}))
    house.clock.sleep(MINUTE)
    assert not take_snapshot(house.engine, nowhere, house.orders.model, house.clock).believed
    house.sandbox.cin7.adjust(fallen, PLACE, Decimal(0))
    house.sandbox.cin7.receive(risen, PLACE, Decimal(50))
    model, skus = house.orders.model, [fallen, risen]
    for _ in range(2):
        house.clock.sleep(MINUTE)
        refresh_skus(house.engine, house.erp, model, house.clock, skus)
        publish_stock(house.engine, house.shop, model, house.clock, only=skus)
    assert house.offered(LIST)[fallen] == 0
    assert house.offered(LIST)[risen] == before


def test_what_was_away_and_came_back_or_was_recalled_is_decided_at_the_next_pass(house):
    """Sold out while the storefront did not have it; the other moves to a category with a rule."""
    recall = SafetyRule(name="recall", categories=["Recalled"], cap=Decimal(0))
    stock = house.orders.model.stock.model_copy(update={"rules": [recall]})
    house.orders.model = house.orders.model.model_copy(update={"stock": stock})
    house.stock_pass()
    with house.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(sku_map)).mappings()]
    for row in rows:
        for name in ("seen_at", "erp_changed_at", "changed_at"):
            del row[name]
    known = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    away, recalled = [s for s, ats in house.offered(LIST).items() if ats > 20 and s in known][:2]

    def read(sku: str, change: dict[str, object]) -> None:
        with house.engine.begin() as connection:
            new = [{**row, **(change if row["sku"] == sku else {})} for row in rows]
            replace_sku_map(connection, new, house.now)

    read(away, {"in_shop": False})
    house.sandbox.cin7.adjust(away, PLACE, Decimal(0))
    for _ in range(3):
        house.stock_pass()
    assert house.offered(LIST)[away] > 0, "nobody can buy it"
    read(recalled, {"erp_category": "Recalled"})
    house.stock_pass()
    assert (house.offered(LIST)[away], house.offered(LIST)[recalled]) == (0, 0)
