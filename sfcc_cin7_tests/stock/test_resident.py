"""The runs of stock that are always there, and somebody who materializes an asset beside them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.locks import held
from sfcc_cin7.runtime import resident
from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.checks import snapshot_believed
from sfcc_cin7.stock.publishing.publish import ONE_PUBLISHER
from sfcc_cin7.stock.reading.snapshot import ONE_READER
from sfcc_cin7.stock.records.hints import WEBHOOK, hint
from sfcc_cin7.stock.resident import first, stock_delta, stock_hints
from sfcc_cin7.stock.trail.following import follow_trail
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

LIFE = timedelta(seconds=150)


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock) as house:
        yield house.started()


def resources(house: StockHouse) -> dict[str, Any]:
    return {
        "merchant": SimpleNamespace(model=lambda: house.orders.model),
        "store": SimpleNamespace(engine=house.engine, clock=house.clock),
        "storefront": SimpleNamespace(client=house.shop),
        "erp": SimpleNamespace(client=lambda _purpose: house.erp),
    }


def lives(
    house: StockHouse, job: dg.JobDefinition, monkeypatch: pytest.MonkeyPatch
) -> dg.ExecuteInProcessResult:
    """The whole life of a resident run."""
    monkeypatch.setattr(resident, "LIFE", LIFE)
    monkeypatch.setattr("sfcc_cin7.db.residents.HAND_OVER", timedelta(0))
    with dg.instance_for_test() as instance:
        return job.execute_in_process(resources=resources(house), instance=instance)


def materialized(result: dg.ExecuteInProcessResult) -> list[tuple[str, dict[str, Any]]]:
    told = [
        event.step_materialization_data.materialization
        for event in result.get_asset_materialization_events()
    ]
    return [
        (each.asset_key.to_user_string(), {name: v.value for name, v in each.metadata.items()})
        for each in told
    ]


def checked(result: dg.ExecuteInProcessResult) -> dict[str, list[bool]]:
    said: dict[str, list[bool]] = {}
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            said.setdefault(evaluation.check_name, []).append(evaluation.passed)
    return said


def test_all_is_read_and_published_in_the_merchants_rhythm_and_told(
    house: StockHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = house.orders.model.stock.full_pass_seconds
    house.clock.sleep(every)
    told = lives(house, stock_delta, monkeypatch)

    passes = 1 + int(LIFE.total_seconds() // every)
    names = [name for name, _ in materialized(told)]
    assert names == ["cin7_stock", "sfcc_inventory"] * passes
    assert all(shown["believed"] for name, shown in materialized(told) if name == "cin7_stock")
    assert {name: len(said) for name, said in checked(told).items()} == {
        "snapshot_believed": passes,
        "stock_webhook_active": passes,
        "inventory_drift": passes,
        "nothing_oversold": passes,
    }


def test_what_is_not_believed_is_told_and_not_published(
    house: StockHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.clock.sleep(house.orders.model.stock.full_pass_seconds)
    shrunk = "sfcc_cin7.stock.reading.snapshot.doubt"
    monkeypatch.setattr(shrunk, lambda *_: "Half of the rows are gone.")
    told = lives(house, stock_delta, monkeypatch)

    assert not any(checked(told)["snapshot_believed"])
    published = [shown for name, shown in materialized(told) if name == "sfcc_inventory"]
    assert published
    assert all("not believed" in shown["why nothing was published"] for shown in published)


def test_in_the_asset_graph_nothing_follows_on_a_reading_that_is_not_believed(
    house: StockHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrunk = "sfcc_cin7.stock.reading.snapshot.doubt"
    monkeypatch.setattr(shrunk, lambda *_: "Half of the rows are gone.")
    with dg.instance_for_test() as instance:
        result = dg.materialize(
            [cin7_stock, sfcc_inventory, snapshot_believed],
            resources=resources(house),
            instance=instance,
            raise_on_error=False,
        )
    assert not result.success
    assert result.asset_materializations_for_node("sfcc_inventory") == []


def test_skus_that_moved_are_read_by_themselves_and_told(
    house: StockHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = next(iter(house.offered("inventory-uk")))
    with house.engine.begin() as connection:
        hint(connection, [sku], WEBHOOK, house.now, house.now)
    told = lives(house, stock_hints, monkeypatch)

    [followed] = [
        event.asset_observation_data.asset_observation
        for event in told.all_events
        if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION
    ]
    assert followed.asset_key == sfcc_inventory.key
    assert followed.metadata["SKUs"].value == 1


def test_documents_are_followed_in_the_same_lane_and_told(
    house: StockHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = house.orders.model.stock.model_copy(update={"trail": True})
    house.orders.model = house.orders.model.model_copy(update={"stock": policy})
    with house.orders.erp("trail") as erp:
        follow_trail(house.engine, erp, house.shop, house.orders.model, house.clock)
    sku, before = next(
        (sku, units) for sku, units in house.offered("inventory-uk").items() if units > 20
    )
    lost = {sku: Decimal(5)}
    house.sandbox.cin7.documents.counts.write_off("London DC", lost)
    house.clock.sleep(300)
    monkeypatch.setattr("sfcc_cin7_tests.stock.test_resident.LIFE", timedelta(seconds=90))
    told = lives(house, stock_hints, monkeypatch)

    [followed] = [
        event.asset_observation_data.asset_observation
        for event in told.all_events
        if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION
    ]
    assert followed.metadata["documents read"].value == 1
    assert followed.metadata["falls that documents told"].value == 1
    assert house.offered("inventory-uk")[sku] == before - 5


@pytest.mark.parametrize(
    ("asset", "lock"), [(cin7_stock, ONE_READER), (sfcc_inventory, ONE_PUBLISHER)]
)
def test_by_hand_a_lane_that_is_at_work_is_left_alone_with_one_sentence(
    house: StockHouse, asset: dg.AssetsDefinition, lock: str
) -> None:
    with held(house.engine, lock, house.clock), dg.instance_for_test() as instance:
        began = house.now
        with pytest.raises(dg.Failure, match="at work just now"):
            dg.materialize([asset], resources=resources(house), instance=instance)
    assert house.now - began <= timedelta(seconds=60)


def test_by_hand_all_is_read_at_once_where_nobody_reads(house: StockHouse) -> None:
    with dg.instance_for_test() as instance:
        result = dg.materialize(
            [cin7_stock, sfcc_inventory], resources=resources(house), instance=instance
        )
    [read] = result.asset_materializations_for_node("cin7_stock")
    assert read.metadata["believed"].value


def test_the_catalogues_come_before_the_stock(engine: Engine, clock: ManualClock) -> None:
    store: Any = SimpleNamespace(engine=engine, clock=clock)
    model: Any = None
    assert "`sku_map` comes first" in str(first(model, store))
