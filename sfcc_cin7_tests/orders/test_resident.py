"""The posting run that is always there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, select, text, update

from sfcc_cin7.db.residents import present, residency
from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.orders.assets import cin7_sales
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.orders.resident import first, post_orders
from sfcc_cin7.runtime import resident
from sfcc_cin7.runtime.telling import tell
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

LIFE = timedelta(seconds=75)


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


class Run:
    """What a run is given: the lane of a test, in simulated time."""

    def __init__(self, lane: OrderLane) -> None:
        self.lane = lane
        self.models: list[OperatingModel | Exception] = [lane.model]

    def resources(self) -> dict[str, Any]:
        return {
            "merchant": SimpleNamespace(model=self._model),
            "store": SimpleNamespace(engine=self.lane.engine, clock=self.lane.clock),
            "storefront": SimpleNamespace(client=self.lane._shop),
            "erp": SimpleNamespace(client=lambda _purpose: self.lane._erp),
        }

    def _model(self) -> OperatingModel:
        model = self.models.pop(0) if len(self.models) > 1 else self.models[0]
        if isinstance(model, Exception):
            raise model
        return model

    def lives(self, monkeypatch: pytest.MonkeyPatch) -> list[dg.AssetMaterialization]:
        """The whole life of the resident run; what it told of `cin7_sales`, minute by minute."""
        monkeypatch.setattr(resident, "LIFE", LIFE)
        monkeypatch.setattr("sfcc_cin7.db.residents.HAND_OVER", timedelta(0))
        with dg.instance_for_test() as instance:
            result = post_orders.execute_in_process(resources=self.resources(), instance=instance)
            events = result.get_asset_materialization_events()
        return [event.step_materialization_data.materialization for event in events]


def test_orders_are_posted_as_they_come_and_told_every_minute(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [lane.order() for _ in range(3)]
    told = Run(lane).lives(monkeypatch)

    assert lane.states() == dict.fromkeys(keys, "acknowledged")
    assert [each.asset_key for each in told] == [cin7_sales.key] * len(told)
    assert [each.metadata["posted since then"].value for each in told] == [3, 0]


def test_what_is_posted_while_a_minute_is_told_is_in_the_next_one(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[str] = []

    def slowly(*given: Any) -> None:
        """On a busy machine it takes a while; the other thread goes on posting."""
        if not late:
            late.append(lane.order())
            lane.run()
        lane.clock.sleep(3)
        tell(*given)

    lane.order()
    monkeypatch.setattr("sfcc_cin7.orders.resident.tell", slowly)
    told = Run(lane).lives(monkeypatch)
    assert [each.metadata["posted since then"].value for each in told] == [1, 1]
    assert [each.metadata["posted so far"].value for each in told] == [1, 2]


def test_what_was_posted_so_far_is_posted_whatever_became_of_it(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, *_ = [lane.order() for _ in range(3)]
    lane.run()
    with lane.engine.begin() as connection:
        connection.execute(
            update(orders).where(orders.c.order_key == key).values(state="in_review")
        )
    [told, *_] = Run(lane).lives(monkeypatch)
    sales = [
        sale for sale in lane.sandbox.cin7.sales_truth() if sale["OrderStatus"] == "AUTHORISED"
    ]
    assert told.metadata["posted so far"].value == len(sales) == 3


def test_what_the_merchant_decides_meanwhile_holds_from_the_next_minute_on(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(lane)
    hold = [site.model_copy(update={"hold_minutes": 600.0}) for site in lane.model.sites]
    run.models = [lane.model, lane.model.model_copy(update={"sites": hold})]
    placed: list[str] = []
    told = Run._model

    def model(self: Run) -> OperatingModel:
        decided = told(self)
        if decided.sites[0].hold_minutes == 600.0 and not placed:
            placed.append(lane.order())
        return decided

    monkeypatch.setattr(Run, "_model", model)
    run.lives(monkeypatch)
    assert lane.states() == {placed[0]: "received"}


def test_an_operating_model_that_cannot_be_read_stops_nothing_and_is_told(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = lane.order()
    run = Run(lane)
    run.models = [lane.model, ConfigurationError("merchant.yaml: sites is missing")]
    told = run.lives(monkeypatch)

    assert lane.states() == {key: "acknowledged"}
    assert "sites is missing" in str(told[0].metadata["operating model"].value)


def takes_an_order(lane: OrderLane, run_id: str) -> str:
    """A run takes an order that has just been placed, and does nothing with it; the order's key."""
    key = lane.order()
    queue = OrderQueue(lane.engine, lane.clock)
    Receiver(lane._shop, queue, lane.model, lane.clock).poll()
    claim = queue.claim(f"{run_id}:worker", 120)
    assert claim is not None
    assert claim.key == key
    return key


def takes_an_order_and_is_killed(lane: OrderLane, run_id: str) -> str:
    with residency(lane.engine, lane.clock, "orders", run_id, LIFE) as here:
        here.lead()
        key = takes_an_order(lane, run_id)
        with lane.engine.connect() as connection:
            [run] = present(connection, lane.clock, "orders")
            kill = text("select pg_terminate_backend(:pid, 5000)")
            connection.execute(kill, {"pid": run.backend_pid})
    return key


def taken_at(lane: OrderLane, key: str) -> list[datetime]:
    query = select(order_events.c.at).where(
        order_events.c.order_key == key, order_events.c.kind == "claimed"
    )
    with lane.engine.connect() as connection:
        return list(connection.scalars(query.order_by(order_events.c.id)))


def test_what_a_killed_run_held_is_gone_on_with_in_seconds_not_when_its_lease_ends(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = takes_an_order_and_is_killed(lane, "the killed run")
    Run(lane).lives(monkeypatch)

    assert lane.states() == {key: "acknowledged"}
    first, second = taken_at(lane, key)
    assert second - first <= timedelta(seconds=11)


def test_what_a_run_by_hand_holds_stays_its_own_until_its_lease_ends(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = takes_an_order(lane, "a run by hand")
    Run(lane).lives(monkeypatch)
    assert lane.states() == {key: "posting"}


def materialize(run: Run) -> dg.AssetMaterialization:
    with dg.instance_for_test() as instance:
        result = dg.materialize([cin7_sales], resources=run.resources(), instance=instance)
    [told] = result.asset_materializations_for_node("cin7_sales")
    return told


def test_by_hand_what_is_due_is_posted_where_no_run_is_there(lane: OrderLane) -> None:
    key = lane.order()
    assert materialize(Run(lane)).metadata["posted since then"].value == 1
    assert lane.states() == {key: "acknowledged"}


def test_by_hand_the_resident_run_is_waited_for_and_nothing_is_posted_beside_it(
    lane: OrderLane,
) -> None:
    lane.order()
    with residency(lane.engine, lane.clock, "orders", "a run", LIFE) as here:
        here.lead()
        began = lane.clock.now()
        told = materialize(Run(lane))
    assert told.metadata["posted since then"].value == 0
    assert lane.clock.now() - began <= timedelta(seconds=21)


def test_posting_waits_for_the_catalogues(engine: Engine, lane: OrderLane) -> None:
    store: Any = SimpleNamespace(engine=engine, clock=lane.clock)
    assert "`sku_map` comes first" in str(first(lane.model, store))
