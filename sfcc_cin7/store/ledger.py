"""The books: the image of the ERP's sales, postings that nobody can change, and breaks."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    any_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.store.schema import (
    breaks,
    cursors,
    erp_sales,
    order_batches,
    orders,
    postings,
    review_items,
)

RECENT = timedelta(days=1)
"""An order of any day is looked at again when either system touched it this lately."""

# The image of the ERP's sales


OTHER_MONEY_CODES = (
    "sale-unbalanced",
    "price-inexact",
    "gift-certificate-taxed",
    "option-tax-unclear",
)
NOT_MONEY_CODES = ("site-mismatch", "erp-quantity-mismatch")
"""Named like a difference of money, but not one."""


def cursor(connection: Connection, name: str) -> str | None:
    """How far something has been read."""
    return connection.scalar(select(cursors.c.value).where(cursors.c.name == name))


def move_cursor(connection: Connection, name: str, value: str) -> None:
    """Remember how far something has been read."""
    statement = upsert(cursors).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[cursors.c.name], set_={"value": statement.excluded.value}
        )
    )


def sales_as_of(connection: Connection, sale_ids: Collection[str]) -> dict[str, datetime]:
    """When each of these sales had last been updated in the ERP when it was last read."""
    query = select(erp_sales.c.sale_id, erp_sales.c.updated).where(
        _among(erp_sales.c.sale_id, sale_ids)
    )
    return {row.sale_id: row.updated for row in connection.execute(query)}


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
    """Consolidated sales of these orders, or with open breaks: what their orders come to.

    Rows hold `batch_key`, `site`, `created_at`, `sale_id`, `currency`, `total` and `tax`.
    """
    broken = select(breaks.c.order_key).where(breaks.c.closed_at.is_(None))
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
            or_(order_batches.c.batch_key.in_(broken), order_batches.c.batch_key.in_(of_orders)),
        )
        .group_by(order_batches.c.batch_key)
        .order_by(order_batches.c.batch_key)
    )
    return list(connection.execute(query))


def sales_without_order(connection: Connection, before: datetime) -> list[Row[Any]]:
    """Sales whose ExternalID names no order that we have, last updated before that instant."""
    known = or_(
        exists().where(orders.c.order_key == erp_sales.c.external_id),
        exists().where(
            order_batches.c.batch_key == erp_sales.c.external_id,
            order_batches.c.state != "dissolved",
        ),
    )
    query = (
        select(erp_sales)
        .where(~known, erp_sales.c.updated < before)
        .order_by(erp_sales.c.external_id, erp_sales.c.order_number)
    )
    return list(connection.execute(query))


# Orders and their postings


def lock_books(connection: Connection) -> None:
    """One writer at a time, until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("sfcc_cin7 books"))))


def orders_to_reconcile(
    connection: Connection, start: datetime, end: datetime, at: datetime
) -> list[Row[Any]]:
    """Orders created in the window, those with open breaks, and those touched lately.

    Without their documents, which only a changed order needs; see `documents`.
    """
    in_window = and_(orders.c.created_at >= start, orders.c.created_at < end)
    broken = select(breaks.c.order_key).where(breaks.c.closed_at.is_(None))
    sale_read = select(erp_sales.c.external_id).where(erp_sales.c.read_at >= at - RECENT)
    columns = [column for column in orders.c if column.name != "document"]
    query = (
        select(*columns)
        .where(
            or_(
                in_window,
                orders.c.order_key.in_(broken),
                orders.c.order_key.in_(sale_read),
                orders.c.batch_key.in_(sale_read),
                orders.c.modified_at >= at - RECENT,
            )
        )
        .order_by(orders.c.created_at, orders.c.order_key)
    )
    return list(connection.execute(query))


