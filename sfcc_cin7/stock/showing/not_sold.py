"""Why a SKU is not decided about in any list, and which one was perhaps meant."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.schema import sku_map
from sfcc_cin7.stock.records.listed_skus import GOODS, NOT_OURS, is_catalogue_known

BEGINNING = 3
MOST_COMPARED = 5_000
NAMED = 3


def not_sold(connection: Connection, sku: str, kits: Collection[str]) -> str | None:
    """Why nothing is published of a SKU; None where it is, or no catalogue was read yet."""
    if not is_catalogue_known(connection):
        return None
    row = connection.execute(select(sku_map).where(sku_map.c.sku == sku)).mappings().first()
    return because(row, sku in kits) or (None if row else _unknown(connection, sku))


def because(row: Mapping[Any, Any] | None, is_kit: bool) -> str | None:
    """What keeps a SKU that a system knows from being published (pure)."""
    if row is None:
        return None
    if not row["in_shop"]:
        return "the storefront does not sell it"
    if is_kit:
        return None
    if not row["in_erp"]:
        return "the ERP has no such SKU"
    if row["erp_kind"] == NOT_OURS:
        return "the operating model says that it is not ours (stock.not_ours)"
    if row["erp_kind"] not in (None, GOODS):
        return f"it is of the type {row['erp_kind']} in the ERP, which keeps no stock of it"
    return None


def _unknown(connection: Connection, sku: str) -> str:
    begins = func.lower(func.left(sku_map.c.sku, BEGINNING)) == sku.strip()[:BEGINNING].lower()
    query = select(sku_map.c.sku).where(begins).order_by(sku_map.c.sku).limit(MOST_COMPARED)
    near = nearest(sku, list(connection.scalars(query)))
    return f"no such SKU{'; did you mean ' + ', '.join(near) + '?' if near else ''}"


def nearest(sku: str, known: Collection[str]) -> list[str]:
    """The known SKUs that read most like this one (pure)."""
    by_letters = {each.strip().casefold(): each for each in known}
    found = get_close_matches(sku.strip().casefold(), list(by_letters), NAMED, cutoff=0.75)
    return [by_letters[letters] for letters in found]
