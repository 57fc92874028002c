"""Documents of the ERP lower offers within seconds, and say what to read; rises wait for two."""

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.levels import levels
from sfcc_cin7.db.schema import stock_hints
from sfcc_cin7.ledger.passes.sales_image import follow_sales
from sfcc_cin7.stock.publishing.hints import follow_hints
from sfcc_cin7.stock.trail.checks import documents_followed
from sfcc_cin7.stock.trail.following import Followed, follow_trail, trail_is_due
from sfcc_cin7.systems.cin7.changes import newest
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.sandbox.erp_clerk import call
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

LIST, PLACE, ELSEWHERE = "inventory-us", "Reno DC", "London DC"


class TrailHouse:
    """A merchant whose account was seen to tell of documents as expected."""

    def __init__(self, house: StockHouse, **stock: Any) -> None:
        self.house = house
        policy = house.orders.model.stock.model_copy(update={"trail": True} | stock)
        one = [each for each in house.orders.model.inventory_lists if each.id == LIST]
        house.orders.model = house.orders.model.model_copy(
            update={"stock": policy, "inventory_lists": one}
        )
        refresh(house.engine, house.shop, house.erp, house.orders.model, house.clock)
        house.started()
        self.people = house.sandbox.cin7.documents
        self.turn()  # what was there before is known by the readings

    def turn(self, seconds: float = 31) -> Followed:
        """Time passes, then the trail is followed."""
        house = self.house
        house.clock.sleep(seconds)
        return follow_trail(house.engine, house.erp, house.shop, house.orders.model, house.clock)

    def read_hinted(self) -> int:
        house = self.house
        done = follow_hints(house.engine, house.erp, house.shop, house.orders.model, house.clock)
        return done.skus

    def goods(self, count: int = 1) -> list[str]:
        """SKUs with plenty in the place that feeds the list."""
        with self.house.engine.connect() as connection:
            found = [
                sku
                for (sku, place), row in levels(connection).items()
                if place == PLACE and row.available > 20 and sku in self.offered
            ]
        return found[:count]

    @property
    def offered(self) -> dict[str, Decimal]:
        return self.house.offered(LIST)

    def hinted(self) -> list[str]:
        with self.house.engine.connect() as connection:
            return list(connection.scalars(select(stock_hints.c.sku)))


@pytest.fixture
def trail(engine: Engine, clock: ManualClock) -> Iterator[TrailHouse]:
    with stock_house(engine, clock) as house:
        yield TrailHouse(house)


def test_what_is_written_off_is_off_sale_before_any_reading(trail: TrailHouse):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    on_hand = next(
        row["OnHand"]
        for row in trail.house.sandbox.cin7.stock_truth()
        if (row["SKU"], row["Location"]) == (sku, PLACE)
    )
    trail.people.counts.adjust(PLACE, {sku: on_hand - 6})
    done = trail.turn()
    assert (done.documents, done.falls, done.published) == (1, 1, 1)
    assert trail.offered[sku] == before - 6
    assert trail.hinted() == [sku]
    trail.house.clock.sleep(1)
    assert trail.read_hinted() == 1
    assert trail.offered[sku] == before - 6
    assert trail.hinted() == []


def test_a_fall_that_a_document_told_comes_back_by_two_readings_alone(trail: TrailHouse):
    """It was voided before anybody read the stock: a document brings nothing back on sale."""
    (sku,) = trail.goods()
    before = trail.offered[sku]
    trail.people.counts.write_off(PLACE, {sku: Decimal(6)})
    trail.turn(301)
    assert trail.offered[sku] == before - 6
    trail.people.counts.adjust(PLACE, {sku: before + 40})
    assert trail.turn().falls == 0
    assert trail.offered[sku] == before - 6
    trail.read_hinted()
    trail.house.clock.sleep(1)
    assert trail.offered[sku] == before - 6
    trail.house.stock_pass(60)
    trail.house.stock_pass(60)
    assert trail.offered[sku] > before


def test_each_kind_of_document_names_what_it_moved_and_takes_what_it_took(trail: TrailHouse):
    bought, moved, made, sent = trail.goods(4)
    before = dict(trail.offered)
    people = trail.people
    purchase = people.purchases.order(PLACE, {bought: Decimal(30)}, advanced=True)
    transfer = people.transfers.begin(PLACE, ELSEWHERE, {moved: Decimal(4)}, "ORDERED")
    assembly = people.assemblies.begin(PLACE, made, Decimal(1), {sent: Decimal(3)}, "AUTHORISED")
    trail.turn(301)
    people.purchases.receive(purchase)
    people.purchases.put_away(purchase)
    people.transfers.advance(transfer, "IN TRANSIT")
    people.assemblies.advance(assembly, "COMPLETED")
    done = trail.turn(301)
    assert done.documents == 3
    assert trail.offered[bought] == before[bought]
    assert trail.offered[moved] <= before[moved] - 4
    assert trail.offered[sent] <= before[sent] - 3
    assert trail.offered[made] == before[made]
    assert set(trail.hinted()) == {bought, moved, made, sent}
    trail.house.clock.sleep(1)
    trail.read_hinted()
    for _ in range(2):
        trail.house.stock_pass()
    assert not trail.house.oversold(LIST).keys() & {bought, moved, made, sent}
    assert trail.offered[bought] == before[bought] + 30


