"""When the order room looks, and that looking again changes nothing."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import order_events
from sfcc_cin7.orders.assets import sfcc_orders
from sfcc_cin7.orders.definitions import defs
from sfcc_cin7.orders.schedules import read_last_week, read_todays_orders
from sfcc_cin7.runtime.resources import from_environment
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

pytestmark = pytest.mark.usefixtures("armed")


class Merchant:
    """Stands for the operating model, the store and the storefront of a test's order lane."""

    def __init__(self, lane: OrderLane) -> None:
        self.engine = lane.engine
        self.clock = lane.clock
        self.client = lane._shop
        self.model = lambda: lane.model


def requests(schedule: dg.ScheduleDefinition, at: datetime) -> list[dg.RunRequest]:
    location = dg.Definitions.merge(defs, dg.Definitions(resources=from_environment()))
    with dg.instance_for_test() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=at,
            repository_def=location.get_repository_def(),
        )
        return list(schedule.evaluate_tick(context).run_requests or [])


def test_today_is_read_again_and_yesterday_too_in_the_first_hour() -> None:
    def keys(at: datetime) -> list[str | None]:
        return [request.partition_key for request in requests(read_todays_orders, at)]

    assert keys(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) == ["2026-03-02"]
    assert keys(datetime(2026, 3, 2, 0, 57, tzinfo=UTC)) == ["2026-03-01", "2026-03-02"]


def test_every_night_the_week_before_is_read_again_in_one_run() -> None:
    [request] = requests(read_last_week, datetime(2026, 3, 9, 3, 15, tzinfo=UTC))
    assert request.tags["dagster/asset_partition_range_start"] == "2026-03-02"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-03-08"


@pytest.fixture
def materialize(engine: Engine, clock: ManualClock) -> Any:
    with order_lane(engine, clock) as lane, dg.instance_for_test() as instance:
        merchant = Merchant(lane)

        def run(first: str, last: str) -> dg.ExecuteInProcessResult:
            return dg.materialize(
                [sfcc_orders],
                resources={"merchant": merchant, "store": merchant, "storefront": merchant},
                tags={
                    "dagster/asset_partition_range_start": first,
                    "dagster/asset_partition_range_end": last,
                },
                instance=instance,
            )

        yield lane, run


def test_a_backfill_of_posted_days_posts_and_changes_nothing(materialize: Any) -> None:
    lane, run = materialize
    keys = [lane.order() for _ in range(3)]
    lane.run()

    def counted() -> int:
        with lane.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(order_events)) or 0

    events = counted()
    for _ in range(2):
        result = run("2026-01-01", "2026-01-07")
        read = result.asset_materializations_for_node("sfcc_orders")
        assert [each.metadata["orders"].value for each in read] == [3] * 7
    lane.run()
    assert counted() == events
    assert lane.states() == dict.fromkeys(keys, "acknowledged")
    assert lane.verdict().clean


def test_a_day_without_orders_is_read_like_any_other(materialize: Any) -> None:
    _, run = materialize
    (read,) = run("2026-01-01", "2026-01-01").asset_materializations_for_node("sfcc_orders")
    assert read.metadata["orders"].value == 0
    assert read.metadata["by site and state"].records == []
