"""When the inbox is looked at: every five minutes, and at once when the catalogues were read."""

import dagster as dg
from sqlalchemy import Connection, exists, select

from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7.review.assets import review_inbox, shown_of
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7.review.jobs import look_at_inbox
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import is_running
from sfcc_cin7.runtime.looking import EVERY, Memory, Shown, looked
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.values.states import OrderState


@dg.sensor(
    job=look_at_inbox,
    minimum_interval_seconds=int(EVERY.total_seconds()),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Every five minutes: a run where something may go on by itself, else a look without one."
    ),
)
@when_armed
def watch_inbox(
    context: dg.SensorEvaluationContext, merchant: Merchant, store: Store
) -> dg.SensorResult | dg.SkipReason:
    with store.engine.connect() as connection:
        waits = may_go_on(connection)
    if not waits:
        inbox = Shown(review_inbox, lambda merchant, store: shown_of(merchant.model(), store))
        return looked(context, merchant, store, [review_backlog], [inbox])
    memory = Memory(context.cursor, store.clock.now())
    if is_running(context.instance, look_at_inbox.name):
        return dg.SkipReason(f"A run of {look_at_inbox.name} still waits or runs.")
    requests = [dg.RunRequest()] if memory.is_new(look_at_inbox.name, "asked for") else []
    return dg.SensorResult(run_requests=requests, cursor=memory.cursor)


def may_go_on(connection: Connection) -> bool:
    """Whether an order waits for a person, or an item is waived until some day."""
    waits = exists().where(orders.c.state == OrderState.IN_REVIEW)
    waived = exists().where(review_items.c.waived_until.is_not(None))
    return bool(connection.scalar(select(waits | waived)))


@dg.asset_sensor(
    asset_key=brands.key("sku_map"),
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
