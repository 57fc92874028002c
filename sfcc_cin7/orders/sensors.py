"""Notices new orders within a second and starts the run that posts them."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.levels import awaits_first_stock
from sfcc_cin7.db.sku_map import known_tax_rules
from sfcc_cin7.orders.consolidation.batching import Batching
from sfcc_cin7.orders.intake.poller import BETWEEN_LOOKS, Poller
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.orders.schedules import post_orders
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.resources import Merchant, Store, Storefront

LONG_POLL = timedelta(seconds=15)
"""How long one tick looks for work. The daemon starts a tick every five seconds at best, so looking
inside the tick is what makes it fast; longer would delay a shutdown."""
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    job=post_orders,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks for new storefront orders once a second and starts the posting run.",
)
@when_armed
def new_orders(
    context: dg.SensorEvaluationContext, merchant: Merchant, store: Store, storefront: Storefront
) -> dg.RunRequest | dg.SkipReason:
    running = dg.RunsFilter(job_name=post_orders.name, statuses=UNFINISHED)
    if context.instance.get_runs(running, limit=1):
        return dg.SkipReason("A posting run is there and takes new orders itself.")
    with store.engine.connect() as connection:
        if known_tax_rules(connection) is None:
            return dg.SkipReason("The catalogues have not been read yet: `sku_map` comes first.")
        stock_is_first = awaits_first_stock(connection, store.clock.now())
    model = merchant.model()
    if model.inventory_lists and stock_is_first:
        return dg.SkipReason("The stock has not been read yet: `cin7_stock` comes before orders.")
    queue = OrderQueue(store.engine, store.clock)
    batches = BatchQueue(store.engine, store.clock)
    batching = Batching(store.engine, batches, model)
    circuits = Circuits(store.engine, store.clock)
    receiver = Receiver(storefront.client, queue, model, store.clock)
    until = store.clock.now() + LONG_POLL
    with Poller(receiver, model.posting.poll_seconds, store.clock) as poller:
        while store.clock.now() < until:
            if poller.failure is not None:
                raise poller.failure
            work = queue.has_work() or batches.has_work() or batching.has_work()
            if work and not circuits.blocked():
                # No run key: a run that failed must not keep the next one from starting.
                return dg.RunRequest()
            store.clock.sleep(BETWEEN_LOOKS)
    return dg.SkipReason("No order is due, or a system is down.")
