"""When the catalogues are read: every few minutes, and once at the very start."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.catalogue.assets import read_both, sku_map
from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.catalogue.product_assets import (
    compare,
    field_ownership,
    look_at_the_gate,
    sku_gate,
)
from sfcc_cin7.catalogue.product_checks import fields_agree, nothing_unready_on_sale
from sfcc_cin7.db.looks import CATALOGUES, looked
from sfcc_cin7.db.sku_map import is_filled
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.horizons import catalogues_lasted, catalogues_pause
from sfcc_cin7.runtime.lanes import is_running, lane_tags
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell
from sfcc_cin7.values.ages import age_in_words

FIRST_TRY_AGAIN = timedelta(minutes=1)


@dg.op
def read_and_match(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    model, shop, cin7 = merchant.model(), storefront.client, erp.client("catalogue")
    told = read_both(model, store, shop, cin7)
    tell(context, sku_map, told, [evaluated(sku_divergence, merchant=merchant, store=store)])
    compared = compare(model, store, shop, cin7)
    gate = look_at_the_gate(model, store, shop, cin7)
    for asset, shown, check in (
        (field_ownership, compared, fields_agree),
        (sku_gate, gate, nothing_unready_on_sale),
    ):
        tell(context, asset, shown, [evaluated(check, merchant=merchant, store=store)])


# No asset job: while one waits or runs, its check shows nothing but "Running".
@brands.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("catalogue"),
    description=(
        "Reads both catalogues, says where they disagree, and looks at the gate for new SKUs."
    ),
)
def read_catalogues() -> None:
    read_and_match()


@dg.schedule(
    job=read_catalogues,
    cron_schedule="* * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=(
        "Every four minutes; where a reading takes long, after ten times that, but every ten"
        " minutes at least."
    ),
)
@when_armed
def read_catalogues_regularly(
    context: dg.ScheduleEvaluationContext, store: Store
) -> dg.RunRequest | dg.SkipReason:
    with store.engine.connect() as connection:
        began = looked(connection, CATALOGUES)
        pause = catalogues_pause(catalogues_lasted(connection))
    if began is not None and store.clock.now() < began + pause:
        return dg.SkipReason(f"The last reading began less than {age_in_words(pause)} ago.")
    if is_running(context.instance, read_catalogues.name):
        return dg.SkipReason(f"A run of {read_catalogues.name} still waits or runs.")
    return dg.RunRequest()


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
