"""What is looked at now and then: the webhook that tells of stock, and old history."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.levels import prune_changes
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import lane_tags
from sfcc_cin7.runtime.resources import Erp, Merchant, Store
from sfcc_cin7.runtime.settings import hooks
from sfcc_cin7.stock.reading.subscription import ensure_subscription
from sfcc_cin7.stock.records.publications import prune_publications


@dg.op(description="Subscribes to stock events of the ERP, or puts the webhook back.")
def look_at_stock_webhook(context: dg.OpExecutionContext, store: Store, erp: Erp) -> None:
    settings = hooks()
    if settings is None:
        context.log.info("No webhooks are configured: stock is found by reading alone.")
        return
    client = erp.client("stock-up")
    found = ensure_subscription(store.engine, client, settings, store.clock).found
    context.log.info(f"The webhook was {found}.")


@brands.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("stock-webhook"),
    description=(
        "Sees to it at once that Cin7 tells when stock moves; `watch_stock_webhook` does so every"
        " two minutes."
    ),
)
def stock_webhook() -> None:
    look_at_stock_webhook()


@dg.op(description="Forgets levels of stock that nobody may ask for any more.")
def prune_levels(context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
    days = merchant.model().stock.keep_history_days
    if days is None:
        return
    with store.engine.begin() as connection:
        before = store.clock.now() - timedelta(days=days)
        pruned, told = prune_changes(connection, before), prune_publications(connection, before)
    context.log.info(f"{pruned} former levels and {told} publications are forgotten.")


@brands.job(
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
