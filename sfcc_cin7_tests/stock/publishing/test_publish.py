"""Stock is read, published, read back and put right, against both emulated systems."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from sfcc_cin7.db.schema import published_stock, review_items, sku_map, stock_drifts
from sfcc_cin7.db.stock_passes import not_passed_since
from sfcc_cin7.stock.publishing import publish
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records import offers
from sfcc_cin7.stock.records.drifts import record_drift
from sfcc_cin7.systems.http.errors import Ambiguous, Unavailable
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.merchant.catalogue import DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7_tests.scenario.accounts import Account
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LISTS = ("inventory-uk", "inventory-us", "inventory-jp")
UK, US = "alpenglow-uk", "alpenglow-us"


@pytest.fixture
def house(engine: Engine, clock: ManualClock, account: Account) -> Iterator[StockHouse]:
    with stock_house(engine, clock, **account.settings) as house:
        yield house.started()


def published(outcome) -> int:
    return sum(len(row.moved) for row in outcome.lists)


def drifts(house: StockHouse):
    with house.engine.connect() as connection:
        return connection.execute(select(stock_drifts)).all()


def test_what_the_erp_has_less_the_buffer_is_offered(house: StockHouse):
    for list_id in LISTS:
        assert house.offered(list_id) == house.supply(list_id)
    assert published(house.stock_pass()) == 0


@pytest.mark.parametrize("site", [UK, US])
def test_orders_on_their_way_are_never_offered_again_and_cost_no_publishing(house, site):
    list_id = "inventory-uk" if site == UK else "inventory-us"
    for _ in range(4):
        house.orders.order(site)
        assert published(house.stock_pass(20)) == 0
        assert not house.oversold(list_id)
    house.orders.run()
    for _ in range(4):
        assert published(house.stock_pass(45)) == 0
        assert not house.oversold(list_id)
    assert house.offered(list_id) == house.supply(list_id)


def test_an_order_that_nobody_received_holds_the_reset_date_back(house: StockHouse):
    """The order lane stands still; a delivery must not bring its units back on sale."""
    order = house.sandbox.shoppers.place(US, "plain")
    sku = order["productItems"][0]["productId"]
    for _ in range(4):
        house.sandbox.cin7.receive(sku, "Reno DC", Decimal(5))
        house.stock_pass(2 * MINUTE)
        assert not house.oversold("inventory-us")


def test_a_reinstated_order_that_waits_for_a_person_is_never_offered_again(house: StockHouse):
    """It was exported and its sale is void: the ERP does not count it, however old it becomes."""
    key = house.orders.order(UK)
    house.orders.run_until_quiet()
    number = key.split(":")[2]
    sku = house.sandbox.sfcc.order(UK, number)["productItems"][0]["productId"]
    for change in (house.sandbox.sfcc.staff.cancel, house.sandbox.sfcc.staff.reinstate):
        change(UK, number)
        house.started()
        house.orders.run_until_quiet()
    house.started()
    assert house.orders.review_codes(key) == {"exported-without-sale"}
    offered = house.offered("inventory-uk")[sku]
    for _ in range(3):
        house.clock.sleep(timedelta(days=1).total_seconds())
        house.started()
        assert house.offered("inventory-uk")[sku] == offered


def test_a_count_that_finds_less_is_published_at_once_and_a_delivery_after_two_readings(house):
    sku = next(sku for sku, ats in house.offered("inventory-us").items() if ats > 20)
    house.sandbox.cin7.adjust(sku, "Reno DC", Decimal(11))
    house.stock_pass()
    assert house.offered("inventory-us")[sku] == 10
    house.sandbox.cin7.receive(sku, "Reno DC", Decimal(30))
    assert published(house.stock_pass()) == 0
    house.publish()
    assert house.offered("inventory-us")[sku] == 10, "the same reading is not a second one"
    house.stock_pass()
    assert house.offered("inventory-us")[sku] == 40


@pytest.mark.parametrize(
    ("list_id", "sku"), [(DRIFTING_LIST, DRIFTING_SKU), ("inventory-us", None)]
)
def test_an_allocation_that_somebody_edited_is_found_and_put_right_in_three_minutes(
    house, list_id, sku
):
    sku = sku or next(iter(house.offered(list_id)))
    house.sandbox.sfcc.edit_allocation(list_id, sku, Decimal(999))
    for _ in range(3):
        house.stock_pass()
    assert house.offered(list_id) == house.supply(list_id)
    (drift,) = drifts(house)
    assert (drift.sku, drift.shown) == (sku, 999)
    assert drift.corrected_at is not None
    house.stock_pass(3 * MINUTE)
    assert len(drifts(house)) == 1


def test_a_rise_of_one_reading_is_not_offered_because_a_record_is_put_right(house: StockHouse):
    """Cin7 may not show yet what it has sold: only a second reading tells it from a delivery."""
    sku = next(sku for sku, ats in house.offered("inventory-us").items() if ats > 20)
    before = house.offered("inventory-us")[sku]
    house.sandbox.sfcc.edit_allocation("inventory-us", sku, Decimal(999))
    house.clock.sleep(3 * MINUTE)
    house.sandbox.cin7.receive(sku, "Reno DC", Decimal(30))
    house.stock_pass(0)
    assert house.offered("inventory-us")[sku] == before
    house.stock_pass()
    assert house.offered("inventory-us")[sku] == before + 30


def test_a_reading_that_lost_rows_publishes_nothing(house: StockHouse):
    house.sandbox.faults.rates["cin7.short_snapshot"] = 1.0
    house.clock.sleep(MINUTE)
    snapshot = house.read()
    assert not snapshot.believed
    outcome = house.publish()
    assert outcome.lists == []
    assert "not believed" in (outcome.reason or "")
    house.sandbox.faults.rates.clear()
    assert published(house.stock_pass()) == 0


def test_an_answer_that_got_lost_is_looked_up_and_counted_as_done(house: StockHouse):
    sku = next(sku for sku, ats in house.offered("inventory-us").items() if ats > 20)
    house.sandbox.cin7.adjust(sku, "Reno DC", Decimal(11))
    house.sandbox.faults.rates["sfcc.504_applied"] = 1.0
    outcome = house.stock_pass()
    assert (published(outcome), sum(row.failed for row in outcome.lists)) == (1, 0)
    house.sandbox.faults.rates.clear()
    house.stock_pass(3 * MINUTE)
    assert drifts(house) == []


def test_one_sku_that_the_storefront_refuses_stops_no_other(house: StockHouse):
    ghost = {"shop_name": "Ghost", "in_shop": True, "in_erp": True, "seen_at": house.now}
    known = [
        {"sku": sku, "in_shop": True, "in_erp": True, "seen_at": house.now}
        for sku in house.offered("inventory-us")
    ]
    with house.engine.begin() as connection:
        connection.execute(sku_map.insert(), known)
        connection.execute(sku_map.insert().values(sku="NO-SUCH-SKU", **ghost))
    sku = next(sku for sku, ats in house.offered("inventory-us").items() if ats > 20)
    house.sandbox.cin7.adjust(sku, "Reno DC", Decimal(11))
    outcome = house.stock_pass()
    assert all(row.problem is None for row in outcome.lists)
    assert house.offered("inventory-us")[sku] == 10
    with house.engine.connect() as connection:
        items = connection.execute(select(review_items)).all()
    assert {item.code for item in items} == {"stock-refused"}
    assert all("NO-SUCH-SKU" in item.sentence for item in items)


class Died(BaseException):
    """The process ended."""


class Shaky:
    """The storefront, of which writes arrive while nobody hears the answer, nor any other."""

    def __init__(self, shop: SfccClient, ends_with: BaseException) -> None:
        self._shop = shop
        self._ends_with = ends_with
        self.written: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    def set_allocation(self, list_id: str, sku: str, *figure: Any) -> Any:
        self._shop.set_allocation(list_id, sku, *figure)
        self.written.append(sku)
        raise self._ends_with

    def inventory_record(self, list_id: str, sku: str) -> Any:
        if sku in self.written:
            raise Unavailable("sfcc", "GET record", 503, "shed")
        return self._shop.inventory_record(list_id, sku)


@pytest.mark.parametrize(
    "ends_with", [Ambiguous("sfcc", "PATCH record", 504, "gateway time-out"), Died()]
)
def test_a_rise_that_may_have_arrived_is_taken_back_when_the_stock_is_gone(house, ends_with):
    """What was remembered is what the stock fell to again: it would seem that nothing differs."""
    sku = next(sku for sku, ats in house.offered("inventory-us").items() if ats > 20)
    before = house.offered("inventory-us")[sku]
    house.sandbox.cin7.receive(sku, "Reno DC", Decimal(30))
    assert published(house.stock_pass()) == 0, "a rise waits for a second reading"
    house.clock.sleep(MINUTE)
    house.read()
    shaky: Any = Shaky(house.shop, ends_with)
    with suppress(Died):
        publish_stock(house.engine, shaky, house.orders.model, house.clock)
    assert house.offered("inventory-us")[sku] == before + 30
    house.sandbox.cin7.receive(sku, "Reno DC", Decimal(-30))
    house.clock.sleep(MINUTE)
    refresh_skus(house.engine, house.erp, house.orders.model, house.clock, [sku])
    publish_stock(house.engine, house.shop, house.orders.model, house.clock, only=[sku])
    assert not house.oversold("inventory-us")
    house.stock_pass()
    house.stock_pass()
    assert house.offered("inventory-us")[sku] == before


class Blind:
    """The storefront, which cannot show certain records, nor a page that holds one of them."""

    def __init__(self, shop: SfccClient, *hidden: str, pages: bool = True) -> None:
        self._shop = shop
        self._hidden = hidden
        self._pages = pages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[Any]:
        for record in self._shop.inventory_records(list_id, start):
            if record.sku in self._hidden:
                if self._pages:
                    raise Unavailable("sfcc", "GET records", 200, "not readable: in_stock_date")
                continue
            yield record

    def inventory_record(self, list_id: str, sku: str) -> Any:
        if sku in self._hidden:
            raise Unavailable("sfcc", "GET record", 200, "not readable: in_stock_date")
        return self._shop.inventory_record(list_id, sku)


@pytest.mark.parametrize("pages", [True, False])
def test_a_record_that_cannot_be_read_back_leaves_nothing_on_sale_that_is_gone(house, pages):
    gone, hidden = [sku for sku, ats in house.offered("inventory-us").items() if ats > 20][:2]
    blind: Any = Blind(house.shop, hidden, pages=pages)
    for units in (13, 12, 11):
        house.sandbox.cin7.adjust(gone, "Reno DC", Decimal(units))
        house.clock.sleep(MINUTE)
        house.read()
        outcome = publish_stock(house.engine, blind, house.orders.model, house.clock)
    assert house.offered("inventory-us")[gone] == 10
    problems = [row.problem for row in outcome.lists if row.list_id == "inventory-us"]
    assert ("not read back" in str(problems)) == pages
    house.clock.sleep(house.orders.model.stock.lag_minutes * MINUTE - MINUTE)
    publish_stock(house.engine, blind, house.orders.model, house.clock)
    with house.engine.connect() as connection:
        behind = not_passed_since(connection, house.orders.model, house.now)
    assert ("inventory-us" in behind) == pages, "drift that nobody looks for fails the check"


def test_a_drift_that_cannot_be_looked_at_stops_no_other_sku(house: StockHouse):
    gone, edited = [sku for sku, ats in house.offered("inventory-us").items() if ats > 20][:2]
    with house.engine.begin() as connection:
        record_drift(
            connection,
            list_id="inventory-us",
            sku=edited,
            expected=1,
            shown=2,
            ours=True,
            seen_at=house.now,
        )
    house.sandbox.cin7.adjust(gone, "Reno DC", Decimal(11))
    house.clock.sleep(MINUTE)
    house.read()
    blind: Any = Blind(house.shop, edited, pages=False)
    publish_stock(house.engine, blind, house.orders.model, house.clock)
    assert house.offered("inventory-us")[gone] == 10
    assert drifts(house)[0].corrected_at is None
    house.stock_pass()
    assert drifts(house)[0].corrected_at is not None


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is sent to the database, a statement for each round trip."""
    sent: list[str] = []

    def count(connection, cursor, statement, parameters, context, executemany):
        sent.extend([statement] * (len(parameters) if executemany else 1))

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


