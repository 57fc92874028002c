"""Starts the runs of the stock lane: everything when it is due, hints within a second."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.sku_map import is_filled
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import is_running
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.stock.publishing.hints import BETWEEN_LOOKS, full_reading_is_due, next_skus
from sfcc_cin7.stock.schedules import stock_delta, stock_hints

LONG_POLL = timedelta(seconds=15)
"""How long one tick looks for hints; see the sensor of the order lane."""
TRY_AGAIN = timedelta(seconds=15)
"""How long a reading that failed is not repeated."""


@dg.sensor(
    job=stock_delta,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reads all stock when stock.full_pass_seconds are over; the catalogues come first.",
)
@when_armed
def stock_is_due(
    context: dg.SensorEvaluationContext, merchant: Merchant, store: Store
) -> dg.RunRequest | dg.SkipReason:
    if is_running(context.instance, stock_delta.name):
        return dg.SkipReason("The stock is being read and published.")
    with store.engine.connect() as connection:
        if not is_filled(connection):
            return dg.SkipReason("The catalogues have not been read yet: `sku_map` comes first.")
    now = store.clock.now()
    if not full_reading_is_due(store.engine, merchant.model(), now):
        return dg.SkipReason("Everything was read a moment ago.")
    recent = dg.RunsFilter(job_name=stock_delta.name, created_after=now - TRY_AGAIN)
    if context.instance.get_runs(recent, limit=1):
        return dg.SkipReason("The last reading failed a moment ago.")
    return dg.RunRequest()


@dg.sensor(
    job=stock_hints,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks for SKUs that moved, every half second, and starts the run that reads them.",
)
@when_armed
def stock_moved(
    context: dg.SensorEvaluationContext, merchant: Merchant, store: Store
) -> dg.RunRequest | dg.SkipReason:
    if is_running(context.instance, stock_hints.name):
        return dg.SkipReason("A run is there and takes new hints itself.")
    model, until = merchant.model(), store.clock.now() + LONG_POLL
    while store.clock.now() < until:
        if next_skus(store.engine, model, store.clock.now()):
            return dg.RunRequest()
        store.clock.sleep(BETWEEN_LOOKS)
    return dg.SkipReason("Nothing was heard of.")
