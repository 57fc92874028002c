"""Bring the books of a window of days up to date: postings, and the breaks between the legs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.clock import Clock
from sfcc_cin7.http import decimal_json
from sfcc_cin7.ledger.frames import LedgerLine
from sfcc_cin7.ledger.postings import Balances, Entry, balances, corrections
from sfcc_cin7.ledger.reconcile import (
    MONEY_BREAKS,
    Break,
    CapturedOrder,
    ErpSale,
    breaks,
    without_order,
)
from sfcc_cin7.operating_model import OperatingModel
from sfcc_cin7.store import ledger as store

GRACE = timedelta(minutes=10)
"""From when an order may be posted to when it is missed in the ERP, and the other way round."""
NOT_SOLD = ("cancelled", "failed")


@dataclass(frozen=True)
class Books:
    """What was found: a line for each order of the window, and all open breaks by class."""

    lines: Sequence[LedgerLine]
    open_breaks: Counter[str]
    entries_written: int
    breaks_opened: int
    breaks_closed: int


def bring_up_to_date(
    engine: Engine,
    model: OperatingModel,
    clock: Clock,
    start: datetime,
    end: datetime,
    *,
    complete: bool,
) -> Books:
    """Post what changed and open or close breaks, for orders created in [start, end).

    Orders of other days that have an open break, or that either system touched lately, are looked
    at too: a break closes as soon as its legs agree. Repeating it changes nothing. `complete` says
    whether every sale of the ERP has been read: otherwise no sale is called missing.
    """
    with engine.begin() as connection:
        store.lock_books(connection)
        at = clock.now()
        rows = store.orders_to_reconcile(connection, start, end, at)
        keys = [row.order_key for row in rows]
        sales = {
            key: [_sale(row) for row in found]
            for key, found in store.sales_by_order(connection, keys).items()
        }
        held = store.posted_balances(connection, keys)
        taxes = _taxes(connection, rows, held)
        orders = [_order(row, taxes[row.order_key], model) for row in rows]

        hashes = {row.order_key: row.document_hash for row in rows}
        entries = [
            entry
            for order in orders
            for entry in _entries(order, hashes[order.key], sales.get(order.key, []), held)
        ]
        store.write_postings(connection, [vars(entry) for entry in entries], at)

        found = [one for order in orders for one in breaks(order, sales.get(order.key, []), at)]
        found += _of_consolidated(connection, keys, at) + _without_order(connection, at)
        was_open = store.open_break_kinds(connection)
        now_open = [
            one
            for one in found
            if complete or one.kind != "missing-erp" or (one.order_key, one.kind) in was_open
        ]
        agreed = was_open - {(one.order_key, one.kind) for one in now_open}
        store.open_breaks(connection, [_row(one, model) for one in now_open], at)
        store.close_breaks(connection, agreed, at)

    kinds = defaultdict(list)
    for one in now_open:
        kinds[one.order_key].append(one.kind)
    in_window = {row.order_key for row in rows if start <= row.created_at < end}
    return Books(
        lines=[
            _line(order, sales.get(order.key, []), kinds[order.key])
            for order in orders
            if order.key in in_window
        ],
        open_breaks=Counter(one.kind for one in now_open),
        entries_written=len(entries),
        breaks_opened=len({(one.order_key, one.kind) for one in now_open} - was_open),
        breaks_closed=len(agreed),
    )


def _sale(row: Row[Any]) -> ErpSale:
    return ErpSale(
        id=row.sale_id,
        number=row.order_number,
        status=row.status,
        order_status=row.order_status,
        currency=row.currency,
        total=row.total,
        tax=row.tax,
        updated=row.updated,
    )


def _order(row: Row[Any], tax: Decimal | None, model: OperatingModel) -> CapturedOrder:
    site = next((site for site in model.sites if site.id == row.site), None)
    wait = site.hold_minutes if site else 0.0
    if site and site.consolidation:
        wait += site.consolidation.window_minutes
    may_be_posted = max(row.received_at, row.created_at + timedelta(minutes=wait))
    return CapturedOrder(
        key=row.order_key,
        day=f"{row.created_at:%Y-%m-%d}",
        site=row.site,
        currency=row.currency,
        total=row.order_total,
        tax=tax,
        state=row.state,
        cancelled=row.shop_status in NOT_SOLD or row.state == "cancelled",
        due_at=may_be_posted + GRACE,
        sale_id=row.sale_id,
    )


def _source(document_hash: str) -> str:
    return f"order document {document_hash[:12]}"


def _taxes(
    connection: Connection,
    rows: Sequence[Row[Any]],
    held: Mapping[tuple[str, str], Balances],
) -> dict[str, Decimal | None]:
    """What tax each document states; the books themselves remember it for unchanged documents."""
    posted_from = store.last_sources(connection, [row.order_key for row in rows], "storefront")
    taxes: dict[str, Decimal | None] = {}
    changed = []
    for row in rows:
        if posted_from.get(row.order_key) == _source(row.document_hash):
            leg = held.get((row.order_key, "storefront"), {})
            taxes[row.order_key] = -leg.get((row.currency, "tax"), Decimal(0))
        else:
            changed.append(row.order_key)
    read = store.documents(connection, changed)
    return taxes | {key: _tax(read[key]) for key in changed}


def _tax(document: str) -> Decimal | None:
    try:
        tax = decimal_json.loads(document).get("taxTotal")
    except (ValueError, AttributeError):
        return None
    if isinstance(tax, bool) or not isinstance(tax, int | Decimal):
        return None
    return Decimal(tax) if Decimal(tax).is_finite() else None


def _entries(
    order: CapturedOrder,
    document_hash: str,
    sales: Sequence[ErpSale],
    held: Mapping[tuple[str, str], Balances],
) -> list[Entry]:
    """What must be posted on both legs; without a tax figure the storefront's stays as it is."""
    entries: list[Entry] = []
    if order.cancelled or order.tax is not None:
        wanted: Balances = {}
        source = "cancelled in the storefront"
        if not order.cancelled and order.tax is not None:
            wanted = balances("storefront", order.currency, order.total, order.tax)
            source = _source(document_hash)
        posted = held.get((order.key, "storefront"), {})
        entries += corrections(order.key, order.day, "storefront", posted, wanted, source)
    booked = sorted((sale for sale in sales if sale.booked), key=lambda sale: sale.currency)
    wanted = {}
    for currency, group in groupby(booked, key=lambda sale: sale.currency):
        of_currency = list(group)
        total = sum((sale.total for sale in of_currency), Decimal(0))
        tax = sum((sale.tax for sale in of_currency), Decimal(0))
        wanted = {**wanted, **balances("erp", currency, total, tax)}
    source = ", ".join(f"sale {sale.number} of {sale.updated.isoformat()}" for sale in booked)
    posted = held.get((order.key, "erp"), {})
    entries += corrections(
        order.key, order.day, "erp", posted, wanted, source or "no sale in the ERP any more"
    )
    return entries


