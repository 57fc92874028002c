"""How the stock lane stands, beside what one pass did: coverage, pace, what waits, what differs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Connection

from sfcc_cin7.db.daily import sellable_skus, stock_coverage
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.stock.records.offers import oldest_waiting
from sfcc_cin7.stock.records.publications import (
    changes_since,
    level_changes_since,
    most_moved,
    publications_since,
)
from sfcc_cin7.stock.showing.drift_table import differences, drift_table
from sfcc_cin7.stock.showing.metadata import steps

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_OF_A_DAY = 0.9 * DAY
"""What moved within the last day is rarely a whole day old."""


def overview(connection: Connection, model: OperatingModel, now: datetime) -> Mapping[str, Any]:
    """Metadata for the asset."""
    moved, told = changes_since(connection, now - HOUR)
    words = wording(model)
    waiting, sellable = oldest_waiting(connection), sellable_skus(connection)
    return {
        "coverage": dg.MetadataValue.md(
            "\n".join(
                f"- {row.list_id}: {row.published} of {sellable.in_both} SKUs that both systems"
                f" know are published, {row.offered} are in stock"
                for row in stock_coverage(connection)
            )
            or "none yet"
        ),
        "levels changed in the last hour": moved,
        "figures published in the last hour": told,
        "oldest unpublished change": words.second(waiting) if waiting else "none",
        "top drifts": drift_table(differences(connection, model.stock, now), words, now),
        "what moved most": dg.MetadataValue.md(_most_moved(connection, model, now)),
    }


def _most_moved(connection: Connection, model: OperatingModel, now: datetime) -> str:
    """A plot of the SKU whose published figure moved most within a day; none before a day of it is
    there."""
    found = most_moved(connection, now - DAY)
    if found is None:
        return "none yet"
    list_id, sku = found
    places = next((each.locations for each in model.inventory_lists if each.id == list_id), [])
    told = [
        (row.at, float(row.allocation + row.backorder_units))
        for row in publications_since(connection, list_id, sku, now - DAY)
    ]
    levels: dict[str, Decimal] = {}
    available = []
    for row in level_changes_since(connection, places, sku, now - DAY):
        levels[row.location] = row.available
        available.append((row.at, float(sum(levels.values()))))
    first = min((at for at, _ in (*told, *available)), default=now)
    if now - first < MOST_OF_A_DAY:
        return f"{sku} in {list_id}; there is no plot before a day of figures."
    plot = steps([("published", told), ("available in the ERP", available)], now, wording(model))
    return f"{sku} in {list_id}\n\n{plot}"
