"""What leaves the warehouse reaches the shopper, once and as it is."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.states import ShipmentState
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping, some


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    with shipping(engine, clock) as house:
        yield house


def since(house: Shipping, before: list[str]) -> list[str]:
    return house.writes()[len(before) :]


def test_an_order_that_left_is_told_with_its_number_the_status_last(house: Shipping) -> None:
    key, sale = house.posted()
    house.follow()
    assert house.tell() == {}
    before = house.writes()
    house.cin7.ship(sale["ID"], tracking=["N1"], carrier="UPS")
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1"])
    _, _, number = key.split(":")
    assert since(house, before) == [f"PATCH {number}", "PUT shipping-status"]
    assert house.row(key).state == ShipmentState.TOLD
    assert house.lane.events(f"shipment:{key}")[-1] == "told"


def test_what_was_told_is_not_told_again(house: Shipping) -> None:
    _, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    before = house.writes()
    house.cin7.comment_sale(sale["ID"], "the shopper rang")
    house.pass_()
    house.pass_()
    assert since(house, before) == []


def test_an_order_that_leaves_in_parts_is_told_of_each_part(house: Shipping) -> None:
    key, sale = house.posted("several-units")
    house.cin7.ship(sale["ID"], some(sale), tracking=["N1"])
    house.pass_()
    assert house.shown(key) == ("part_shipped", ["N1"])
    house.cin7.ship(sale["ID"], tracking=["N2"])
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1", "N2"])


def test_a_number_that_changes_is_told_anew_and_the_status_is_left(house: Shipping) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=[])
    house.pass_()
    assert house.shown(key) == ("shipped", [""])
    before = house.writes()
    house.clock.sleep(60)
    house.cin7.despatch.track(sale["ID"], "N2")
    house.pass_()
    assert house.shown(key) == ("shipped", ["N2"])
    assert since(house, before) == [f"PATCH {key.split(':')[2]}"]


def test_a_merchant_may_wait_for_the_number(house: Shipping) -> None:
    house.told_by("attributes", without_number=False)
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=[])
    house.pass_()
    assert house.shown(key) == ("not_shipped", [])
    house.clock.sleep(60)
    house.cin7.despatch.track(sale["ID"], "N2")
    house.pass_()
    assert house.shown(key) == ("shipped", ["N2"])


def test_a_shipment_that_was_undone_waits_for_a_person_until_it_is_made_again(
    house: Shipping,
) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    house.clock.sleep(60)
    house.cin7.despatch.undo(sale["ID"], "Ship")
    before = house.writes()
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1"])
    assert since(house, before) == []
    assert house.found(key) == {"shipment-undone"}
    house.clock.sleep(60)
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    assert house.found(key) == set()


@pytest.mark.parametrize("way", ["attributes", "cartridge"])
def test_a_shipment_that_was_undone_before_anybody_could_be_told_is_not_told(
    house: Shipping, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knew whether the call had arrived; the look at the order says that it had not."""
    house.told_by(way)
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.follow()
    house.lane.sandbox.faults.rates["sfcc.timeout_before_commit"] = 1.0
    truth, (site, number) = house.lane.sandbox.sfcc, key.split(":")[1:]
    with monkeypatch.context() as patch:
        patch.setattr(house.lane.storefront, "order", lambda *_, **__: truth.order(site, number))
        house.tell()
    house.lane.sandbox.faults.clear()
    assert house.row(key).sent_revision > house.row(key).told_revision
    house.cin7.despatch.undo(sale["ID"], "Ship")
    house.clock.sleep(1000)
    house.pass_()
    house.pass_()
    assert house.shown(key) == ("not_shipped", [])
    assert house.found(key) == set()
    house.cin7.ship(sale["ID"], tracking=["N2"])
    house.pass_()
    assert house.shown(key) == ("shipped", ["N2"])


