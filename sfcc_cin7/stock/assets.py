"""What the ERP has, and what the storefront may sell of it."""

from typing import Any

import dagster as dg

from sfcc_cin7.db.levels import recent_snapshots
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.pace import wait_for_calls
from sfcc_cin7.stock.reading.snapshot import PAGES_AT_ONCE, take_snapshot
from sfcc_cin7.stock.records.offers import rules_in_force
from sfcc_cin7.stock.showing.metadata import bars, by_list, top_moves
from sfcc_cin7.stock.showing.overview import overview

OWNER = "team:supply"


@dg.asset(
    group_name="stock",
    owners=[OWNER],
    kinds={"cin7", "postgres", "pandas"},
    description=(
        "What each warehouse has available, as Cin7 Core shows it: every page read as one"
        " observation, summed by SKU and location, stored where it changed. A reading that lacks"
        " rows is kept as evidence and not believed."
    ),
)
def cin7_stock(merchant: Merchant, store: Store, erp: Erp) -> dg.MaterializeResult[Any]:
    client, model = erp.client("stock"), merchant.model()
    wait_for_calls(store.engine, client.budget, store.clock)
    snapshot = take_snapshot(store.engine, client, model, store.clock, PAGES_AT_ONCE)
    with store.engine.connect() as connection:
        recent = recent_snapshots(connection, 30)
    return dg.MaterializeResult(
        metadata={
            "believed": snapshot.believed,
            "why not": snapshot.reason or "",
            "rows": snapshot.rows,
            "SKUs": snapshot.skus,
            "levels changed": snapshot.changed,
            "levels missed": snapshot.missed,
            "deprecated but on sale": snapshot.deprecated,
            "calls": snapshot.calls,
            "seconds": snapshot.seconds,
            "rows in recent readings": dg.MetadataValue.md(
                bars([(f"{row.started_at:%H:%M}", row.rows) for row in recent])
            ),
        }
    )


@dg.asset(
    group_name="stock",
    owners=[OWNER],
    kinds={"salesforce", "postgres"},
    deps=[cin7_stock, "sku_map"],
    description=(
        "What the storefront may sell: for each inventory list the ERP's availability, corrected"
        " for orders on their way and less the buffer. A fall is published at once, a rise after"
        " two readings, and what somebody else changed is put right. Safe to run at any time."
    ),
)
def sfcc_inventory(
    merchant: Merchant, store: Store, storefront: Storefront
) -> dg.MaterializeResult[Any]:
    outcome = publish_stock(store.engine, storefront.client, merchant.model(), store.clock)
    lists = outcome.lists
    with store.engine.connect() as connection:
        rules = rules_in_force(connection)
        standing = overview(connection, merchant.model(), store.clock.now())
    return dg.MaterializeResult(
        metadata={
            "why nothing was published": outcome.reason or "",
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
            "by list": by_list(lists),
            "largest moves": top_moves(lists),
        }
    )
