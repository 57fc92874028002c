"""The run that is always there, its rhythm, and what its checks say."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, update

from sfcc_cin7.db.locks import held
from sfcc_cin7.db.schema import order_shipments, orders
from sfcc_cin7.fulfilment.checks import shipments_told, shipped_on_time
from sfcc_cin7.fulfilment.reading.following import follow_shipments, has_to_follow, look_every
from sfcc_cin7.fulfilment.resident import first, tell_shipments
from sfcc_cin7.inbox.listing import inbox
from sfcc_cin7.runtime import resident
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7.systems.cin7.changes import LOOK_EVERY, READER
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping

LIFE = timedelta(minutes=4)


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    with shipping(engine, clock) as house:
        yield house


def resources(house: Shipping) -> dict[str, Any]:
    return {
        "merchant": SimpleNamespace(model=lambda: house.lane.model),
        "store": SimpleNamespace(engine=house.engine, clock=house.clock),
        "storefront": SimpleNamespace(client=house.lane.storefront),
        "erp": SimpleNamespace(client=lambda _purpose: house.erp),
    }


def said(house: Shipping, check: Any) -> dg.AssetCheckEvaluation:
    given = resources(house)
    return evaluated(check, merchant=given["merchant"], store=given["store"])


def codes(house: Shipping) -> set[str]:
    with house.engine.connect() as connection:
        return {item.code for item in inbox(connection, house.lane.model, house.clock.now())}


def test_what_leaves_during_the_life_of_the_run_is_told_and_shown(
    house: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.clock.sleep(60)
    monkeypatch.setattr(resident, "LIFE", LIFE)
    monkeypatch.setattr("sfcc_cin7.db.residents.HAND_OVER", timedelta(0))
    with dg.instance_for_test() as instance:
        result = tell_shipments.execute_in_process(resources=resources(house), instance=instance)
    assert house.shown(key) == ("shipped", ["N1"])
    names = [
        event.step_materialization_data.materialization.asset_key.to_user_string()
        for event in result.get_asset_materialization_events()
    ]
    assert names == ["cin7_shipments", "sfcc_shipping_status"] * (len(names) // 2)
    assert len(names) >= 4


def test_an_order_that_the_storefront_shows_in_another_form_keeps_no_other_from_being_told(
    house: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    (odd, first_sale), (other, second_sale) = house.posted(), house.posted()
    for number, sale in (("N1", first_sale), ("N2", second_sale)):
        house.cin7.ship(sale["ID"], tracking=[number])
    read = SfccClient.order

    def order(self: SfccClient, site: str, order_no: str, **how: Any) -> dict[str, Any]:
        document = read(self, site, order_no, **how)
        return {**document, "productItems": ["a line"]} if odd.endswith(order_no) else document

    with monkeypatch.context() as patched:
        patched.setattr(SfccClient, "order", order)
        house.pass_()
    assert house.shown(other) == ("shipped", ["N2"])
    assert house.found(odd) == {"shipment-refused"}
    house.clock.sleep(901)
    house.tell()
    assert (house.shown(odd), house.found(odd)) == (("shipped", ["N1"]), set())


def test_it_is_looked_more_often_while_a_shipment_is_awaited(house: Shipping) -> None:
    assert look_every(house.engine, house.lane.model, house.clock) == LOOK_EVERY
    _, sale = house.posted()
    soon = timedelta(seconds=house.lane.model.shipments.look_seconds)
    assert look_every(house.engine, house.lane.model, house.clock) == soon
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    assert look_every(house.engine, house.lane.model, house.clock) == LOOK_EVERY


def test_between_two_looks_nothing_is_asked(house: Shipping) -> None:
    house.posted()
    house.follow()
    assert not has_to_follow(house.engine, house.lane.model, house.clock)
    house.clock.sleep(house.lane.model.shipments.look_seconds)
    assert has_to_follow(house.engine, house.lane.model, house.clock)


def test_what_the_books_have_read_is_taken_while_they_read(house: Shipping) -> None:
    with held(house.engine, READER, house.clock):
        done = follow_shipments(house.engine, house.erp, house.lane.model, house.clock)
    assert (done.read, done.taken) == (0, 0)


def test_what_has_left_and_nobody_could_tell_is_a_check_and_in_the_inbox(
    house: Shipping,
) -> None:
    _, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.follow()
    assert said(house, shipments_told).passed
    house.lane.sandbox.faults.rates["sfcc.503"] = 1.0
    house.tell()
    house.clock.sleep(60 * (house.lane.model.shipments.late_minutes + 1))
    late = said(house, shipments_told)
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "shipment-untold" in codes(house)
    house.lane.sandbox.faults.clear()
    house.clock.sleep(1000)
    house.pass_()
    assert said(house, shipments_told).passed
    assert "shipment-untold" not in codes(house)


def test_an_order_past_its_promise_is_named_with_how_far_it_is(house: Shipping) -> None:
    key, sale = house.posted()
    with house.engine.begin() as connection:
        connection.execute(update(orders).values(promise_at=house.clock.now()))
    house.follow()
    late = said(house, shipped_on_time)
    assert not late.passed
    assert late.metadata["not picked"].value == 1
    assert "promise-broken" in codes(house)
    house.cin7.ship(sale["ID"], tracking=[])
    house.pass_()
    assert said(house, shipped_on_time).metadata["shipped without a number"].value == 1
    house.clock.sleep(60)
    house.cin7.despatch.track(sale["ID"], "N1")
    house.pass_()
    assert said(house, shipped_on_time).passed
    assert house.row(key).stage == 2


def test_an_undone_shipment_makes_the_check_fail(house: Shipping) -> None:
    _, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    with house.engine.begin() as connection:
        connection.execute(update(order_shipments).values(undone=True))
    assert not said(house, shipments_told).passed


def test_the_lane_waits_for_a_merchant_who_wants_shipments_told(house: Shipping) -> None:
    store: Any = SimpleNamespace(engine=house.engine)
    assert first(house.lane.model, store) is None
    house.told_by("nothing")
    assert "told_by" in str(first(house.lane.model, store))
