"""Keeps the ledger's image of sales true, from what the one reader of the ERP's changes read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.sales import forget_sales, gaps_of, save_sale, save_sale_lines
from sfcc_cin7.db.sku_map import service_names
from sfcc_cin7.ledger.passes.sale_costs import rate_of, sale_lines
from sfcc_cin7.ledger.passes.sale_goods import goods_image
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7 import changes
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument, SaleDocument
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.months import today

LEDGER = "ledger"
"""Under which name the ledger takes readings."""


@dataclass(frozen=True)
class Reading:
    """How many sales were read, and how many are left unread.

    Only a `complete` image can prove that the ERP lacks a sale: it has read each one at least once.
    """

    read: int
    left: int
    complete: bool


def follow_sales(engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock) -> Reading:
    """One turn of the reader (see `changes.follow`), and take what it read.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept.
        Busy: somebody else reads.
    """
    turn = changes.follow(engine, erp, SALE, *changes.ours(model), clock)
    take_sales(engine, model)
    return with_the_rest(engine, turn.read)


def look_at_sales(
    engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock, since: datetime
) -> None:
    """Look which sales were touched, `since` that instant at the latest.

    Raises:
        ApiError: the list cannot be seen.
    """
    changes.look(engine, erp, SALE, *changes.ours(model), clock, since)


def read_sales(
    engine: Engine,
    erp: Cin7Client,
    model: OperatingModel,
    clock: Clock,
    only: Collection[str] | None = None,
) -> Reading:
    """Read what is unread (`only`: of these orders and batches), for one turn, and take it.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept.
    """
    turn = changes.read_unread(engine, erp, SALE, clock, only=only)
    take_sales(engine, model)
    return with_the_rest(engine, turn.read)


def with_the_rest(engine: Engine, read: int) -> Reading:
    """What was read, and what of all sales is left."""
    with engine.connect() as connection:
        left = erp_documents.backlog(connection, SALE.name)
        looked = erp_documents.listed_until(connection, SALE.name)
    return Reading(read, left.unread, complete=looked is not None and not left.unknown)


def take_sales(engine: Engine, model: OperatingModel) -> int:
    """Bring `erp_sales` up to date with what was read since the last time; how many sales."""
    return erp_documents.take_readings(
        engine, SALE.name, LEDGER, lambda connection, row: _take(connection, row, model)
    )


def _take(connection: Connection, row: Row[Any], model: OperatingModel) -> None:
    sale = SaleDocument.model_validate_json(row.detail)
    if not sale.external_id.startswith(f"{model.brand}:"):
        # somebody typed over what made it ours: its order has no sale any more
        forget_sales(connection, [row.document_id])
        return
    charge = _rounding_charge(model, sale.external_id)
    at = row.updated or row.read_at
    skus = [line.sku for line in sale.order.lines] if sale.order else []
    goods = goods_image(
        sale,
        service_names(connection, skus),
        gaps_of(connection, row.document_id),
        at,
        today(at, model.time_zone),
    )
    save_sale(connection, {**_image(row, sale, charge), **goods})
    save_sale_lines(connection, row.document_id, [vars(line) for line in sale_lines(sale)])


def _image(row: Row[Any], sale: SaleDocument, charge: str | None) -> dict[str, object]:
    """The sale as the ledger keeps it; `charge` is the Service product that stands for rounding."""
    order = sale.order
    return {
        "sale_id": row.document_id,
        "external_id": sale.external_id,
        "order_number": row.number,
        "status": sale.status,
        "order_status": order.status if order else "NOT AVAILABLE",
        "currency": sale.customer_currency,
        "total": order.total if order else ZERO,
        "tax": order.tax if order else ZERO,
        "backordered": sum((line.backorder_quantity for line in order.lines), ZERO)
        if order
        else ZERO,
        "rounding": _rounding(order, charge) if order else ZERO,
        "credited": sale.credited,
        "credit_notes": [
            {"day": note.day, "amount": str(note.total)}
            for note in sale.credit_notes
            if note.status.upper() == "AUTHORISED" and note.day
        ],
        "updated": row.updated or row.read_at,
        "read_at": row.read_at,
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
