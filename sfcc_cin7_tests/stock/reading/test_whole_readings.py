"""Readings with every kind of hole: what ends up in the store and in the storefront is right."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.levels import last_snapshot, levels, levels_at, prune_changes
from sfcc_cin7.db.schema import review_items, stock_changes, stock_levels
from sfcc_cin7.stock.reading import snapshot
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.systems.cin7.availability import (
    AvailabilityColumns,
    AvailabilityPage,
    columns_of,
    columns_of_rows,
    joined,
)
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, rows_of, stock_house

LIST, PLACE = "inventory-us", "Reno DC"
SMALL = 100


class Pages:
    """The ERP in small pages; something may happen before one of them is read."""

    def __init__(self, erp: Any) -> None:
        self._erp = erp
        self.before: dict[int, Callable[[], object]] = {}
        self.read = 0

    def availability_page(self, page: int) -> Any:
        self.read += 1
        self.before.pop(self.read, lambda: None)()
        return self._erp.availability_page(page, SMALL)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)


@pytest.fixture
def house(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StockHouse]:
    monkeypatch.setattr(snapshot, "PAGE_SIZE", SMALL)
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        house.erp = Pages(house.erp)  # type: ignore[assignment]
        house.started()
        house.erp.read = 0  # type: ignore[attr-defined]
        yield house


def held(house: StockHouse) -> dict[tuple[str, str], Decimal]:
    with house.engine.connect() as connection:
        return {place: row.available for place, row in levels(connection).items()}


def in_the_erp(house: StockHouse) -> dict[tuple[str, str], Decimal]:
    rows = house.sandbox.cin7.stock_truth()
    return {(row["SKU"], row["Location"]): row["Available"] for row in rows}


def everything_is_true(house: StockHouse) -> bool:
    truth = in_the_erp(house)
    offered, supply = house.offered(LIST), house.supply(LIST)
    goods = {sku for sku, place in truth if place == PLACE}
    return all(units == truth.get(place, 0) for place, units in held(house).items()) and all(
        offered[sku] == supply[sku] for sku in goods & offered.keys()
    )


def on_sale(house: StockHouse) -> str:
    return next(sku for (sku, place), units in held(house).items() if place == PLACE and units > 20)


def codes(house: StockHouse) -> list[str]:
    query = select(review_items.c.code).where(
        review_items.c.closed_at.is_(None), review_items.c.subject.startswith("stock:")
    )
    with house.engine.connect() as connection:
        return list(connection.scalars(query))


def on(house: StockHouse, fault: str, size: float | None = None) -> None:
    house.sandbox.faults.rates[fault] = 1.0
    if size is not None:
        house.sandbox.faults.sizes[fault] = size


HOLES = [
    ("cin7.repeated_page", None, "came twice"),
    ("cin7.shifted_listing", None, "came twice"),
    ("cin7.duplicate_listing", None, "came twice"),
    ("cin7.missing_listing", None, "rows were read of a Total"),
]


@pytest.mark.parametrize(("fault", "size", "says"), [*HOLES, ("cin7.short_snapshot", 300, "gone")])
def test_a_reading_that_stays_wrong_is_kept_as_evidence_and_changes_nothing(
    house: StockHouse, fault: str, size: float | None, says: str
):
    before, offered = held(house), house.offered(LIST)
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    on(house, fault, size)
    outcome = house.stock_pass()
    assert outcome.lists == []
    assert says in (outcome.reason or "")
    assert (held(house), house.offered(LIST)) == (before, offered)
    house.sandbox.faults.clear()
    house.stock_pass()
    assert everything_is_true(house)


@pytest.mark.parametrize(("fault", "size", "says"), HOLES)
def test_a_reading_that_went_wrong_once_is_repeated_at_once(
    house: StockHouse, fault: str, size: float | None, says: str
):
    pages = house.read().calls
    house.erp.before = {  # type: ignore[attr-defined]
        pages + 2: lambda: on(house, fault, size),
        pages + 3: house.sandbox.faults.clear,
    }
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    house.clock.sleep(MINUTE)
    reading = house.read()
    assert reading.believed
    assert reading.calls > pages
    house.publish()
    assert everything_is_true(house)


def test_a_total_that_moves_while_it_is_read_costs_no_further_page(house: StockHouse):
    pages = house.read().calls
    sku = on_sale(house)
    house.erp.before = {  # type: ignore[attr-defined]
        pages + 3: lambda: house.sandbox.cin7.receive(sku, "Osaka DC", Decimal(1), "NEW-BIN"),
    }
    house.clock.sleep(MINUTE)
    reading = house.read()
    assert reading.believed
    assert reading.calls <= 3 + pages + 1


def test_several_pages_at_a_time_make_the_same_reading(house: StockHouse):
    one_by_one = house.read()
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    house.clock.sleep(MINUTE)
    together = house.read(at_once=4)
    assert together.believed
    assert (together.calls, together.changed) == (one_by_one.calls, 1)
    house.publish()
    assert everything_is_true(house)


@pytest.mark.parametrize(("fault", "size", "says"), HOLES)
def test_pages_that_come_together_are_doubted_like_others(
    house: StockHouse, fault: str, size: float | None, says: str
):
    before = held(house)
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    on(house, fault, size)
    reading = house.read(at_once=4)
    assert says in (reading.reason or "")
    assert held(house) == before


class Counter:
    """An ERP of 30 pages that counts how many of them are on their way or wait to be taken."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.taken = 0
        self.most = 0

    def availability_page(self, page: int) -> AvailabilityPage:
        self.asked.append(page)
        self.most = max(self.most, len(self.asked) - self.taken)
        return AvailabilityPage(30 * SMALL, page, columns_of([]))


