"""The books: the image of the ERP's sales, what was captured, and breaks."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    any_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import (
    breaks,
    captured_orders,
    captured_payments,
    erp_sales,
    order_batches,
    order_legs,
    orders,
    review_items,
)
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import BatchState

# The image of the ERP's sales


OTHER_MONEY_CODES = (
    "sale-unbalanced",
    "price-inexact",
)
NOT_MONEY_CODES = ("site-mismatch", "erp-quantity-mismatch")
"""Named like a difference of money, but not one."""


def sales_by_order(connection: Connection, keys: Collection[str]) -> dict[str, list[Row[Any]]]:
    """The sales of these orders or batches, voided ones too, by order key.

    Of a consolidated sale an order has its share: the sale as it is, with the order's part of its
    total and tax. Whether the sale still is the sum of its shares is asked of its batch.
    """
    own = select(erp_sales).where(_among(erp_sales.c.external_id, keys))
    parts = {
        "external_id": orders.c.order_key,
        "total": orders.c.sale_total,
        "tax": orders.c.sale_tax,
        "rounding": literal(ZERO),
        "credited": literal(ZERO),
    }
    shared = (
        select(*(parts.get(column.name, column).label(column.name) for column in erp_sales.c))
        .join(orders, orders.c.batch_key == erp_sales.c.external_id)
        .where(_among(orders.c.order_key, keys), orders.c.sale_total.is_not(None))
    )
    sales: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(own.union_all(shared).order_by("order_number")):
        sales[row.external_id].append(row)
    return sales


def batches_to_reconcile(connection: Connection, order_keys: Collection[str]) -> list[Row[Any]]:
    """Consolidated sales of these orders, or with these keys: what their orders come to.

    Rows hold `batch_key`, `site`, `created_at`, `sale_id`, `currency`, `total` and `tax`.
    """
    of_orders = select(orders.c.batch_key).where(_among(orders.c.order_key, order_keys))
    query = (
        select(
            order_batches.c.batch_key,
            order_batches.c.site,
            order_batches.c.created_at,
            order_batches.c.sale_id,
            func.min(orders.c.currency).label("currency"),
            func.sum(orders.c.sale_total).label("total"),
            func.sum(orders.c.sale_tax).label("tax"),
        )
        .join(orders, orders.c.batch_key == order_batches.c.batch_key)
        .where(
            order_batches.c.authorised_at.is_not(None),
            orders.c.sale_total.is_not(None),
            or_(
                _among(order_batches.c.batch_key, order_keys),
                order_batches.c.batch_key.in_(of_orders),
            ),
        )
        .group_by(order_batches.c.batch_key)
        .order_by(order_batches.c.batch_key)
    )
    return list(connection.execute(query))


def sales_without_order(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    """Sales with one of these ExternalIDs that name no order that we have."""
    known = or_(
        exists().where(orders.c.order_key == erp_sales.c.external_id),
        exists().where(
            order_batches.c.batch_key == erp_sales.c.external_id,
            order_batches.c.state != BatchState.DISSOLVED,
        ),
    )
    query = (
        select(erp_sales)
        .where(_among(erp_sales.c.external_id, keys), ~known)
        .order_by(erp_sales.c.external_id, erp_sales.c.order_number)
    )
    return list(connection.execute(query))


# Orders and what was captured of them


def lock_books(connection: Connection) -> None:
    """One writer at a time, until the transaction ends; to be the first thing that it does.

    LOCK TABLE takes no snapshot, so that of a repeatable read begins when the last writer is done;
    a lock taken by a SELECT would come with a snapshot from before the wait. Nobody else writes
    this table, and reading it goes on.
    """
    connection.execute(text("lock table sfcc_cin7.day_digests in exclusive mode"))


def orders_by_key(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    """These orders without their documents, and `tax` as captured; see `documents`."""
    columns = [column for column in orders.c if column.name != "document"]
    query = (
        select(*columns, captured_orders.c.tax)
        .outerjoin(captured_orders, captured_orders.c.order_key == orders.c.order_key)
        .where(_among(orders.c.order_key, keys))
        .order_by(orders.c.created_at, orders.c.order_key)
    )
    return list(connection.execute(query))


def keys_created(connection: Connection, start: datetime, end: datetime) -> list[str]:
    """Keys of the orders created in [start, end)."""
    query = select(orders.c.order_key).where(
        orders.c.created_at >= start, orders.c.created_at < end
    )
    return list(connection.scalars(query))


def keys_to_read(connection: Connection, start: datetime, end: datetime) -> list[str]:
    """Keys of the orders created in [start, end), and of the batches that they went with."""
    of_them = orders.c.created_at >= start, orders.c.created_at < end
    batches = select(orders.c.batch_key).where(*of_them, orders.c.batch_key.is_not(None))
    return list(connection.scalars(select(orders.c.order_key).where(*of_them).union(batches)))


def documents(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    """`order_key`, `site`, `currency`, `order_total`, `booked_duty`, `created_at`, `document_hash`,
    `document`."""
    names = ("order_key", "site", "currency", "order_total", "booked_duty", "created_at")
    columns = [orders.c[name] for name in (*names, "document_hash", "document")]
    query = select(*columns).where(_among(orders.c.order_key, keys))
    return list(connection.execute(query))


def save_captured(
    connection: Connection,
    captured: Sequence[Mapping[str, object]],
    payments: Sequence[Mapping[str, object]],
) -> None:
    """Keep the storefront's leg of orders (columns of `captured_orders`) and their payments."""
    if not captured:
        return
    statement = upsert(captured_orders)
    changed = {
        column.name: statement.excluded[column.name]
        for column in captured_orders.c
        if column.name != "order_key"
    }
    connection.execute(
        statement.on_conflict_do_update(index_elements=["order_key"], set_=changed), captured
    )
    keys = [str(row["order_key"]) for row in captured]
    connection.execute(delete(captured_payments).where(_among(captured_payments.c.order_key, keys)))
    if payments:
        connection.execute(insert(captured_payments), payments)


