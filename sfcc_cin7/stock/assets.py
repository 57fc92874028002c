"""What the ERP has, and what the storefront may sell of it."""

from datetime import timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.db.locks import Busy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import CIN7_CORE
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import kept_in
from sfcc_cin7.stock.publishing.clocks import ERP, tell_of_clock
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.pace import wait_for_calls
from sfcc_cin7.stock.reading.snapshot import PAGES_AT_ONCE, take_snapshot
from sfcc_cin7.stock.records.offers import rules_in_force
from sfcc_cin7.stock.showing.metadata import by_list, top_moves
from sfcc_cin7.stock.showing.overview import overview

OWNER = "team:supply"
PATIENCE = timedelta(seconds=20)
"""How long somebody who materializes an asset waits for the run of the lane."""
BUSY = "The lane `stock` is at work just now, and shows here what it did when it is done."


@brands.asset(
    group_name="stock",
    owners=[OWNER],
    kinds={"cin7", "postgres", "pandas"},
    deps=[CIN7_CORE],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    metadata=kept_in(schema.stock_levels),
    description=(
        "What each warehouse has available, as Cin7 Core shows it: every page read as one"
        " observation, summed by SKU and location, stored where it changed. A reading that lacks"
        " rows is kept as evidence and not believed. The job `stock_delta` is always there, reads"
        " everything every `stock.full_pass_seconds` and tells it here. Materialized by hand, all"
        " is read at once, unless that run is reading."
    ),
)
def cin7_stock(merchant: Merchant, store: Store, erp: Erp) -> dg.MaterializeResult[Any]:
    try:
        return dg.MaterializeResult(metadata=read_stock(merchant.model(), store, erp, PATIENCE))
    except Busy:
        raise dg.Failure(BUSY, allow_retries=False) from None


def read_stock(
    model: OperatingModel, store: Store, erp: Erp, patience: timedelta | None = None
) -> dict[str, Any]:
    """Read everything as soon as there are calls for it; what is shown of that.

    Raises:
        ApiError: the ERP could not be read; nothing was stored.
        Busy: somebody else reads, for longer than `patience`; None waits for ever.
    """
    client = erp.client("stock")
    wait_for_calls(store.engine, client.budget, store.clock)
    snapshot = take_snapshot(store.engine, client, model, store.clock, PAGES_AT_ONCE, patience)
    tell_of_clock(store.engine, model, ERP, client, store.clock.now())
    return {
        "believed": snapshot.believed,
        "why not": snapshot.reason or "",
        "rows": snapshot.rows,
        "SKUs": snapshot.skus,
        "levels changed": snapshot.changed,
        "levels missed": snapshot.missed,
        "deprecated but on sale": snapshot.deprecated,
        "calls": snapshot.calls,
        "seconds": snapshot.seconds,
    }


@brands.asset(
    group_name="stock",
    owners=[OWNER],
    kinds={"salesforce", "postgres"},
    deps=[cin7_stock, "sku_map", "cin7_sales"],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    metadata=kept_in(schema.published_stock),
    description=(
        "What the storefront may sell: for each inventory list the ERP's availability, corrected"
        " for orders on their way and less the buffer. A fall is published at once, a rise after"
        " two readings, and what somebody else changed is put right. Safe to run at any time."
    ),
)
def sfcc_inventory(
    merchant: Merchant, store: Store, storefront: Storefront
) -> dg.MaterializeResult[Any]:
    try:
        return dg.MaterializeResult(
            metadata=publish(merchant.model(), store, storefront, PATIENCE),
        )
    except Busy:
        raise dg.Failure(BUSY, allow_retries=False) from None


def publish(
    model: OperatingModel, store: Store, storefront: Storefront, patience: timedelta | None = None
) -> dict[str, Any]:
    """Publish the latest reading, if it is believed; what is shown of that.

    Raises:
        Busy: somebody else publishes, for longer than `patience`; None waits for ever.
    """
    outcome = publish_stock(store.engine, storefront.client, model, store.clock, patience=patience)
    lists = outcome.lists
    with store.engine.connect() as connection:
        rules = rules_in_force(connection)
        standing = overview(connection, model, store.clock.now())
    why = {"why nothing was published": outcome.reason} if outcome.reason else {}
    return {
        **why,
        "by list": by_list(lists),
        "largest moves": top_moves(lists, wording(model)),
        "SKUs": sum(row.skus for row in lists),
        "published": sum(len(row.moved) for row in lists),
        "held": sum(row.held for row in lists),
        "drifts": sum(row.drifts for row in lists),
        "drifts that wait": sum(row.drifts_waiting for row in lists),
        "refused": sum(row.refused for row in lists),
        "failed": sum(row.failed for row in lists),
        "records read back": sum(row.read_back for row in lists),
        "left to read back": sum(row.left_to_read_back for row in lists),
        "stock not known": sum(len(row.unknown) for row in lists),
        **standing,
        "rules in force": dg.MetadataValue.md(
            "\n".join(f"- {row.list_id}: {row.rule}: {row.skus} SKUs" for row in rules)
            or "none yet"
        ),
    }
