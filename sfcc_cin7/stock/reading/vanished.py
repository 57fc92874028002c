"""Finds out what became of stock that the ERP does not list any more."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sfcc_cin7.db.levels import Place
from sfcc_cin7.db.sku_map import sold_goods
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.counting import Counting
from sfcc_cin7.stock.reading.levels import DEPRECATED, Level, Verdict, summed, verdict
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.systems.cin7.client import Cin7Client

MOST_ASKED = 20
"""SKUs that one reading asks for by themselves; more wait for the reading after it."""
OVERLAP = timedelta(minutes=10)
"""A product may be changed while the catalogue is being read."""
DEPRECATED_WITH_STOCK = "stock-deprecated"


def look_into(
    engine: Engine,
    erp: Cin7Client,
    vanished: Mapping[Place, bool],
    counting: Counting,
    asked: Mapping[str, Mapping[Place, Level]] | None = None,
) -> Verdict:
    """What became of these levels; `vanished` tells whether each was missed before too.

    Without `asked` (what the ERP showed of them by themselves) the first few SKUs are asked for.

    Raises:
        ApiError: the ERP could not be read.
    """
    skus = sorted({sku for sku, _ in vanished})
    if not skus:
        return verdict({}, (), {})
    with engine.connect() as connection:
        sold = sold_goods(connection, skus)
    deprecated = {sku for sku, row in sold.items() if row.erp_status == DEPRECATED}
    unclear = [sku for sku in skus if sku not in deprecated]
    if sold.keys() & set(unclear):
        read_at = min(row.seen_at for row in sold.values())
        deprecated |= sold.keys() & _deprecated_since(erp, read_at - OVERLAP)
    if asked is None:
        again = {sku for (sku, _), missed_before in vanished.items() if missed_before}
        to_ask = [sku for sku in unclear if sku not in deprecated | again][:MOST_ASKED]
        ids = {sku: row.erp_id for sku, row in sold.items()}
        asked = {sku: summed(erp.availability_of(sku, ids.get(sku)), counting) for sku in to_ask}
    return verdict(vanished, deprecated, asked)


def report_deprecated(
    connection: Connection,
    model: OperatingModel,
    skus: Iterable[str],
    back: Collection[str] | None,
    now: datetime,
) -> None:
    """Ask a person about deprecated goods on sale; close what is no question any more.

    `back` are SKUs that were looked at and are none of them; None: all others.
    """
    findings = [
        Finding(
            subject=_subject(sku),
            code=DEPRECATED_WITH_STOCK,
            sentence=(
                f"{sku} is deprecated in Cin7, which lists no stock of it any more, but the"
                " storefront sells it. Nothing is published for it: make it active again in Cin7,"
                " or take it offline in the storefront."
            ),
            owner=model.owners.stock,
        )
        for sku in skus
    ]
    open_items(connection, findings, now)
    still = {finding.subject for finding in findings}
    over = None if back is None else {_subject(sku) for sku in back}
    for subject in open_subjects(connection, DEPRECATED_WITH_STOCK):
        if subject not in still and (over is None or subject in over):
            close_items(connection, subject, now, "Its stock is known again.")


def _subject(sku: str) -> str:
    return f"stock:erp/{sku}"


def _deprecated_since(erp: Cin7Client, since: datetime) -> set[str]:
    changed = erp.products(modified_since=since, include_deprecated=True)
    return {product.sku for product in changed if product.status == DEPRECATED}
