"""How far the ledger has looked at what its checks speak of."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.looks import (
    BANK,
    BOOKS,
    MARGINS,
    PAYOUTS,
    SHOP_COMPARED,
    looked,
)
from sfcc_cin7.ledger.passes.sales_image import LEDGER
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime.horizons import of_erp_sales, own
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.horizon import Sight

RECONCILING, SETTLING, WEIGHING = (timedelta(minutes=each) for each in (2, 3, 5))
"""How often the lane `books` reconciles, reads settlement reports, and weighs margins."""

UNMATCHED_SALES = """
select count(*) as number, min(e.read_at) as since from sfcc_cin7.order_changes c
join sfcc_cin7.erp_sales e on e.external_id = c.order_key
where c.due_at > :now and upper(e.status) <> 'VOIDED' and upper(e.order_status) <> 'VOIDED'
and not exists (select from sfcc_cin7.orders o where o.order_key = e.external_id)
and not exists (select from sfcc_cin7.order_batches b where b.batch_key = e.external_id)
"""
"""Sales that name no order that we have, and that have some time left until that is a break."""

UNMATCHED_LINES = """
select count(*) as number, min(l.read_at) as since from sfcc_cin7.payout_lines l
where l.order_key is null and l.kind in ('charge', 'refund', 'chargeback') and not exists (
    select from sfcc_cin7.breaks b where b.closed_at is null
    and b.order_key = 'payout:' || l.gateway || ':' || l.line_key)
"""
"""Settlement lines without an order that are no break yet."""

IN_GRACE = """
select count(*) as number, min(e.read_at) as since from sfcc_cin7.order_changes c
join sfcc_cin7.order_legs l using (order_key)
join sfcc_cin7.erp_sales e on e.external_id = c.order_key
where c.due_at > :now and l.booked <> 0
and (l.captured, l.captured_tax) is distinct from (l.booked, l.booked_tax)
and not exists (select from sfcc_cin7.breaks b
    where b.order_key = c.order_key and b.leg = 'erp' and b.closed_at is null)
"""
"""Orders whose sale differs, where the merchant lets a difference stand before it is a break."""


def of_orders(connection: Connection, model: OperatingModel, now: datetime) -> list[Sight]:
    """The storefront's orders, the ERP's sales, and the comparison of both."""
    rhythm = RECONCILING + timedelta(seconds=model.posting.changes_seconds)
    compared = looked(connection, SHOP_COMPARED)
    shop = Sight("storefront order", "storefront orders", compared, rhythm)
    nameless = _count(connection, UNMATCHED_SALES, now=now)
    sights = [
        shop,
        *of_sales(connection),
        Sight(
            "sale without an order",
            "sales without an order",
            now,
            unread=nameless.number,
            since=nameless.since,
            not_yet="explained",
        ),
    ]
    if any(model.ledger.grace_minutes.values()):
        early = _count(connection, IN_GRACE, now=now)
        one, many = "sale that differs from its order", "sales that differ from their orders"
        sights.append(
            Sight(one, many, now, unread=early.number, since=early.since, not_yet="explained")
        )
    return sights


def of_sales(connection: Connection) -> list[Sight]:
    """The ERP's sales, and when they were last compared with their orders."""
    return [
        of_erp_sales(connection),
        Sight(
            "sale beside its order",
            "sales beside their orders",
            looked(connection, BOOKS),
            RECONCILING,
            erp_documents.not_used(connection, SALE.name, LEDGER),
            not_yet="compared",
        ),
    ]


def of_payouts(connection: Connection, model: OperatingModel, now: datetime) -> list[Sight]:
    """Orders and sales, the settlement reports, and whose their lines are; nothing of it where no
    gateway settles anything."""
    if not model.ledger.gateways:
        return [own("gateways", now)]
    loose = _count(connection, UNMATCHED_LINES)
    one, many = "settlement line without an order", "settlement lines without an order"
    return [
        *of_orders(connection, model, now),
        Sight("settlement report", "settlement reports", looked(connection, PAYOUTS), SETTLING),
        Sight(one, many, now, unread=loose.number, since=loose.since, not_yet="matched"),
    ]


def of_reports(connection: Connection, model: OperatingModel, now: datetime) -> list[Sight]:
    """The settlement reports; nothing of them where no gateway settles anything."""
    if not model.ledger.gateways:
        return [own("gateways", now)]
    read = looked(connection, PAYOUTS)
    return [Sight("settlement report", "settlement reports", read, SETTLING)]


def of_bank(connection: Connection, model: OperatingModel, now: datetime) -> list[Sight]:
    """The settlement reports and the bank's statements. Of which days no statement was brought is
    told by transfers that are on their way."""
    sights = of_reports(connection, model, now)
    if model.ledger.gateways:
        read = looked(connection, BANK)
        sights.append(Sight("bank statement", "bank statements", read, SETTLING))
    return sights


def of_margins(connection: Connection) -> list[Sight]:
    """The ERP's sales, which say what was shipped at what cost, and the margins of them."""
    weighed = looked(connection, MARGINS)
    return [*of_sales(connection), Sight("margin", "margins", weighed, WEIGHING)]


def _count(connection: Connection, query: str, **values: object) -> Any:
    return connection.execute(text(query), values).one()