def test_pages_come_in_their_order_and_few_wait_to_be_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshot, "PAGE_SIZE", SMALL)
    erp, numbers = Counter(), []
    for page in snapshot.pages(erp, 4):  # type: ignore[arg-type]
        erp.taken += 1
        numbers.append(page.page)
    assert numbers == list(range(1, 31))
    assert sorted(erp.asked) == numbers
    assert 1 < erp.most <= 4


def test_pages_that_nobody_wants_any_more_are_not_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshot, "PAGE_SIZE", SMALL)
    erp = Counter()
    coming = snapshot.pages(erp, 4)  # type: ignore[arg-type]
    for _ in range(3):
        next(coming)
    coming.close()
    assert len(erp.asked) <= 3 + 4


def test_nine_tenths_gone_are_not_believed_however_long_it_lasts(house: StockHouse):
    rows = house.read().rows
    offered = house.offered(LIST)
    house.sandbox.faults.sizes["cin7.short_snapshot"] = rows * 9 // 10
    house.sandbox.faults.rates["cin7.short_snapshot"] = 1.0
    for _ in range(3):
        assert "gone" in (house.stock_pass().reason or "")
    assert house.offered(LIST) == offered
    house.sandbox.faults.clear()
    house.stock_pass()
    assert everything_is_true(house)


def test_a_throttled_page_is_waited_for_and_the_reading_stays_one(house: StockHouse):
    slept = house.clock.sleep

    def wait(seconds: float) -> None:
        slept(seconds)
        if seconds > 5:
            house.sandbox.faults.clear()

    house.clock.sleep = wait  # type: ignore[method-assign]
    house.erp.before = {2: lambda: on(house, "cin7.throttle")}  # type: ignore[attr-defined]
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    reading = house.read()
    assert reading.believed
    assert reading.seconds > 20
    house.publish()
    assert everything_is_true(house)


def test_an_erp_that_only_throttles_leaves_no_half_reading(house: StockHouse):
    before = held(house)
    with house.engine.connect() as connection:
        last = last_snapshot(connection)
    house.erp.before = {2: lambda: on(house, "cin7.throttle")}  # type: ignore[attr-defined]
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    with pytest.raises(ApiError):
        house.read()
    with house.engine.connect() as connection:
        assert last_snapshot(connection) == last
    assert held(house) == before
    house.sandbox.faults.clear()
    house.clock.sleep(3 * MINUTE)
    house.stock_pass()
    assert everything_is_true(house)


def test_a_few_rows_that_the_list_passes_over_take_nothing_off_sale(house: StockHouse):
    """Not enough for the shrink guard: each SKU is asked for by itself, and is still there."""
    ask = house.erp.availability_of

    def ask_when_it_is_over(sku: str, product_id: str | None = None) -> Any:
        house.sandbox.faults.clear()
        return ask(sku, product_id)

    house.erp.availability_of = ask_when_it_is_over  # type: ignore[method-assign]
    on(house, "cin7.short_snapshot", 10)
    house.stock_pass()
    assert not house.sandbox.faults.rates, "the list passed over no SKU, so none was asked for"
    assert all(units > 0 for sku, units in house.offered(LIST).items() if house.supply(LIST)[sku])
    house.stock_pass()
    assert everything_is_true(house)


def test_goods_that_are_gone_are_off_sale_after_one_pass(house: StockHouse):
    """An account that lists no empty bins: the row is gone, and asking for it shows none either."""
    sku = on_sale(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(0))
    house.stock_pass()
    assert held(house)[sku, PLACE] == 0
    assert house.offered(LIST)[sku] == 0


def test_deprecated_goods_are_held_and_a_person_is_asked(house: StockHouse):
    sku = on_sale(house)
    before, offered = held(house)[sku, PLACE], house.offered(LIST)[sku]
    house.sandbox.cin7.set_product_status(sku, "Deprecated")
    for _ in range(4):
        house.stock_pass()
    assert (held(house)[sku, PLACE], house.offered(LIST)[sku]) == (before, offered)
    assert codes(house) == ["stock-deprecated"]
    house.sandbox.cin7.set_product_status(sku, "Active")
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(5))
    refresh(house.engine, house.shop, house.erp, house.orders.model, house.clock)
    house.stock_pass()
    assert codes(house) == []
    assert everything_is_true(house)


