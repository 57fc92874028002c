"""How an order came to be sold that the ERP could not supply: what was read and published."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sfcc_cin7.db.levels import levels_at
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.records.publications import last_publication
from sfcc_cin7.stock.showing.wording import instant, plain
from sfcc_cin7.values.money import ZERO

NONE = "none"
COLUMNS = (
    "order",
    "SKU",
    "units short",
    "ordered",
    "posted",
    "list",
    "published",
    "allocated",
    "backorders allowed",
    "true at",
    "reading began",
    "it had available",
    "known available when ordered",
    "known available when posted",
    "why",
)


def explained(connection: Connection, model: OperatingModel, order: Any) -> tuple[str, ...]:
    """A row of `oversold_orders` as a person reads it.

    The publication is the last one before the order was placed, the reading the one that it was
    decided upon; the ERP's figures are those known then, and known when the order was posted.
    """
    sku = order.sku
    lists = [each for each in model.inventory_lists if order.site in each.sites]
    told = last_publication(connection, [each.id for each in lists], sku, order.created_at)
    locations = {place for each in lists for place in each.locations}

    def available(at: datetime) -> str:
        known = levels_at(connection, at, [sku])
        units = [row["available"] for (_, place), row in known.items() if place in locations]
        return plain(sum(units, ZERO)) if units else NONE

    return (
        order.order_key,
        sku,
        plain(order.short),
        instant(order.created_at),
        instant(order.at),
        told.list_id if told else NONE,
        instant(told.at) if told else NONE,
        plain(told.allocation) if told else NONE,
        plain(told.backorder_units) if told else NONE,
        instant(told.reset_at) if told else NONE,
        instant(told.read_at) if told and told.read_at else NONE,
        NONE if told is None or told.available is None else plain(told.available),
        available(order.created_at),
        available(order.at),
        _why(order, told),
    )


def _why(order: Any, told: Any) -> str:
    if told is None:
        return "nothing had been published: the storefront sold what it held before"
    if told.available is not None and told.available < order.short:
        return "less was there than it took: others had ordered what was published"
    age = (order.at - told.read_at).total_seconds() if told.read_at else 0
    return f"units left the ERP between the reading and the posting, {age:.0f} s apart"
