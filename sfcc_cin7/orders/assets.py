"""Storefront orders and the ERP sales that they become."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import dagster as dg
from sqlalchemy import Row, func, select

from sfcc_cin7.db.schema import last_touched, orders
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.attempt import Outcome
from sfcc_cin7.orders.posting.batch import BatchPosting
from sfcc_cin7.orders.posting.draining import drain
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.backlog import backlog, state_counts, waiting_orders
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.orders.waiting import waiting_table
from sfcc_cin7.runtime.partitions import days
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import Cell, table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.states import OrderState

OWNER = "team:order-desk"
BY_STATE = ("site", "state", "orders", "captured")
LATEST = ("order", "sale", "shopper paid", "ERP holds", "seconds")


@dg.asset(
    group_name="orders",
    owners=[OWNER],
    kinds={"salesforce", "postgres"},
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    description=(
        "Every order that shoppers placed, as Commerce Cloud captured it: the raw document with its"
        " hash, by day of creation (UTC). New orders arrive within seconds through `cin7_sales`;"
        " this re-reads whole days, so that nothing an index was late with is missed. Safe to"
        " backfill at any time: nothing is posted twice."
    ),
)
def sfcc_orders(
    context: dg.AssetExecutionContext, merchant: Merchant, store: Store, storefront: Storefront
) -> dg.MaterializeResult[Any]:
    model = merchant.model()
    queue = OrderQueue(store.engine, store.clock, context.run.run_id)
    receiver = Receiver(storefront.client, queue, model, store.clock)
    window = context.partition_time_window
    seen = receiver.window(window.start, window.end)
    totals = _captured(store, window.start, window.end)
    return dg.MaterializeResult(
        metadata={
            "orders": sum(row.orders for row in totals),
            "read in this pass": sum(seen.values()),
            **_by_currency(totals),
            "by site and state": table(
                BY_STATE,
                (
                    (row.site, row.state, row.orders, figure(row.captured, row.currency))
                    for row in totals
                ),
            ),
        }
    )


@dg.asset(
    group_name="orders",
    owners=[OWNER],
    kinds={"cin7", "postgres"},
    deps=[sfcc_orders, dg.AssetKey("sku_map")],
    description=(
        "The ERP sale of every placed order: created once, authorised, and proved to hold what the"
        " shopper paid, to the cent. A run takes orders as they come and lingers while they keep"
        " coming. What cannot be exact waits in review."
    ),
)
def cin7_sales(
    context: dg.AssetExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> dg.MaterializeResult[Any]:
    model = merchant.model()
    queue = OrderQueue(store.engine, store.clock, context.run.run_id)
    receiver = Receiver(storefront.client, queue, model, store.clock)
    posting = OrderPosting(
        store.engine, queue, storefront.client, erp.client("orders"), model, store.clock
    )
    batch_posting = BatchPosting(
        store.engine,
        BatchQueue(store.engine, store.clock, context.run.run_id),
        storefront.client,
        erp.client("orders"),
        model,
        store.clock,
    )
    began = datetime.now(UTC)
    result = drain(
        receiver,
        posting,
        model.posting,
        store.clock,
        owner=f"{context.run.run_id}:{uuid4().hex[:8]}",
        report=lambda key, outcome: context.log.info(f"{key}: {outcome}"),
        batches=batch_posting,
    )
    posted = _posted(store, began)
    waits = sorted((row.authorised_at - row.created_at).total_seconds() for row in posted)
    with store.engine.connect() as connection:
        states = state_counts(connection)
        now = store.clock.now()
        waiting = backlog(connection, now)
        longest = waiting_orders(connection, now)
    metadata: dict[str, Any] = {
        "posted": result.outcomes[Outcome.ACKNOWLEDGED],
        "sent to review": result.outcomes[Outcome.IN_REVIEW],
        "postponed": result.outcomes[Outcome.POSTPONED],
        "consolidated sales": result.batches[Outcome.ACKNOWLEDGED],
        "orders in consolidated sales": sum(row.batch_key is not None for row in posted),
        "backlog": waiting.waiting,
        "backlog, oldest (seconds)": _age(waiting.oldest, now),
        "waiting longest": waiting_table(longest, now),
        "waiting in review": states.get(OrderState.IN_REVIEW, 0),
        "posted so far": states.get(OrderState.ACKNOWLEDGED, 0),
        "latest sales": table(LATEST, map(_sale, posted[:25]))
        if posted
        else dg.MetadataValue.text("none in this run"),
    }
    if waits:
        metadata["seconds from order to sale (median)"] = round(waits[len(waits) // 2], 2)
        metadata["seconds from order to sale (longest)"] = round(waits[-1], 2)
    return dg.MaterializeResult(metadata=metadata)


def _age(since: datetime | None, now: datetime) -> float:
    return round((now - since).total_seconds(), 1) if since else 0.0


def _captured(store: Store, start: datetime, end: datetime) -> list[Row[Any]]:
    query = (
        select(
            orders.c.site,
            orders.c.state,
            orders.c.currency,
            func.count().label("orders"),
            func.sum(orders.c.order_total).label("captured"),
        )
        .where(orders.c.created_at >= start, orders.c.created_at < end)
        .group_by(orders.c.site, orders.c.state, orders.c.currency)
        .order_by(orders.c.site, orders.c.state)
    )
    with store.engine.connect() as connection:
        return list(connection.execute(query))


def _by_currency(totals: list[Row[Any]]) -> dict[str, Any]:
    """Captured money as numbers, which the UI plots over time (for the eye only)."""
    sums: dict[str, Decimal] = {}
    for row in totals:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.captured
    return {f"captured {currency}": float(amount) for currency, amount in sums.items()}


def _posted(store: Store, since: datetime) -> list[Row[Any]]:
    query = (
        select(
            orders.c.order_key,
            orders.c.batch_key,
            orders.c.currency,
            orders.c.order_total,
            orders.c.created_at,
            orders.c.authorised_at,
            orders.c.sale_number,
            orders.c.sale_total,
        )
        .where(last_touched >= since, orders.c.authorised_at >= since)
        .order_by(orders.c.authorised_at.desc())
    )
    with store.engine.connect() as connection:
        return list(connection.execute(query))


def _sale(row: Row[Any]) -> tuple[Cell, ...]:
    return (
        row.order_key,
        row.sale_number,
        figure(row.order_total, row.currency),
        figure(row.sale_total, row.currency),
        round((row.authorised_at - row.created_at).total_seconds(), 2),
    )
