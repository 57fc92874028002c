"""Reads what the store knows of an order, a SKU or a payout. Every query is by key, and bounded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from sfcc_cin7.db import schema
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.handover.stories.facts import (
    Event,
    Item,
    Level,
    Movement,
    Order,
    OrderFacts,
    PayoutFacts,
    Sale,
    Shipment,
    SkuFacts,
    Told,
    Transfer,
)
from sfcc_cin7.inbox.sources import break_code

MOST = 500
"""Rows of one kind that a story is made of at most."""
NEWEST = 10


def read_order(connection: Connection, key: str) -> OrderFacts | None:
    """What is known of the order with a key; None where there is none."""
    row = connection.execute(
        select(schema.orders).where(schema.orders.c.order_key == key)
    ).one_or_none()
    if row is None:
        return None
    order = Order(
        key=row.order_key,
        total=row.order_total,
        **{name: getattr(row, name) for name in Order.__dataclass_fields__ if name not in _NAMED},
    )
    sale_key = row.batch_key or key
    legs = connection.execute(
        select(schema.order_legs).where(schema.order_legs.c.order_key == key)
    ).one_or_none()
    movements = _movements(connection, schema.payout_lines.c.order_key == key)
    return OrderFacts(
        order=order,
        events=_events(connection, key),
        units=_pairs(connection, key),
        sales=[
            _as(Sale, each)
            for each in connection.execute(
                select(schema.erp_sales)
                .where(schema.erp_sales.c.external_id == sale_key)
                .order_by(schema.erp_sales.c.order_number)
                .limit(MOST)
            )
        ],
        shipment=_shipment(connection, key),
        legs={name: getattr(legs, name) for name in schema.LEG_FIGURES} if legs else {},
        legs_agree=legs.agrees if legs else None,
        movements=movements,
        paid_out=_paid_out(connection, movements),
        items=[
            *_items(connection, schema.review_items.c.subject.in_([key, f"shipment:{key}"])),
            *_breaks(connection, schema.breaks.c.order_key == key),
        ],
    )


_NAMED = ("key", "total")


def read_sku(connection: Connection, sku: str) -> SkuFacts:
    """What is known of a SKU; `is_known` is False where no table names it."""
    known = connection.execute(
        select(schema.sku_map).where(schema.sku_map.c.sku == sku)
    ).one_or_none()
    levels = connection.execute(
        select(schema.stock_levels)
        .where(schema.stock_levels.c.sku == sku)
        .order_by(schema.stock_levels.c.location)
    ).all()
    told = connection.execute(
        select(schema.published_stock)
        .where(schema.published_stock.c.sku == sku)
        .order_by(schema.published_stock.c.list_id)
    ).all()
    snapshot = last_snapshot(connection, believed=True)
    item_subjects = [f"sku:{sku}", *(f"stock:{each.list_id}/{sku}" for each in told)]
    changes, published, drifts = (
        schema.stock_changes.c,
        schema.stock_publications.c,
        schema.stock_drifts.c,
    )
    return SkuFacts(
        sku=sku,
        is_known=bool(known or levels or told),
        in_shop=bool(known and known.in_shop),
        in_erp=bool(known and known.in_erp),
        erp_status=known.erp_status if known else None,
        levels=[_as(Level, each) for each in levels],
        read_at=snapshot.started_at if snapshot and levels else None,
        changes=_newest(
            connection,
            select(changes.at, changes.location, changes.available).where(changes.sku == sku),
            changes.at,
        ),
        told=[_as(Told, each) for each in told],
        publications=_newest(
            connection,
            select(published.at, published.list_id, published.allocation).where(
                published.sku == sku
            ),
            published.at,
        ),
        in_flight=_in_flight(connection, sku),
        drifts=_newest(
            connection,
            select(
                drifts.seen_at, drifts.list_id, drifts.expected, drifts.shown, drifts.corrected_at
            ).where(drifts.sku == sku),
            drifts.seen_at,
        ),
        items=_items(connection, schema.review_items.c.subject.in_(item_subjects)),
    )


def read_payout(connection: Connection, payout_id: str) -> PayoutFacts | None:
    """What is known of a payout by the gateway's own id; None where no report names it."""
    sent, reports, bank = schema.payouts.c, schema.payout_reports.c, schema.bank_lines.c
    joined = schema.payouts.outerjoin(
        schema.payout_reports, and_(reports.gateway == sent.gateway, reports.name == sent.report)
    ).outerjoin(
        schema.bank_lines,
        and_(
            bank.gateway == sent.gateway,
            bank.payout_id == sent.payout_id,
            bank.currency == sent.currency,
            bank.transfer_key == sent.transfer_key,
        ),
    )
    query = (
        select(
            schema.payouts,
            reports.standing,
            reports.note,
            bank.day.label("booked_on"),
            bank.amount.label("booked"),
        )
        .select_from(joined)
        .where(sent.payout_id == payout_id)
        .order_by(sent.gateway, sent.currency, sent.transfer_key)
    )
    transfers = [_as(Transfer, each) for each in connection.execute(query)]
    movements = _movements(connection, schema.payout_lines.c.payout_id == payout_id)
    if not transfers and not movements:
        return None
    subjects = {f"transfer:{each.gateway}:{each.currency}:{payout_id}" for each in transfers}
    subjects |= {f"payout:{each.gateway}:{each.line_key}" for each in movements}
    return PayoutFacts(
        payout_id=payout_id,
        transfers=transfers,
        movements=movements,
        items=_breaks(connection, schema.breaks.c.order_key.in_(sorted(subjects))),
    )


