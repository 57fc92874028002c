"""The runs that are always there: one reads and publishes everything, one what has just moved."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.residents import Residency
from sfcc_cin7.db.sku_map import is_filled
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.passes import Pass, in_passes
from sfcc_cin7.runtime.resident import STOCK, STOCK_NOW, keep_resident_regularly, reside
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell
from sfcc_cin7.stock.assets import cin7_stock, publish, read_stock, sfcc_inventory
from sfcc_cin7.stock.checks import (
    inventory_drift,
    nothing_oversold,
    snapshot_believed,
    stock_webhook_active,
)
from sfcc_cin7.stock.publishing.by_clock import clock_is_due
from sfcc_cin7.stock.publishing.hints import (
    BETWEEN_LOOKS,
    Followed,
    follow_hints,
    full_reading_is_due,
    next_skus,
)
from sfcc_cin7.stock.trail.following import Followed as Trail
from sfcc_cin7.stock.trail.following import follow_trail, trail_is_due

TOLD_EVERY = timedelta(minutes=1)
"""How often at most it is told that hints were followed."""


@dg.op(description="Stands by until it is its turn, then reads and publishes all stock when due.")
def read_and_publish_all_stock(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    def is_due() -> bool:
        return full_reading_is_due(store.engine, merchant.model(), store.clock.now())

    def read_and_publish() -> None:
        model = merchant.model()
        tell(
            context,
            cin7_stock,
            read_stock(model, store, erp),
            [
                evaluated(check, merchant=merchant, store=store)
                for check in (snapshot_believed, stock_webhook_active)
            ],
        )
        tell(
            context,
            sfcc_inventory,
            publish(model, store, storefront),
            [
                evaluated(check, merchant=merchant, store=store)
                for check in (inventory_drift, nothing_oversold)
            ],
        )

    def work(here: Residency) -> None:
        everything = Pass("Reading and publishing all stock", read_and_publish, is_due=is_due)
        in_passes(here, context, store.engine, store.clock, [everything], between_looks=1)

    reside(store.engine, store.clock, STOCK, context.run_id, work)


@brands.job(
    executor_def=dg.in_process_executor,
    tags=STOCK.tags(),
    description=(
        "Reads the ERP's stock every `stock.full_pass_seconds` and tells the storefront what"
        " changed, for a quarter of an hour; then the next run goes on. It is started by"
        " `stock_delta_regularly`; more than one do no harm."
    ),
)
def stock_delta() -> None:
    read_and_publish_all_stock()


@dg.op(
    description="Stands by until it is its turn, then reads SKUs that moved, and publishes them."
)
def follow_stock_hints(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    clock, done, trail = store.clock, Followed(), Trail()

    def has_to_follow_documents() -> bool:
        return trail_is_due(store.engine, merchant.model(), clock)

    def follow_documents() -> None:
        turn = follow_trail(
            store.engine, erp.client("trail"), storefront.client, merchant.model(), clock
        )
        trail.add(turn)

    def is_due() -> bool:
        model, now = merchant.model(), clock.now()
        return clock_is_due(store.engine, model, now) or bool(next_skus(store.engine, model, now))

    def follow() -> None:
        follow_hints(
            store.engine,
            erp.client("stock-now"),
            storefront.client,
            merchant.model(),
            clock,
            done=done,
        )

    def tell_of_it() -> None:
        nonlocal done, trail
        context.log_event(
            dg.AssetObservation(
                sfcc_inventory.key,
                description="SKUs that moved were read by themselves.",
                metadata={
                    "SKUs": done.skus,
                    "calls": done.calls,
                    "levels changed": done.changed,
                    "published": done.published,
                    "lists with a problem": done.problems,
                    "documents read": trail.documents,
                    "falls that documents told": trail.falls,
                    "published of them": trail.published,
                },
            )
        )
        done, trail = Followed(), Trail()

    def work(here: Residency) -> None:
        def is_done() -> bool:
            return bool(done.skus or trail.documents)

        passes = [
            Pass("Following documents", follow_documents, is_due=has_to_follow_documents),
            Pass("Following hints", follow, is_due=is_due),
            Pass("Telling", tell_of_it, every=TOLD_EVERY, is_due=is_done),
        ]
        in_passes(here, context, store.engine, clock, passes, between_looks=BETWEEN_LOOKS)
        if is_done():
            tell_of_it()

    reside(store.engine, clock, STOCK_NOW, context.run_id, work)


@brands.job(
    executor_def=dg.in_process_executor,
    tags=STOCK_NOW.tags(),
    description=(
        "Follows hints about stock within a second, for a quarter of an hour; then the next run"
        " goes on. It is started by `stock_hints_regularly`; more than one do no harm."
    ),
)
def stock_hints() -> None:
    follow_stock_hints()


def first(_model: OperatingModel, store: Store) -> str | None:
    """What has to come before stock is read; None when nothing is missing."""
    with store.engine.connect() as connection:
        if not is_filled(connection):
            return "The catalogues have not been read yet: `sku_map` comes first."
    return None


stock_delta_regularly = keep_resident_regularly(
    "stock_delta_regularly",
    stock_delta,
    STOCK,
    "Sees to it every minute that a run is there which reads and publishes all stock.",
    first,
)
stock_hints_regularly = keep_resident_regularly(
    "stock_hints_regularly",
    stock_hints,
    STOCK_NOW,
    "Sees to it every minute that a run is there which reads SKUs that have just moved.",
    first,
)