def test_a_rise_of_everything_is_kept_with_as_many_statements_as_that_of_one(house: StockHouse):
    with house.engine.connect() as connection:
        told = offers.published(connection, "inventory-us")
    rises = {sku: (Decimal(5), house.now) for sku in told}
    fewest = min(told)
    with statements(house.engine) as sent, house.engine.begin() as connection:
        offers.save_rises(connection, "inventory-us", rises, house.now)
        assert len(sent) == 1 < len(rises)
        offers.save_rises(connection, "inventory-us", {fewest: (None, house.now)}, house.now)
    with house.engine.connect() as connection:
        kept = offers.published(connection, "inventory-us")
    assert {sku for sku, row in kept.items() if row.rise_seen == 5} == told.keys() - {fewest}
    assert (kept[fewest].rise_seen, kept[fewest].rise_read_at) == (None, None)


def test_what_is_sent_or_waits_is_kept_with_one_statement_however_much_it_is(house: StockHouse):
    list_id, now = "inventory-us", house.now
    with house.engine.connect() as connection:
        skus = sorted(offers.published(connection, list_id))
    wanted = {sku: Decimal(number) for number, sku in enumerate(skus)}
    resets = {sku: now + timedelta(seconds=number) for number, sku in enumerate(skus)}
    with statements(house.engine) as sent, house.engine.begin() as connection:
        offers.about_to_send(connection, list_id, resets)
        offers.save_waiting(connection, list_id, wanted, now)
        assert len(sent) == 2 < len(skus)
        offers.about_to_send(connection, list_id, {skus[-1]: now})
        offers.save_waiting(connection, list_id, {skus[-1]: Decimal(3)}, now + timedelta(hours=1))
    columns = published_stock.c
    query = select(columns.sku, columns.sent_reset_at, columns.wanted, columns.waiting_since)
    with house.engine.connect() as connection:
        kept = connection.execute(query.where(columns.list_id == list_id).order_by(columns.sku))
        assert [tuple(row) for row in kept] == [
            (sku, resets[sku], Decimal(3) if sku == skus[-1] else wanted[sku], now) for sku in skus
        ], "the latest date, the latest figure, and since when it waits first"


