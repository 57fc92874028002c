"""Cin7's word that something happened to a sale: it is read at once, and once."""

from collections.abc import Iterator

import pytest
import simplejson
from pydantic import SecretStr
from sqlalchemy import Engine

from sfcc_cin7.fulfilment.reading.following import follow_shipments, has_to_follow
from sfcc_cin7.fulfilment.reading.hooks import (
    TYPES,
    ensure_subscriptions,
    named_sale,
    path_of,
    sale_hooks,
)
from sfcc_cin7.runtime.settings import Hooks
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    with shipping(engine, clock) as house:
        yield house


def hear(house: Shipping, type_: str, event: object) -> None:
    (hook,) = [
        each for each in sale_hooks(house.engine, house.clock) if each.path == path_of(type_)
    ]
    hook.keep(simplejson.dumps(event).encode())


@pytest.mark.parametrize("name", ["SaleID", "OrderNumber"])
def test_a_sale_that_is_said_to_have_shipped_is_read_before_the_next_look(
    house: Shipping, name: str
) -> None:
    key, sale = house.posted()
    house.follow()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.clock.sleep(1)
    assert not has_to_follow(house.engine, house.lane.model, house.clock)
    told = sale["ID"].upper() if name == "SaleID" else sale["OrderNumber"]
    hear(house, "Sale/ShipmentAuthorised", {name: told, "SaleTaskID": "x"})
    assert has_to_follow(house.engine, house.lane.model, house.clock)
    done = follow_shipments(house.engine, house.erp, house.lane.model, house.clock)
    assert done.read == 1
    house.tell()
    assert house.shown(key) == ("shipped", ["N1"])
    house.clock.sleep(61)
    later = follow_shipments(house.engine, house.erp, house.lane.model, house.clock)
    assert later.read == 0, "the list shows what was read already"


def test_a_sale_that_was_read_before_its_event_comes_is_not_read_again(house: Shipping) -> None:
    _, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.pass_()
    hear(house, "Sale/ShipmentAuthorised", {"OrderNumber": sale["OrderNumber"]})
    assert not has_to_follow(house.engine, house.lane.model, house.clock)


def test_an_event_that_comes_again_is_the_same_event(house: Shipping) -> None:
    _, sale = house.posted()
    house.follow()
    for _ in range(2):
        hear(house, "Sale/Undo", {"SaleID": sale["ID"]})
        follow_shipments(house.engine, house.erp, house.lane.model, house.clock)
    assert not has_to_follow(house.engine, house.lane.model, house.clock)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"SaleID": 3}', b'{"SaleID": ""}'])
def test_what_names_no_sale_is_left_alone(body: bytes) -> None:
    assert named_sale(body) is None


def test_an_address_tells_its_type() -> None:
    paths = {path_of(type_) for type_ in TYPES}
    assert "/hooks/cin7/sale-shipment-tracking-number-changed" in paths
    assert len(paths) == len(TYPES)


def test_every_type_is_subscribed_to_once_and_put_back_when_it_was_switched_off(
    house: Shipping,
) -> None:
    hooks = Hooks(url="https://hooks.example.com", secret=SecretStr("a-secret-that-nobody-guesses"))
    found = ensure_subscriptions(house.erp, hooks)
    assert {each.found for each in found.values()} == {"subscribed"}
    assert {each.found for each in ensure_subscriptions(house.erp, hooks).values()} == {"active"}
    one = house.erp.webhooks()[0]
    house.erp.save_webhook(
        {
            "ID": one.id,
            "Type": one.type,
            "IsActive": False,
            "ExternalURL": one.external_url,
            "ExternalAuthorizationType": "bearerauth",
            "ExternalBearerToken": "a-secret-that-nobody-guesses",
            "ExternalHeaders": [],
        }
    )
    found = ensure_subscriptions(house.erp, hooks)
    assert found[one.type].found == "put back"
    assert found[one.type].was_off