# Breaks


BreakKey = tuple[str, str, str]
"""Order key (or what else the break is about), class and leg."""


def open_in_scope(connection: Connection) -> set[BreakKey]:
    """Every open break of what is in scope (see `legs`), by key; those about the bank are opened
    and closed where its statements are read."""
    query = text(
        "select order_key, class, leg from sfcc_cin7.breaks join scope using (order_key)"
        " where closed_at is null and leg <> 'bank'"
    )
    return {(row[0], row[1], row[2]) for row in connection.execute(query)}


def open_break_counts(connection: Connection) -> dict[str, int]:
    """How many breaks are open, by class."""
    kind = breaks.c["class"]
    query = select(kind, func.count()).where(breaks.c.closed_at.is_(None)).group_by(kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def open_kinds_of(connection: Connection, keys: Collection[str]) -> dict[str, list[str]]:
    """Classes of the open breaks of these orders."""
    query = select(breaks.c.order_key, breaks.c["class"]).where(
        breaks.c.closed_at.is_(None), _among(breaks.c.order_key, keys)
    )
    kinds: dict[str, list[str]] = defaultdict(list)
    for order_key, kind in connection.execute(query.order_by(breaks.c.id)):
        kinds[order_key].append(kind)
    return kinds


def settled_of(connection: Connection, keys: Collection[str]) -> dict[str, Decimal]:
    """What gateways settled of these orders, as the last pass found it."""
    query = select(order_legs.c.order_key, order_legs.c.settled).where(
        _among(order_legs.c.order_key, keys)
    )
    return {row.order_key: row.settled for row in connection.execute(query)}


def open_breaks(
    connection: Connection, found: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Open breaks; one that is open keeps its age and gets the new words and amount."""
    if not found:
        return
    statement = upsert(breaks)
    changed = ("sentence", "amount", "currency", "cause", "owner")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[breaks.c.order_key, breaks.c["class"], breaks.c.leg],
            index_where=breaks.c.closed_at.is_(None),
            set_={name: statement.excluded[name] for name in changed},
        ),
        [{**row, "opened_at": at} for row in found],
    )


def close_breaks(
    connection: Connection, agreed: Collection[BreakKey], at: datetime, because: str
) -> None:
    """Close open breaks whose legs agree again; they stay as history."""
    if agreed:
        columns = tuple(zip(*agreed, strict=True))
        connection.execute(
            text(
                "update sfcc_cin7.breaks b set closed_at = :at, closed_because = :because"
                " from unnest(cast(:keys as text[]), cast(:kinds as text[]), cast(:legs as text[]))"
                " as gone (order_key, kind, leg)"
                " where b.order_key = gone.order_key and b.class = gone.kind and b.leg = gone.leg"
                " and b.closed_at is null"
            ),
            {
                "at": at,
                "because": because,
                **{
                    name: list(column)
                    for name, column in zip(("keys", "kinds", "legs"), columns, strict=True)
                },
            },
        )


def listed_breaks(
    connection: Connection, kinds: Collection[str], leg: str = "erp"
) -> list[Row[Any]]:
    """Open breaks of these classes and leg with the figures."""
    query = (
        select(
            breaks.c.order_key,
            breaks.c.day,
            breaks.c["class"].label("kind"),
            breaks.c.leg,
            breaks.c.sentence,
            breaks.c.amount,
            breaks.c.currency,
            breaks.c.opened_at,
            breaks.c.owner,
            orders.c.order_total.label("captured"),
            erp_sales.c.total.label("booked"),
        )
        .outerjoin(orders, orders.c.order_key == breaks.c.order_key)
        .outerjoin(order_batches, order_batches.c.batch_key == breaks.c.order_key)
        .outerjoin(
            erp_sales,
            erp_sales.c.sale_id == func.coalesce(orders.c.sale_id, order_batches.c.sale_id),
        )
        .where(breaks.c.closed_at.is_(None), breaks.c["class"].in_(kinds), breaks.c.leg == leg)
    )
    return list(connection.execute(query))


def orders_in_review_for_money(connection: Connection) -> list[Row[Any]]:
    """Open review items of orders whose tax or totals cannot be booked, most money first."""
    code = review_items.c.code
    query = (
        select(
            review_items.c.subject,
            code,
            review_items.c.sentence,
            review_items.c.expected,
            review_items.c.actual,
            review_items.c.opened_at,
            orders.c.order_total,
            orders.c.currency,
        )
        .join(orders, orders.c.order_key == review_items.c.subject)
        .where(
            review_items.c.closed_at.is_(None),
            or_(code.startswith("tax-"), code.contains("-mismatch"), code.in_(OTHER_MONEY_CODES)),
            code.not_in(NOT_MONEY_CODES),
        )
        .order_by(orders.c.order_total.desc(), review_items.c.opened_at)
    )
    return list(connection.execute(query))


def _among(column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """One array parameter, however many values there are."""
    return column == any_(literal(list(values), ARRAY(Text)))