def _of_consolidated(connection: Connection, keys: Sequence[str], at: datetime) -> list[Break]:
    """Where a consolidated sale is not the sum of its orders any more: somebody edited it.

    That it is missing, voided or doubled shows on each of its orders.
    """
    batches = store.batches_to_reconcile(connection, keys)
    sales = store.sales_by_order(connection, [row.batch_key for row in batches])
    whole = [
        CapturedOrder(
            key=row.batch_key,
            day=f"{row.created_at:%Y-%m-%d}",
            site=row.site,
            currency=row.currency,
            total=row.total,
            tax=row.tax,
            state="acknowledged",
            cancelled=False,
            due_at=at,
            sale_id=row.sale_id,
        )
        for row in batches
    ]
    return [
        one
        for batch in whole
        for one in breaks(batch, [_sale(row) for row in sales.get(batch.key, [])], at)
        if one.kind in MONEY_BREAKS
    ]


def _without_order(connection: Connection, at: datetime) -> list[Break]:
    orphans = store.sales_without_order(connection, before=at - GRACE)
    return [
        without_order(external_id, live)
        for external_id, group in groupby(orphans, key=lambda row: row.external_id)
        if (live := [sale for sale in map(_sale, group) if sale.live])
    ]


def _row(one: Break, model: OperatingModel) -> dict[str, object]:
    values = {key: value for key, value in vars(one).items() if key != "kind"}
    return {**values, "class": one.kind, "owner": model.owners.finance}


def _line(order: CapturedOrder, sales: Sequence[ErpSale], kinds: Sequence[str]) -> LedgerLine:
    booked = [sale for sale in sales if sale.booked]
    currency = booked[0].currency if booked else order.currency
    same = [sale for sale in booked if sale.currency == currency]
    return LedgerLine(
        order_key=order.key,
        site=order.site,
        state=order.state,
        currency=order.currency,
        captured=Decimal(0) if order.cancelled else order.total,
        captured_tax=Decimal(0) if order.cancelled else order.tax or Decimal(0),
        booked_currency=currency,
        booked=sum((sale.total for sale in same), Decimal(0)),
        booked_tax=sum((sale.tax for sale in same), Decimal(0)),
        sales=", ".join(sale.number for sale in booked),
        breaks=", ".join(kinds),
    )
