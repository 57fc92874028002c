"""The run that is always there and tells storefronts what has left."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import dagster as dg

from sfcc_cin7.db.residents import Residency
from sfcc_cin7.fulfilment.assets import (
    cin7_shipments,
    read_shown,
    sfcc_shipping_status,
    told_shown,
)
from sfcc_cin7.fulfilment.checks import shipments_told, shipped_on_time
from sfcc_cin7.fulfilment.reading.following import Followed, follow_shipments, has_to_follow
from sfcc_cin7.fulfilment.reading.refunds_asked import look_for_refunds
from sfcc_cin7.fulfilment.records.shipments import ShipmentQueue
from sfcc_cin7.fulfilment.telling.lane import Outcome, ShipmentLane
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.passes import Pass, in_passes
from sfcc_cin7.runtime.resident import SHIPMENTS, keep_resident_regularly, reside
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell

SHOWN_EVERY = timedelta(minutes=2)
REFUNDS_EVERY = timedelta(minutes=1)
BETWEEN_LOOKS = 1.0


@dg.op(description="Stands by until it is its turn, then reads what has left, and tells it.")
def follow_and_tell_shipments(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    clock = store.clock
    owner = f"{context.run_id}:{uuid4().hex[:8]}"
    queue = ShipmentQueue(store.engine, clock, context.run_id)
    read, told = Followed(), Counter[Outcome]()

    def is_time_to_follow() -> bool:
        return has_to_follow(store.engine, merchant.model(), clock)

    def follow() -> None:
        model, client = merchant.model(), erp.client("changes")
        follow_shipments(store.engine, client, model, clock, read)

    def tell_storefronts() -> None:
        model = merchant.model()
        lane = ShipmentLane(store.engine, queue, storefront.client, model, clock)
        told.update(lane.drain(owner))

    def look_for() -> None:
        look_for_refunds(store.engine, merchant.model(), clock)

    def show() -> None:
        nonlocal read, told
        model = merchant.model()
        checks = [
            evaluated(check, merchant=merchant, store=store)
            for check in (shipped_on_time, shipments_told)
        ]
        tell(context, cin7_shipments, read_shown(store, read), checks[:1])
        tell(context, sfcc_shipping_status, told_shown(model, store, told), checks[1:])
        read, told = Followed(), Counter[Outcome]()

    def work(here: Residency) -> None:
        passes = [
            Pass("Reading what has left", follow, is_due=is_time_to_follow),
            Pass("Looking for refunds asked for", look_for, every=REFUNDS_EVERY),
            Pass("Telling storefronts", tell_storefronts, is_due=queue.has_work),
            Pass("Showing", show, every=SHOWN_EVERY),
        ]
        in_passes(here, context, store.engine, clock, passes, between_looks=BETWEEN_LOOKS)

    reside(store.engine, clock, SHIPMENTS, context.run_id, work)


@brands.job(
    executor_def=dg.in_process_executor,
    tags=SHIPMENTS.tags(),
    description=(
        "Reads what has left from the ERP and tells storefronts, for a quarter of an hour; then the"
        " next run goes on. It is started by `tell_shipments_regularly`; more than one do no harm."
    ),
)
def tell_shipments() -> None:
    follow_and_tell_shipments()


def first(model: OperatingModel, _store: Store) -> str | None:
    """What has to be decided before; None when nothing is missing."""
    if model.follows_shipments:
        return None
    return (
        "No site is told of shipments (`fulfilment.told_by`), none promises when they leave, and"
        " none has an attribute for refunds (`fulfilment.refunds_asked_attribute`)."
    )


tell_shipments_regularly = keep_resident_regularly(
    "tell_shipments_regularly",
    tell_shipments,
    SHIPMENTS,
    "Sees to it every minute that a run is there which tells storefronts what has left.",
    first,
)
