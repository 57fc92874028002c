"""When the catalogues are read: every ten minutes, and once at the very start."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.catalogue.assets import read_both, sku_map
from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.db.sku_map import is_filled
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import is_running, lane_tags, regularly
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell

FIRST_TRY_AGAIN = timedelta(minutes=1)


@dg.op
def read_and_match(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    told = read_both(merchant.model(), store, storefront.client, erp.client("catalogue"))
    tell(context, sku_map, told, [evaluated(sku_divergence, merchant=merchant, store=store)])


# No asset job: while one waits or runs, its check shows nothing but "Running".
@dg.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("catalogue"),
    description="Reads both catalogues and says where they disagree.",
)
def read_catalogues() -> None:
    read_and_match()


read_catalogues_regularly = regularly(
    "read_catalogues_regularly",
    read_catalogues,
    "*/10 * * * *",
    "Every ten minutes, unless the last reading still runs.",
)


@dg.sensor(
    job=read_catalogues,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
@when_armed
def first_catalogue(
    context: dg.SensorEvaluationContext, store: Store
) -> dg.RunRequest | dg.SkipReason:
    """Reads the catalogues at once where that has never been done."""
    with store.engine.connect() as connection:
        if is_filled(connection):
            return dg.SkipReason("The catalogues have been read.")
    if is_running(context.instance, read_catalogues.name):
        return dg.SkipReason("The catalogues are being read.")
    recent = dg.RunsFilter(
        job_name=read_catalogues.name, created_after=store.clock.now() - FIRST_TRY_AGAIN
    )
    if context.instance.get_runs(recent, limit=1):
        return dg.SkipReason("The first reading failed a moment ago; it is tried every minute.")
    return dg.RunRequest()
