"""Orders that share a sale: each is told of what is certainly its own."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping
from sfcc_cin7_tests.scenario.consolidating_lane import ConsolidatingLane


class Shared:
    """A site whose orders share a sale that the ERP ships to one addressee."""

    def __init__(self, house: Shipping) -> None:
        self.house = house
        self.day = ConsolidatingLane(house.lane)
        self.day.consolidate()
        self.keys = self.day.window_of(3, "several-lines")
        house.lane.run()
        (self.sale,) = self.day.standing()
        self.day.consolidate(ships_from="erp", address=None)
        house.clock.sleep(60)

    def units(self, key: str) -> dict[str, Decimal]:
        """What an order has of the sale."""
        found: dict[str, Decimal] = {}
        for line in self.house.lane.document(key)["productItems"]:
            found[line["productId"]] = found.get(line["productId"], Decimal(0)) + line["quantity"]
        return found


@pytest.fixture
def shared(engine: Engine, clock: ManualClock) -> Iterator[Shared]:
    with shipping(engine, clock) as house:
        yield Shared(house)


def test_when_the_whole_sale_has_left_every_order_of_it_is_told(shared: Shared) -> None:
    house = shared.house
    house.cin7.ship(shared.sale["ID"], tracking=["N1"])
    house.pass_()
    assert {house.shown(key)[0] for key in shared.keys} == {"shipped"}
    assert all(house.shown(key)[1] == ["N1"] for key in shared.keys)


def test_of_a_part_only_the_order_is_told_whose_it_certainly_is(shared: Shared) -> None:
    house = shared.house
    own: Any = {key: shared.units(key) for key in shared.keys}
    first = shared.keys[0]
    unique = {
        sku: units
        for sku, units in own[first].items()
        if not any(sku in own[key] for key in shared.keys[1:])
    }
    assert unique, "the shoppers bought different things"
    house.cin7.ship(shared.sale["ID"], unique, tracking=["N1"])
    house.pass_()
    status = "shipped" if unique == own[first] else "part_shipped"
    assert house.shown(first) == (status, ["N1"])
    assert {house.shown(key)[0] for key in shared.keys[1:]} == {"not_shipped"}


def test_of_a_sale_that_others_ship_nobody_is_told(shared: Shared) -> None:
    house = shared.house
    shared.day.consolidate()
    house.cin7.ship(shared.sale["ID"], tracking=["N1"])
    house.pass_()
    assert {house.shown(key)[0] for key in shared.keys} == {"not_shipped"}
