"""When the inbox is looked at with a run, and when without one."""

from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, update

from sfcc_cin7.db.schema import review_items
from sfcc_cin7.inbox.inbox import Finding, open_items
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.jobs import look_at_inbox
from sfcc_cin7.review.sensors import watch_inbox
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
pytestmark = pytest.mark.usefixtures("armed")


class Minute:
    """One tick after another, a minute apart."""

    def __init__(self, engine: Engine, clock: ManualClock, instance: dg.DagsterInstance) -> None:
        self._desk: Any = SimpleNamespace(engine=engine, clock=clock, model=lambda: MODEL)
        self._clock, self._instance, self._cursor = clock, instance, ""

    def __call__(self) -> Any:
        self._clock.sleep(60)
        context = dg.build_sensor_context(self._instance, cursor=self._cursor)
        result: Any = watch_inbox(context, merchant=self._desk, store=self._desk)
        for event in getattr(result, "asset_events", None) or []:  # as Dagster's daemon does
            self._instance.report_runless_asset_event(event)
        self._cursor = getattr(result, "cursor", None) or self._cursor
        return result


def test_an_inbox_where_nothing_may_go_on_is_shown_without_a_run(
    engine: Engine, clock: ManualClock
) -> None:
    with engine.begin() as connection:
        finding = Finding("sku:TENT", "sku-unknown", "Nobody knows it.", "team:supply")
        open_items(connection, [finding], clock.now())
    with dg.instance_for_test() as instance:
        tick = Minute(engine, clock, instance)
        shown, said = tick().asset_events
        assert (shown.asset_key, shown.metadata["items"].value) == (review_inbox.key, 1)
        assert said.check_name == "review_backlog"
        assert not tick().asset_events


def test_what_may_go_on_is_let_go_by_a_run_every_five_minutes_and_none_beside_another(
    engine: Engine, clock: ManualClock
) -> None:
    with engine.begin() as connection:
        finding = Finding("sku:TENT", "sku-unknown", "Nobody knows it.", "team:supply")
        open_items(connection, [finding], clock.now())
        connection.execute(update(review_items).values(waived_until=clock.now()))
    with dg.instance_for_test() as instance:
        tick = Minute(engine, clock, instance)
        assert [len(tick().run_requests or []) for _ in range(6)] == [1, 0, 0, 0, 0, 1]
        name = look_at_inbox.name
        instance.add_run(dg.DagsterRun(job_name=name, status=dg.DagsterRunStatus.STARTED))
        assert "still waits or runs" in tick().skip_message
