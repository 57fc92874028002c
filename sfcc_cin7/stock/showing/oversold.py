"""How an order came to be sold that the ERP could not supply: what was read and published."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sfcc_cin7.db.levels import levels_at
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.stock.records.publications import last_publication
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.wording import Wording, plain

COLUMNS = ("order", "SKU", "units short", "ordered", "offered then", "why")


def explained(connection: Connection, model: OperatingModel, order: Any) -> tuple[str, ...]:
    """A row of `oversold_orders` as a person reads it.

    The publication is the last one before the order was placed, the reading the one that it was
    decided upon; the ERP's figures are those known then, and known when the order was posted.
    """
    sku, words = order.sku, wording(model)
    lists = [each for each in model.inventory_lists if order.site in each.sites]
    told = last_publication(connection, [each.id for each in lists], sku, order.created_at)
    locations = {place for each in lists for place in each.locations}

    def available(at: datetime) -> str:
        known = levels_at(connection, at, [sku])
        units = [row["available"] for (_, place), row in known.items() if place in locations]
        return plain(sum(units, ZERO)) if units else "nothing"

    return (
        words.subject(order.order_key),
        sku,
        plain(order.short),
        words.second(order.created_at),
        _offered(told, words),
        f"{_why(order, told)} The ERP was known to have {available(order.created_at)} when it was"
        f" ordered, {available(order.at)} when it was posted at {words.second(order.at)}.",
    )


def _offered(told: Any, words: Wording) -> str:
    """What the list had been told, and upon what."""
    if told is None:
        return "nothing had been published"
    more = f" and {plain(told.backorder_units)} to backorder" if told.backorder_units else ""
    read = ""
    if told.read_at and told.available is not None:
        read = f", upon {plain(told.available)} read at {words.second(told.read_at)}"
    return f"{plain(told.allocation)}{more} in {told.list_id} at {words.second(told.at)}{read}"


def _why(order: Any, told: Any) -> str:
    if told is None:
        return "Nothing had been published: the storefront sold what it held before."
    if told.available is not None and told.available < order.short:
        return "Less was there than it took: others had ordered what was published."
    age = (order.at - told.read_at).total_seconds() if told.read_at else 0
    return f"Units left the ERP between the reading and the posting, {age:.0f} s apart."
