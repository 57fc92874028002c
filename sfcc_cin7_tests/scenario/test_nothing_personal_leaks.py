"""No log, event, review item or metadata names a shopper."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import dagster as dg
import httpx
import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.db.schema import order_events, orders, review_items
from sfcc_cin7.orders.assets import cin7_sales, sfcc_orders
from sfcc_cin7.runtime.resources import from_environment
from sfcc_cin7.runtime.settings import OPERATING_MODEL
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.shoppers.shapes import SHAPES
from sfcc_cin7_tests.people import personal
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.order_lane import order_lane

ANSWERS_LOST = {
    "cin7.timeout_after_commit": 0.15,
    "cin7.502": 0.1,
    "cin7.html_200": 0.1,
    "cin7.error_200": 0.1,
    "sfcc.504_applied": 0.1,
    "sfcc.lock_clash": 0.1,
}
SECRETS = ("sandbox-secret", "sandbox-key", "sandbox-orders-key")


def shop_everything(sandbox: Any, clock: Any, *sites: str) -> None:
    """An order of every shape in each of the sites that sells it."""
    for shape in SHAPES:
        for site in sites:
            with suppress(ValueError):  # not every site sells every shape
                sandbox.shoppers.place(site, shape)
    clock.sleep(1)


def people_in(engine: Engine) -> set[str]:
    """Everything personal in the documents that we stored."""
    with engine.connect() as connection:
        documents = list(connection.scalars(select(orders.c.document)))
    return {text for one in documents for text in personal(decimal_json.loads(one))}


def told_by_the_store(engine: Engine) -> str:
    """What events, review items and the orders' problems say."""
    columns = [
        order_events.c.detail,
        review_items.c.sentence,
        review_items.c.expected,
        review_items.c.actual,
        orders.c.problem,
    ]
    with engine.connect() as connection:
        return "\n".join(
            repr(value) for column in columns for value in connection.scalars(select(column))
        )


def told_by_the_logs(caplog: pytest.LogCaptureFixture) -> str:
    """Every message with its traceback, of every logger."""
    plain = logging.Formatter("%(name)s %(message)s")
    return "\n".join(plain.format(record) for record in caplog.records)


def leaks(people: set[str], told: str) -> list[str]:
    """What is told of people: as it is, or as an address or a document would spell it."""
    spelled = {value: (value, quote(value), json.dumps(value)[1:-1]) for value in people}
    return sorted(value for value, forms in spelled.items() if any(form in told for form in forms))


def test_a_day_of_orders_under_faults_names_nobody(
    engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with order_lane(engine, clock, road=httpx.HTTPTransport()) as lane:
        shop_everything(lane.sandbox, clock, "alpenglow-uk", "alpenglow-jp")
        lane.sandbox.faults.rates = ANSWERS_LOST
        for _ in range(3):
            lane.run()
            clock.sleep(300)
        lane.sandbox.faults.rates = {}
        lane.run_until_quiet()
    people = people_in(engine)
    assert len(people) > 50
    logs, store = told_by_the_logs(caplog), told_by_the_store(engine)
    assert "HTTP Request: POST" in logs  # httpx was heard
    assert "httpcore" in logs
    assert "was not found in reference book" in store  # review items were read
    assert leaks(people, logs) == []
    assert leaks(people, store) == []
    assert leaks(set(SECRETS), logs) == []


@pytest.fixture
def today() -> Iterator[tuple[ManualClock, RunningSandbox]]:
    """The sandbox at the real date, whose index has seen whatever was placed."""
    clock = ManualClock(datetime.now(UTC))
    with running_sandbox(clock, skus=150) as running:
        yield clock, running


def test_what_dagster_shows_of_a_posting_run_names_nobody(
    engine: Engine,
    today: tuple[ManualClock, RunningSandbox],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, running = today
    shop_everything(running.sandbox, clock, "alpenglow-uk")  # few enough for a minute's calls
    environment = sandbox_environment(running.url) | {
        OPERATING_MODEL: str(SANDBOX_MODEL),
        DATABASE_URL: engine.url.render_as_string(hide_password=False),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    resources = from_environment()
    caplog.set_level(logging.DEBUG)
    with dg.instance_for_test() as instance:
        runs = [
            dg.materialize([cin7_sales], instance=instance, resources=resources),
            dg.materialize(
                [sfcc_orders],
                instance=instance,
                resources=resources,
                partition_key=f"{clock.now():%Y-%m-%d}",
            ),
        ]
        shown = "\n".join(repr(entry) for run in runs for entry in instance.all_logs(run.run_id))
    people = people_in(engine)
    assert len(people) > 50
    assert "seconds from order to sale" in shown
    assert leaks(people, shown) == []
    assert leaks(set(SECRETS), shown) == []
    assert leaks(people, told_by_the_logs(caplog)) == []
    assert leaks(people, told_by_the_store(engine)) == []
