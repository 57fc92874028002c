"""When the catalogues are read: at once where they never were, then by what a reading takes."""

from collections import namedtuple
from datetime import timedelta

import dagster as dg
import pytest

from sfcc_cin7.catalogue.schedules import (
    first_catalogue,
    read_catalogues,
    read_catalogues_regularly,
)
from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.db.looks import CATALOGUES, CATALOGUES_LASTED, save_look
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.runtime.horizons import catalogues_pause
from sfcc_cin7.values.clock import ManualClock, SystemClock

Store = namedtuple("Store", "engine clock")
pytestmark = pytest.mark.usefixtures("armed")


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def asks(instance, engine):
    context = dg.build_sensor_context(
        instance=instance, resources={"store": Store(engine, SystemClock())}
    )
    return len(first_catalogue.evaluate_tick(context).run_requests or [])


def test_catalogues_that_were_never_read_are_read_at_once(instance, engine):
    assert asks(instance, engine) == 1
    row = {"sku": "TENT-1", "in_shop": True, "in_erp": True}
    with engine.begin() as connection:
        replace_sku_map(connection, [row], SystemClock().now())
    assert asks(instance, engine) == 0


def test_a_first_reading_that_failed_is_not_repeated_every_few_seconds(instance, engine):
    failed = dg.DagsterRun(
        job_name=read_catalogues.name,
        run_id="11111111-2222-3333-4444-555555555555",
        status=dg.DagsterRunStatus.FAILURE,
    )
    instance.add_run(failed)
    assert asks(instance, engine) == 0


def regularly_asks(instance, store):
    context = dg.build_schedule_context(instance=instance, resources={"store": store})
    return len(read_catalogues_regularly.evaluate_tick(context).run_requests or [])


@pytest.fixture
def storage():
    """What a schedule wants, which an instance in memory alone is not."""
    with dg.instance_for_test() as instance:
        yield instance


def test_a_small_assortment_is_read_every_four_minutes_and_never_beside_itself(storage, engine):
    store = Store(engine, ManualClock())
    assert regularly_asks(storage, store) == 1, "it was never read"
    with engine.begin() as connection:
        save_look(connection, CATALOGUES, store.clock.now())
        move_cursor(connection, CATALOGUES_LASTED, "12")
    store.clock.sleep(239)
    assert regularly_asks(storage, store) == 0
    store.clock.sleep(1)
    assert regularly_asks(storage, store) == 1
    storage.add_run(
        dg.DagsterRun(job_name=read_catalogues.name, status=dg.DagsterRunStatus.STARTING)
    )
    assert regularly_asks(storage, store) == 0


@pytest.mark.parametrize(("lasted", "pause"), [(0, 240), (24, 240), (40, 400), (3600, 600)])
def test_a_reading_takes_a_tenth_of_the_time_but_is_never_older_than_ten_minutes(lasted, pause):
    assert catalogues_pause(timedelta(seconds=lasted)) == timedelta(seconds=pause)
