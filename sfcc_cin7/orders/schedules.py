"""The jobs of the order lane, the regular re-reading of whole days, and pruning by age."""

from datetime import UTC, datetime

import dagster as dg

from sfcc_cin7.orders.assets import sfcc_orders
from sfcc_cin7.orders.pruning import prune
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import lane_tags, regularly
from sfcc_cin7.runtime.partitions import days, todays_runs
from sfcc_cin7.runtime.resources import Merchant, Store

read_orders = brands.asset_job(
    "read_orders",
    selection=dg.AssetSelection.assets(sfcc_orders),
    executor_def=dg.in_process_executor,
    tags=lane_tags("reading", max_seconds=900),
    description="Re-reads whole days of storefront orders.",
)


read_todays_orders = regularly(
    "read_todays_orders",
    read_orders,
    "*/10 * * * *",
    "Re-reads today's orders, and yesterday's in the first hour of a day; new ones come sooner.",
    todays_runs,
)


# Asked for although a run of its job is under way: the next time is a day off.
@dg.schedule(
    job=read_orders,
    cron_schedule="15 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Re-reads the orders of the week before today, in one run: what was placed or"
    " changed late is found although every quicker look missed it.",
)
@when_armed
def read_last_week(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    now: datetime = context.scheduled_execution_time.astimezone(UTC)
    past = days.get_partition_keys(now)[:-1][-7:]
    if not past:
        return dg.SkipReason("There is no day before today yet.")
    return dg.RunRequest(
        run_key=f"week before {now.isoformat()}",
        tags={
            "dagster/asset_partition_range_start": past[0],
            "dagster/asset_partition_range_end": past[-1],
        },
    )


@dg.op(description="Takes names, addresses and the like out of documents of settled orders.")
def prune_old_documents(context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
    policy = merchant.model().privacy
    pruned = prune(store.engine, policy, store.clock, context.run_id)
    oldest = pruned.oldest_kept
    context.log_event(
        dg.AssetObservation(
            sfcc_orders.key,
            description="Documents were pruned by age.",
            metadata={
                "documents pruned": pruned.documents,
                "oldest order with a whole document": oldest.isoformat() if oldest else "none",
                "days that documents are kept": policy.keep_documents_days or "for ever",
            },
        )
    )


@brands.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("pruning", max_seconds=900),
    description="Prunes stored documents that are older than the merchant wants to keep.",
)
def prune_documents() -> None:
    prune_old_documents()


@dg.schedule(
    job=prune_documents,
    cron_schedule="20 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Prunes documents every night, where the operating model says how long they stay.",
)
@when_armed
def prune_documents_nightly(merchant: Merchant) -> dg.RunRequest | dg.SkipReason:
    if merchant.model().privacy.keep_documents_days is None:
        return dg.SkipReason("privacy.keep_documents_days is not set: documents are kept.")
    return dg.RunRequest()
