"""Keeps our image of the ERP's sales true, whoever changed them.

saleList says which sales were touched, but not their totals: each touched sale is read once. A sale
may be listed some minutes late and many share one `Updated`, so every reading begins a little
before the end of the last (Cin7 API reference, Sale List).
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.sales import forget_sales, save_sale, save_sale_lines
from sfcc_cin7.ledger.passes.sale_costs import rate_of, sale_lines
from sfcc_cin7.ledger.records import ledger
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument, SaleDocument, SaleRow
from sfcc_cin7.systems.http.errors import OutOfBudget, Refused
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples
from sfcc_cin7.values.money import ZERO

CURSOR = "erp_sales"
OVERLAP = timedelta(minutes=5)
DETAILS_PER_RUN = 30
"""Single sales read in one run, so that the call budget serves others too; the rest come next."""
JUST_PROVED = timedelta(seconds=2)
"""Posting keeps the instant at which the answer that it proved arrived. Cin7 stamped that change a
moment earlier or, for a payment that follows, a moment later; neither is somebody's edit."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """How many sales of ours were touched, and of these read again, refused or left for the next.

    Only a `complete` image can prove that the ERP lacks a sale: it has read each one at least once.
    """

    touched: int
    read: int
    refused: int
    left: int
    complete: bool


def refresh_sales(engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock) -> Reading:
    """Bring `erp_sales` up to date with what the ERP says was touched.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept, the cursor stays.
    """
    with engine.connect() as connection:
        left_off = cursor(connection, CURSOR)
    reached = datetime.fromisoformat(left_off or model.first_day).replace(tzinfo=UTC)
    listed = list(erp.sales(updated_since=reached - OVERLAP))
    ours = [row for row in listed if row.external_id.startswith(f"{model.brand}:")]
    with engine.begin() as connection:
        known = ledger.sales_as_of(connection, [row.sale_id for row in listed])
        # somebody typed over what made them ours: an order has no sale any more
        forget_sales(connection, known.keys() - {row.sale_id for row in ours})
    stale = sorted(
        (row for row in ours if _touched_since(known.get(row.sale_id), row.updated)),
        key=lambda row: (row.sale_id in known, row.updated or reached),
    )
    read: list[SaleRow] = []
    refused: list[SaleRow] = []
    unreadable = Examples()
    for row in stale[:DETAILS_PER_RUN]:
        try:
            _read(engine, erp, row, model, clock)
            read.append(row)
        except Refused as error:  # one sale that cannot be read must not stop the others
            refused.append(row)
            unreadable.add(f"{row.order_number}: {error}")
        except OutOfBudget:  # other lanes need the calls; the next run goes on here
            break
    if unreadable:
        log.warning("sales of saleList cannot be read, %s", unreadable)
    left = stale[len(read) + len(refused) :]
    with engine.begin() as connection:
        move_cursor(connection, CURSOR, _next(reached, listed, left).isoformat())
    return Reading(
        touched=len(ours),
        read=len(read),
        refused=len(refused),
        left=len(left),
        complete=all(row.sale_id in known for row in [*left, *refused]),
    )


def _touched_since(known: Row[Any] | None, updated: datetime | None) -> bool:
    if known is None or updated is None:
        return True
    proved = known.updated == known.read_at
    return bool(updated > known.updated + (JUST_PROVED if proved else timedelta(0)))


def _next(reached: datetime, listed: list[SaleRow], left: list[SaleRow]) -> datetime:
    """Up to the newest row, but not past one that was left."""
    if left:
        return min(row.updated or reached for row in left)
    return max((row.updated for row in listed if row.updated), default=reached)


def _read(
    engine: Engine, erp: Cin7Client, row: SaleRow, model: OperatingModel, clock: Clock
) -> None:
    sale = erp.sale(row.sale_id)
    with engine.begin() as connection:
        charge = _rounding_charge(model, row.external_id)
        save_sale(connection, _image(row, sale, charge, clock.now()))
        save_sale_lines(connection, row.sale_id, [vars(line) for line in sale_lines(sale)])


def _image(
    row: SaleRow, sale: SaleDocument, charge: str | None, now: datetime
) -> dict[str, object]:
    """The sale as the ledger keeps it; `charge` is the Service product that stands for rounding."""
    order = sale.order
    return {
        "sale_id": row.sale_id,
        "external_id": row.external_id,
        "order_number": row.order_number,
        "status": sale.status or row.status,
        "order_status": order.status if order else row.order_status,
        "currency": sale.customer_currency or row.customer_currency,
        "total": order.total if order else ZERO,
        "tax": order.tax if order else ZERO,
        "backordered": sum((line.backorder_quantity for line in order.lines), ZERO)
        if order
        else ZERO,
        "rounding": _rounding(order, charge) if order else ZERO,
        "credited": sale.credited,
        "updated": row.updated or now,
        "read_at": now,
        "base_currency": sale.base_currency or None,
        "currency_rate": rate_of(sale),
    }


def _rounding(order: OrderDocument, name: str | None) -> Decimal:
    """What the sale's rounding charges add to its total, net of tax."""
    charges = (charge for charge in order.additional_charges if charge.description == name)
    return sum((charge.quantity * charge.price for charge in charges), ZERO)


def _rounding_charge(model: OperatingModel, external_id: str) -> str | None:
    site_id = external_id.split(":")[1] if external_id.count(":") >= 2 else ""
    return next((site.charges.rounding for site in model.sites if site.id == site_id), None)
