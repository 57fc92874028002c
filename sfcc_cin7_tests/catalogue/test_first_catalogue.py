"""The first reading of the catalogues asks for itself."""

from collections import namedtuple

import dagster as dg
import pytest

from sfcc_cin7.catalogue.schedules import first_catalogue, read_catalogues
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.values.clock import SystemClock

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
