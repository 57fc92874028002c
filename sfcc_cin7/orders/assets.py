"""Storefront orders and the ERP sales that they become."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Row, func, select

from sfcc_cin7.db import schema
from sfcc_cin7.db.residents import is_led
from sfcc_cin7.db.schema import orders
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posted import posted_since
from sfcc_cin7.orders.posting.draining import BETWEEN_LOOKS, DrainResult, lingering
from sfcc_cin7.orders.posting.lane import nothing_is_due, post_orders
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import COMMERCE_CLOUD
from sfcc_cin7.runtime.partitions import days
from sfcc_cin7.runtime.resident import ORDERS
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.values.money import figure

OWNER = "team:order-desk"
BY_STATE = ("site", "state", "orders", "captured")
LONGEST_WAIT = timedelta(seconds=20)
"""How long somebody who materializes `cin7_sales` waits for what is due."""


@brands.asset(
    group_name="orders",
    owners=[OWNER],
    kinds={"salesforce", "postgres"},
    deps=[COMMERCE_CLOUD],
    freshness_policy=fresh_within(timedelta(minutes=30)),
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata=kept_in(schema.orders),
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
                    (
                        wording(model).site(row.site),
                        row.state.replace("_", " "),
                        row.orders,
                        figure(row.captured, row.currency),
                    )
                    for row in totals
                ),
            ),
        }
    )


@brands.asset(
    group_name="orders",
    owners=[OWNER],
    kinds={"cin7", "postgres"},
    deps=[sfcc_orders, "sku_map"],
    freshness_policy=fresh_within(timedelta(minutes=3)),
    metadata=kept_in(schema.erp_sales),
    description=(
        "The ERP sale of every placed order: created once, authorised, and proved to hold what the"
        " shopper paid, to the cent. The job `post_orders` is always there and takes orders as they"
        " come; it tells here every minute what it did. Materialized by hand, what is due is posted"
        " at once. What cannot be exact waits in review."
    ),
)
def cin7_sales(
    context: dg.AssetExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> dg.MaterializeResult[Any]:
    began, model = store.clock.now(), merchant.model()
    result = DrainResult()
    if not _left_to_the_resident_run(store):
        result = post_orders(
            store.engine,
            storefront.client,
            erp.client("orders"),
            model,
            store.clock,
            context.run.run_id,
            until=lingering(store.clock, 0),
        )
    with store.engine.connect() as connection:
        now = store.clock.now()
        told = posted_since(connection, now, began, result, wording(model))
    return dg.MaterializeResult(metadata=told)


def _left_to_the_resident_run(store: Store) -> bool:
    """Whether a run is there that posts; if so, what is due is left to it, and waited for."""
    with store.engine.connect() as connection:
        if not is_led(connection, store.clock, ORDERS.name):
            return False
    until = store.clock.now() + LONGEST_WAIT
    while store.clock.now() < until and not nothing_is_due(store.engine, store.clock):
        store.clock.sleep(BETWEEN_LOOKS)
    return True


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