@pytest.mark.parametrize("way", ["attributes", "cartridge"])
@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("undone", [[2], [1, 2]])
def test_a_further_part_that_was_undone_is_told_only_if_its_call_had_arrived(
    house: Shipping, way: str, arrived: bool, undone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is the same with and without it: only the parcels say whether it was told."""
    house.told_by(way)
    key, sale = house.posted("several-lines")
    first, second = (line["SKU"] for line in sale["Lines"][:2])
    assert sum(line["Quantity"] for line in sale["Lines"]) > 2
    house.cin7.ship(sale["ID"], {first: Decimal(1)}, tracking=["N1"])
    house.pass_()
    house.cin7.ship(sale["ID"], {second: Decimal(1)}, tracking=["N2"])
    house.follow()
    when = "after" if arrived else "before"
    house.lane.sandbox.faults.rates[f"sfcc.timeout_{when}_commit"] = 1.0
    truth, (site, number) = house.lane.sandbox.sfcc, key.split(":")[1:]
    with monkeypatch.context() as patch:
        patch.setattr(house.lane.storefront, "order", lambda *_, **__: truth.order(site, number))
        patch.setattr(house.lane.storefront, "set_shipping_status", lambda *_: None)
        house.tell()
    house.lane.sandbox.faults.clear()
    for task in undone:
        house.cin7.despatch.undo(sale["ID"], "Ship", fulfilment=task)
    house.clock.sleep(1000)
    house.pass_()
    house.pass_()
    status, parcels = house.shown(key)
    assert (status, sorted(parcels)) == ("part_shipped", ["N1", "N2"] if arrived else ["N1"])
    assert house.found(key) == ({"shipment-undone"} if arrived or 1 in undone else set())
    assert house.row(key).state == ShipmentState.TOLD


@pytest.mark.parametrize("way", ["attributes", "cartridge"])
def test_a_status_that_a_person_set_back_after_an_undone_shipment_stays_back(
    house: Shipping, way: str
) -> None:
    """A shipment's own cannot be set back over the API, and keeps nothing else from being told."""
    house.told_by(way)
    key, sale = house.posted("several-units")
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    house.clock.sleep(60)
    for stage in ("Ship", "Pack", "Pick"):
        house.cin7.despatch.undo(sale["ID"], stage)
    house.pass_()
    assert house.found(key) == {"shipment-undone"}
    _, site, number = key.split(":")
    house.lane.storefront.set_shipping_status(site, number, "not_shipped")
    house.cin7.ship(sale["ID"], some(sale), tracking=["N2"])
    house.pass_()
    house.pass_()
    assert house.shown(key) == ("part_shipped", ["N2"])
    assert house.found(key) == set()


def test_a_status_that_somebody_else_has_raised_is_not_lowered(house: Shipping) -> None:
    key, sale = house.posted("several-units")
    _, site, number = key.split(":")
    house.lane.storefront.set_shipping_status(site, number, "shipped")
    house.cin7.ship(sale["ID"], some(sale), tracking=["N1"])
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1"])


def test_goods_of_a_cancelled_order_that_left_are_not_told_but_stopped(house: Shipping) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    _, site, number = key.split(":")
    house.lane.sandbox.sfcc.cancel(site, number)
    house.pass_()
    assert house.shown(key) == ("not_shipped", [])
    assert house.found(key) == {"shipped-though-cancelled"}


def test_a_site_that_nobody_tells_is_left_alone(house: Shipping) -> None:
    house.told_by("nothing")
    key, sale = house.posted()
    before = house.writes()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    assert since(house, before) == []
    assert house.row(key).stage == 2


def test_a_sale_that_somebody_copied_ships_for_nobody(house: Shipping) -> None:
    key, sale = house.posted()
    house.follow()
    copy = house.cin7.repeat_sale(sale["ID"])
    house.cin7.ship(copy, tracking=["N1"])
    house.pass_()
    assert house.shown(key) == ("not_shipped", [])


def test_the_external_status_tells_the_stage_where_the_merchant_wants_it(house: Shipping) -> None:
    house.told_by("attributes", external_status=True)
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    assert house.lane.document(key)["externalOrderStatus"].endswith(" shipped")


@pytest.mark.parametrize("fault", ["sfcc.timeout_after_commit", "sfcc.504_applied", "sfcc.502"])
def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_sent_twice(
    house: Shipping, fault: str
) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.follow()
    house.lane.sandbox.faults.rates[fault] = 1.0
    house.tell()
    house.lane.sandbox.faults.clear()
    house.clock.sleep(1000)
    house.tell()
    assert house.shown(key) == ("shipped", ["N1"])


def test_a_crash_at_any_step_loses_nothing_and_tells_nothing_twice(
    house: Shipping,
) -> None:
    from sfcc_cin7_tests.scenario.order_lane import Crash

    for at in range(1, 40):
        key, sale = house.posted()
        house.cin7.ship(sale["ID"], tracking=[f"N{at}"])
        house.follow()
        before = house.writes()
        house.lane.fuse.left = at
        died = False
        try:
            house.tell(fragile=True)
        except Crash:
            died = True
        house.lane.fuse.left = None
        house.clock.sleep(1000)
        house.tell()
        assert house.shown(key) == ("shipped", [f"N{at}"])
        written: list[Any] = since(house, before)
        assert written == [f"PATCH {key.split(':')[2]}", "PUT shipping-status"], at
        if not died:
            return
    raise AssertionError("the fuse never burned through")