def test_a_transfer_that_was_begun_long_ago_and_is_sent_now_is_found(
    trail: TrailHouse, monkeypatch: pytest.MonkeyPatch
):
    """Its row stands behind a page of newer ones; it is missed among those that are open."""
    monkeypatch.setattr(newest, "PAGE", 2)
    old, other = trail.goods(2)
    before = trail.offered[old]
    people = trail.people.transfers
    key = people.begin(PLACE, ELSEWHERE, {old: Decimal(5)})
    for _ in range(3):
        people.begin(PLACE, ELSEWHERE, {other: Decimal(1)})
    assert trail.turn(301).documents == 4
    people.advance(key, "IN TRANSIT")
    assert trail.turn().documents == 0
    assert trail.turn(300).documents == 1
    assert trail.offered[old] == before - 5


def said(trail: TrailHouse) -> str:
    """What the check says."""
    house = trail.house
    bench: Any = SimpleNamespace(
        model=lambda: house.orders.model, engine=house.engine, clock=house.clock
    )
    found: Any = documents_followed(merchant=bench, store=bench)
    return str(found.description)


def sold_elsewhere(trail: TrailHouse, sku: str, units: int) -> str:
    """The ERP books a sale of another channel at once; its ID."""
    client = Client(transport=trail.house.orders.road, base_url=trail.house.orders.url)
    header = {
        "Customer": "Alpenglow US Web",
        "Location": PLACE,
        "SkipQuote": True,
        "TaxRule": "Zero Rated Income",
        "SaleType": "Simple",
        "CurrencyRate": Decimal("0.8"),
        "BillingAddress": {"Line1": "1 Main Street", "Country": "United States"},
        "ShippingAddress": {
            "Line1": "1 Main Street",
            "Country": "United States",
            "ShipToOther": True,
        },
    }
    answer = call(client, "POST", "sale", header)
    assert answer.status_code == 200, answer.text
    line = {
        "SKU": sku,
        "Quantity": units,
        "Price": 1,
        "Discount": 0,
        "Tax": 0,
        "Total": units,
        "TaxRule": "Zero Rated Income",
    }
    sale = str(answer.json()["ID"])
    order = {"SaleID": sale, "Status": "AUTHORISED", "Lines": [line], "AdditionalCharges": []}
    answer = call(
        client, "POST", "sale/order", order | {"Memo": "", "CombineAdditionalCharges": False}
    )
    assert answer.status_code == 200, answer.text
    return sale


def test_what_another_channel_sold_is_off_sale_and_its_shipment_moves_nothing(trail: TrailHouse):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    sale = sold_elsewhere(trail, sku, 7)
    assert trail.turn().falls == 1
    assert trail.offered[sku] == before - 7
    trail.house.clock.sleep(1)
    trail.read_hinted()
    trail.house.sandbox.cin7.ship(sale)
    done = trail.turn()
    assert (done.documents, done.hinted) == (1, 0)
    assert trail.offered[sku] == before - 7


def test_a_sale_of_ours_is_counted_by_its_order_and_what_somebody_adds_to_it_is_not(
    trail: TrailHouse,
):
    house = trail.house
    key = house.orders.order("alpenglow-us")
    house.orders.run()
    sale = house.orders.sales(key)[0]
    sku = sale["Lines"][0]["SKU"]
    before = trail.offered[sku]
    trail.turn()
    assert trail.offered[sku] == before
    house.sandbox.cin7.edit_sale(sale["ID"], sku=sku, quantity=sale["Lines"][0]["Quantity"] + 2)
    house.clock.sleep(61)
    with house.orders.erp("changes") as erp:
        follow_sales(house.engine, erp, house.orders.model, house.clock)
    assert trail.turn(1).falls == 1
    assert trail.offered[sku] == before - 2


def test_sales_of_other_channels_are_not_passed_over_while_the_books_alone_look_at_the_list(
    trail: TrailHouse,
):
    """They move on in the same list, but keep nothing of other channels."""
    house = trail.house
    (sku,) = trail.goods()
    before = trail.offered[sku]
    sold_elsewhere(trail, sku, 4)
    for _ in range(65):
        house.clock.sleep(60)
        follow_sales(house.engine, house.erp, house.orders.model, house.clock)
    trail.turn()
    assert trail.offered[sku] == before - 4


def test_a_list_that_does_not_answer_keeps_nothing_from_the_others_and_is_told(trail: TrailHouse):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    assert "7 lists of stock documents are followed" in said(trail)
    trail.house.sandbox.faults.rates = {"cin7.transfers_502": 1.0}
    trail.people.counts.write_off(PLACE, {sku: Decimal(6)})
    trail.turn(301)
    assert trail.offered[sku] == before - 6
    trail.turn(601)
    assert "Of documents of stockTransferList nothing is known" in said(trail)


def test_while_it_is_off_nothing_is_looked_at(trail: TrailHouse):
    house = trail.house
    trail.house.clock.sleep(301)
    assert trail_is_due(house.engine, house.orders.model, house.clock)
    off = house.orders.model.stock.model_copy(update={"trail": False})
    model = house.orders.model.model_copy(update={"stock": off})
    assert not trail_is_due(house.engine, model, house.clock)
    house.orders.model = model
    assert "found by reading alone" in said(trail)