def _as(kind: Any, row: Row[Any]) -> Any:
    """A dataclass from the columns of a row that have its fields' names."""
    given = row._mapping
    return kind(**{name: given[name] for name in kind.__dataclass_fields__})


def _newest(connection: Connection, query: Any, at: ColumnElement[Any]) -> list[Any]:
    return [tuple(each) for each in connection.execute(query.order_by(at.desc()).limit(NEWEST))]


def _events(connection: Connection, key: str) -> list[Event]:
    its = schema.order_events.c
    query = (
        select(its.at, its.kind, its.detail)
        .where(its.order_key == key)
        .order_by(its.id.desc())
        .limit(MOST)
    )
    return [_as(Event, each) for each in reversed(connection.execute(query).all())]


def _pairs(connection: Connection, key: str) -> list[Any]:
    its = schema.order_units.c
    query = select(its.sku, its.units).where(its.order_key == key).order_by(its.sku)
    return [tuple(each) for each in connection.execute(query)]


def _shipment(connection: Connection, key: str) -> Shipment | None:
    query = select(schema.order_shipments).where(schema.order_shipments.c.order_key == key)
    row = connection.execute(query).one_or_none()
    return _as(Shipment, row) if row is not None else None


def _movements(connection: Connection, which: ColumnElement[bool]) -> list[Movement]:
    query = select(schema.payout_lines).where(which).order_by(schema.payout_lines.c.id).limit(MOST)
    return [_as(Movement, each) for each in connection.execute(query)]


def _paid_out(connection: Connection, movements: Sequence[Movement]) -> dict[str, Any]:
    its = schema.payouts.c
    ids = {each.payout_id for each in movements if each.payout_id}
    query = (
        select(its.payout_id, func.max(its.paid_at))
        .where(its.payout_id.in_(ids))
        .group_by(its.payout_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)} if ids else {}


def _in_flight(connection: Connection, sku: str) -> list[Any]:
    orders, units = schema.orders.c, schema.order_units.c
    query = (
        select(orders.order_key, orders.state, units.units)
        .join(schema.order_units, units.order_key == orders.order_key)
        .where(units.sku == sku, schema.is_under_way)
        .order_by(orders.created_at)
        .limit(MOST)
    )
    return [tuple(each) for each in connection.execute(query)]


def _items(connection: Connection, which: ColumnElement[bool]) -> list[Item]:
    its = schema.review_items.c
    query = select(schema.review_items).where(which).order_by(its.opened_at, its.id).limit(MOST)
    return [
        Item(
            code=row.code,
            sentence=row.sentence,
            owner=row.owner,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            because=row.closed_because,
            amount=row.amount,
            currency=row.currency,
        )
        for row in connection.execute(query)
    ]


def _breaks(connection: Connection, which: ColumnElement[bool]) -> list[Item]:
    its = schema.breaks.c
    query = (
        select(schema.breaks, its["class"].label("kind"))
        .where(which)
        .order_by(its.opened_at, its.id)
        .limit(MOST)
    )
    return [
        Item(
            code=break_code(row.leg, row.kind),
            sentence=row.sentence,
            owner=row.owner,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            because=row.closed_because,
            amount=row.amount,
            currency=row.currency,
            number=row.id,
        )
        for row in connection.execute(query)
    ]


def orders_named(connection: Connection, name: str) -> list[str]:
    """Keys of the orders with a key or number, in any site."""
    its = schema.orders.c
    query = select(its.order_key).where(or_(its.order_key == name, its.order_no == name))
    return sorted(connection.scalars(query))


def subject_of_break(connection: Connection, number: int) -> str | None:
    """What a break is about: an order's key, or a line or transfer of a gateway."""
    its = schema.breaks.c
    subject: str | None = connection.scalar(select(its.order_key).where(its.id == number))
    return subject


def payout_of_line(connection: Connection, gateway: str, line_key: str) -> str | None:
    """The payout that a line of a gateway is in."""
    its = schema.payout_lines.c
    payout: str | None = connection.scalar(
        select(its.payout_id).where(its.gateway == gateway, its.line_key == line_key)
    )
    return payout or None