def test_deprecated_goods_with_a_bin_elsewhere_hide_no_other_sku(house: StockHouse):
    places = [place for place, units in held(house).items() if units > 20]
    first, second = [sku for sku, place in places if place == PLACE][:2]
    house.sandbox.cin7.set_product_status(first, "Deprecated")
    house.sandbox.cin7.adjust(second, PLACE, Decimal(0))
    house.stock_pass()
    assert house.offered(LIST)[second] == 0
    assert house.offered(LIST)[first] > 0


def test_the_levels_of_any_instant_can_be_told(house: StockHouse):
    sku = on_sale(house)
    told = []
    for units in (9, 4, 7, 7, 0):
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(units))
        house.stock_pass()
        told.append((house.now, held(house)))
    with house.engine.connect() as connection:
        for instant, before in told:
            replayed = levels_at(connection, instant)
            assert {place: row["available"] for place, row in replayed.items()} == before
        assert levels_at(connection, house.now - timedelta(days=9)) == {}


def test_pruned_history_still_tells_every_instant_since(house: StockHouse):
    sku = on_sale(house)
    told = []
    for units in map(Decimal, (9, 4, 7)):
        house.sandbox.cin7.adjust(sku, PLACE, units)
        house.stock_pass()
        told.append((house.now, held(house)[sku, PLACE]))
    with house.engine.begin() as connection:
        assert prune_changes(connection, told[1][0]) == 2
        for instant, known in told[1:]:
            assert levels_at(connection, instant, [sku])[sku, PLACE]["available"] == known


def test_only_changes_are_kept(house: StockHouse):
    def kept() -> int:
        with house.engine.connect() as connection:
            return len(connection.execute(select(stock_changes.c.sku)).all())

    before = kept()
    house.stock_pass()
    assert kept() == before
    house.sandbox.cin7.adjust(on_sale(house), PLACE, Decimal(3))
    house.stock_pass()
    assert kept() == before + 1


def test_what_was_read_by_itself_is_put_right_by_a_whole_reading_that_saw_no_change(
    house: StockHouse,
):
    """The SKU's own reading fell into a moment that is over: the whole says what it said before."""
    sku = on_sale(house)
    house.read()
    before = held(house)[sku, PLACE]
    house.sandbox.cin7.adjust(sku, PLACE, before - 5)
    house.clock.sleep(MINUTE)
    refresh_skus(house.engine, house.erp, house.orders.model, house.clock, [sku])
    assert held(house)[sku, PLACE] == before - 5
    house.sandbox.cin7.adjust(sku, PLACE, before)
    house.clock.sleep(MINUTE)
    assert house.read().changed == 1
    assert held(house)[sku, PLACE] == before


class Passed(Pages):
    """The list passes over one place, reading after reading; asked for its SKU it shows it."""

    def __init__(self, erp: Any, sku: str) -> None:
        super().__init__(erp)
        self._sku = sku

    def availability_page(self, page: int) -> Any:
        rows = [row for row in rows_of(self._whole()) if (row.sku, row.location) != self._place]
        few = rows[(page - 1) * SMALL : page * SMALL]
        return AvailabilityPage(len(rows), page, columns_of_rows(few))

    @property
    def _place(self) -> tuple[str, str]:
        return self._sku, PLACE

    def _whole(self) -> AvailabilityColumns:
        first = self._erp.availability_page(1, 1000)
        pages = range(2, -(-first.total // 1000) + 1)
        return joined([first.rows, *(self._erp.availability_page(n, 1000).rows for n in pages)])


def test_a_place_that_the_list_goes_on_passing_over_is_asked_for_at_each_reading(
    house: StockHouse,
):
    """What was found beside the list is no more than that once: the goods may be sold since."""
    sku = on_sale(house)
    house.erp = Passed(house.erp._erp, sku)  # type: ignore[attr-defined,assignment]
    for units in (17, 17, 9, 0):
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(units))
        house.clock.sleep(MINUTE)
        assert house.read().believed
        assert held(house)[sku, PLACE] == units


def test_a_level_from_before_the_keys_is_looked_at_when_the_list_lacks_it(house: StockHouse):
    sku = on_sale(house)
    with house.engine.begin() as connection:
        connection.execute(
            update(stock_levels)
            .where(stock_levels.c.sku == sku, stock_levels.c.location == PLACE)
            .values(place_key=None)
        )
    house.erp = Passed(house.erp._erp, sku)  # type: ignore[attr-defined,assignment]
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(3))
    house.clock.sleep(MINUTE)
    house.read()
    assert held(house)[sku, PLACE] == 3


def test_a_day_of_readings_ends_where_reading_all_anew_would(house: StockHouse):
    dice = random.Random(7)
    skus = sorted({sku for sku, place in held(house) if place == PLACE})
    for _ in range(12):
        for sku in dice.sample(skus, 3):
            house.sandbox.cin7.adjust(sku, PLACE, Decimal(dice.randrange(40)))
        house.clock.sleep(MINUTE)
        if dice.random() < 0.5:
            asked = dice.sample(skus, 2)
            refresh_skus(house.engine, house.erp, house.orders.model, house.clock, asked)
        if dice.random() < 0.7:
            house.read()
    house.clock.sleep(MINUTE)
    house.read()
    assert held(house) == {place: in_the_erp(house).get(place, Decimal(0)) for place in held(house)}
