"""When stock is read and published: everything at the merchant's cadence, and hints at once."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.levels import prune_changes
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import lane_tags, regularly
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.settings import hooks
from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.publishing.hints import follow_hints
from sfcc_cin7.stock.reading.subscription import ensure_subscription
from sfcc_cin7.stock.records.publications import prune_publications

LINGER = timedelta(seconds=20)
"""How long a run waits for further hints: starting one costs about two seconds."""

stock_delta = dg.define_asset_job(
    "stock_delta",
    selection=dg.AssetSelection.assets(cin7_stock, sfcc_inventory),
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock"),
    description="Reads the ERP's stock and tells the storefront what changed.",
)


@dg.op(description="Reads SKUs that moved by themselves, and publishes them.")
def follow_stock_hints(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    erp: Erp,
    storefront: Storefront,
) -> None:
    done = follow_hints(
        store.engine,
        erp.client("stock-now"),
        storefront.client,
        merchant.model(),
        store.clock,
        linger=LINGER,
    )
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
            },
        )
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock-now"),
    description="Follows hints about stock, and lingers while more keep coming.",
)
def stock_hints() -> None:
    follow_stock_hints()


@dg.op(description="Subscribes to stock events of the ERP, or puts the webhook back.")
def watch_stock_webhook(context: dg.OpExecutionContext, store: Store, erp: Erp) -> None:
    settings = hooks()
    if settings is None:
        context.log.info("No webhooks are configured: stock is found by reading alone.")
        return
    client = erp.client("stock-up")
    found = ensure_subscription(store.engine, client, settings, store.clock).found
    context.log.info(f"The webhook was {found}.")


@dg.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock-webhook"),
    description="Sees to it that Cin7 tells when stock moves; it switches failing webhooks off.",
)
def stock_webhook() -> None:
    watch_stock_webhook()


def _look_wanted(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if hooks() is None:
        return dg.SkipReason("SFCC_CIN7_HOOKS_URL is not set: stock is found by reading alone.")
    return dg.RunRequest()


watch_stock_webhook_regularly = regularly(
    "watch_stock_webhook_regularly",
    stock_webhook,
    "*/2 * * * *",
    "Looks at the webhook every two minutes, where one is configured.",
    _look_wanted,
)


@dg.op(description="Forgets levels of stock that nobody may ask for any more.")
def prune_levels(context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
    days = merchant.model().stock.keep_history_days
    if days is None:
        return
    with store.engine.begin() as connection:
        before = store.clock.now() - timedelta(days=days)
        pruned, told = prune_changes(connection, before), prune_publications(connection, before)
    context.log.info(f"{pruned} former levels and {told} publications are forgotten.")


@dg.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock-history"),
    description="Prunes the history of stock by age.",
)
def prune_stock_history() -> None:
    prune_levels()


@dg.schedule(
    job=prune_stock_history,
    cron_schedule="40 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Prunes stock history every night, where stock.keep_history_days is set.",
)
@when_armed
def prune_stock_history_nightly(merchant: Merchant) -> dg.RunRequest | dg.SkipReason:
    if merchant.model().stock.keep_history_days is None:
        return dg.SkipReason("stock.keep_history_days is not set: every level is kept.")
    return dg.RunRequest()