class Shut(Blind):
    """The storefront, which shows no page, and none of these records; it keeps what was asked."""

    def __init__(self, shop: SfccClient, *hidden: str) -> None:
        super().__init__(shop, *hidden)
        self.asked: list[str] = []

    def inventory_record(self, list_id: str, sku: str) -> Any:
        self.asked.append(sku)
        return super().inventory_record(list_id, sku)


def test_of_many_drifts_a_pass_looks_at_some_the_longest_unseen_first(house, monkeypatch):
    monkeypatch.setattr(publish, "DRIFTS_LOOKED_AT", 2)
    skus = sorted(house.offered("inventory-us"))[:4]
    house.clock.sleep(MINUTE)
    with house.engine.begin() as connection:
        offers.save_read_back(connection, "inventory-us", skus[:2], house.now)
        for sku in skus:
            seen = {"expected": 1, "shown": 2, "ours": True, "seen_at": house.now}
            record_drift(connection, list_id="inventory-us", sku=sku, **seen)
    shut: Any = Shut(house.shop, *skus)
    waiting = []
    for _ in range(4):
        house.clock.sleep(MINUTE)
        house.read()
        outcome = publish_stock(house.engine, shut, house.orders.model, house.clock)
        waiting += [row.drifts_waiting for row in outcome.lists if row.list_id == "inventory-us"]
    assert waiting == [2] * 4
    assert shut.asked == [*skus[2:], *skus[:2]] * 2
    for _ in range(2):
        house.stock_pass()
    assert all(drift.corrected_at is not None for drift in drifts(house))


def test_of_many_records_that_wait_the_log_tells_the_number_and_ten(house, caplog):
    class Down:
        """Every record that is written answers that the storefront is down."""

        def __init__(self, shop: Any) -> None:
            self._shop = shop

        def __getattr__(self, name: str) -> Any:
            return getattr(self._shop, name)

        def set_allocation(self, *_: Any) -> Any:
            raise Unavailable("sfcc", "PATCH record", 503, "down")

        def set_allocations(self, *_: Any, **__: Any) -> Any:
            raise Unavailable("sfcc", "PATCH records", 503, "down")

    on_sale = [sku for sku, ats in house.offered("inventory-us").items() if ats > 20]
    for sku in on_sale[:15]:
        house.sandbox.cin7.adjust(sku, "Reno DC", Decimal(0))
    house.clock.sleep(MINUTE)
    house.read()
    caplog.clear()
    down: Any = Down(house.shop)
    outcome = publish_stock(house.engine, down, house.orders.model, house.clock)
    told = [record.getMessage() for record in caplog.records if "waits" in record.getMessage()]
    assert sum(row.failed for row in outcome.lists) > 10
    assert len(told) == sum(row.failed > 0 for row in outcome.lists)