def documents(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The raw documents of these orders."""
    query = select(orders.c.order_key, orders.c.document).where(_among(orders.c.order_key, keys))
    return {row.order_key: row.document for row in connection.execute(query)}


def posted_balances(
    connection: Connection, keys: Collection[str]
) -> dict[tuple[str, str], dict[tuple[str, str], Decimal]]:
    """(order key, leg) to what is posted: (currency, account) to amount, zeros left out."""
    query = (
        select(
            postings.c.order_key,
            postings.c.leg,
            postings.c.currency,
            postings.c.account,
            func.sum(postings.c.amount).label("amount"),
        )
        .where(_among(postings.c.order_key, keys))
        .group_by(postings.c.order_key, postings.c.leg, postings.c.currency, postings.c.account)
    )
    held: dict[tuple[str, str], dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for row in connection.execute(query):
        if row.amount:
            held[row.order_key, row.leg][row.currency, row.account] = row.amount
    return held


def last_sources(connection: Connection, keys: Collection[str], leg: str) -> dict[str, str]:
    """What the newest posting of a leg was taken from, by order key."""
    newest = (
        select(func.max(postings.c.id))
        .where(_among(postings.c.order_key, keys), postings.c.leg == leg)
        .group_by(postings.c.order_key)
    )
    query = select(postings.c.order_key, postings.c.source).where(postings.c.id.in_(newest))
    return {row.order_key: row.source for row in connection.execute(query)}


def write_postings(
    connection: Connection, entries: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Append entries (columns of `postings` but `id` and `posted_at`)."""
    if entries:
        connection.execute(insert(postings), [{**entry, "posted_at": at} for entry in entries])


def unbalanced(connection: Connection) -> list[Row[Any]]:
    """(`order_key`, `leg`, `currency`, `amount`) whose postings do not sum to zero."""
    total = func.sum(postings.c.amount)
    keys = (postings.c.order_key, postings.c.leg, postings.c.currency)
    query = select(*keys, total.label("amount")).group_by(*keys).having(total != 0)
    return list(connection.execute(query))


def posting_count(connection: Connection) -> int:
    """How many entries the books hold."""
    return connection.scalar(select(func.count()).select_from(postings)) or 0


# Breaks


def open_break_kinds(connection: Connection) -> set[tuple[str, str]]:
    """(order key, class) of every open break."""
    query = select(breaks.c.order_key, breaks.c["class"].label("kind")).where(
        breaks.c.closed_at.is_(None)
    )
    return {(row.order_key, row.kind) for row in connection.execute(query)}


def open_breaks(
    connection: Connection, found: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Open breaks; one that is open keeps its age and gets the new words and amount."""
    for row in found:
        connection.execute(
            upsert(breaks)
            .values({**row, "opened_at": at})
            .on_conflict_do_update(
                index_elements=[breaks.c.order_key, breaks.c["class"]],
                index_where=breaks.c.closed_at.is_(None),
                set_={key: row[key] for key in ("sentence", "amount", "currency")},
            )
        )


def close_breaks(connection: Connection, agreed: Collection[tuple[str, str]], at: datetime) -> None:
    """Close open breaks, given as (order key, class), whose legs agree again."""
    for order_key, kind in agreed:
        connection.execute(
            update(breaks)
            .where(
                breaks.c.order_key == order_key,
                breaks.c["class"] == kind,
                breaks.c.closed_at.is_(None),
            )
            .values(closed_at=at)
        )


def listed_breaks(connection: Connection, kinds: Collection[str]) -> list[Row[Any]]:
    """Open breaks of these classes with both legs' totals, most money at risk first."""
    query = (
        select(
            breaks.c.order_key,
            breaks.c["class"].label("kind"),
            breaks.c.sentence,
            breaks.c.amount,
            breaks.c.currency,
            breaks.c.opened_at,
            orders.c.order_total.label("captured"),
            erp_sales.c.total.label("booked"),
        )
        .outerjoin(orders, orders.c.order_key == breaks.c.order_key)
        .outerjoin(order_batches, order_batches.c.batch_key == breaks.c.order_key)
        .outerjoin(
            erp_sales,
            erp_sales.c.sale_id == func.coalesce(orders.c.sale_id, order_batches.c.sale_id),
        )
        .where(breaks.c.closed_at.is_(None), breaks.c["class"].in_(kinds))
        .order_by(breaks.c.amount.desc(), breaks.c.opened_at)
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
