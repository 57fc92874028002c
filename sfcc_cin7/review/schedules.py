"""When the inbox is looked at: every five minutes, and at once when the catalogues were read."""

import dagster as dg
from sqlalchemy import exists, select

from sfcc_cin7.db.schema import orders
from sfcc_cin7.review.jobs import look_at_inbox
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import regularly
from sfcc_cin7.runtime.resources import Store
from sfcc_cin7.values.states import OrderState

look_at_inbox_regularly = regularly(
    "look_at_inbox_regularly",
    look_at_inbox,
    "*/5 * * * *",
    "Every five minutes, unless the last look still goes on.",
)


@dg.asset_sensor(
    asset_key=dg.AssetKey("sku_map"),
    job=look_at_inbox,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
@when_armed
def catalogues_were_read(
    context: dg.SensorEvaluationContext,  # noqa: ARG001 - Dagster hands both over
    asset_event: dg.EventLogEntry,  # noqa: ARG001
    store: Store,
) -> dg.RunRequest | dg.SkipReason:
    """New SKUs and tax rules may let orders go on: look at once, where any waits."""
    with store.engine.connect() as connection:
        waits = connection.scalar(select(exists().where(orders.c.state == OrderState.IN_REVIEW)))
    if not waits:
        return dg.SkipReason("No order waits for a person.")
    return dg.RunRequest()
