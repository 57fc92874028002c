"""Rows of `book_prices`: what was decided, what is due, and what became of it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from sfcc_cin7.catalogue.prices.deciding.table import PriceTable, read_table
from sfcc_cin7.db.schema import book_prices, sku_map

Target = Literal["production", "staging"]
AT_ONCE = 5000
_DECIDED = {
    "book": "text",
    "sku": "text",
    "tier_price": "numeric",
    "cost": "numeric",
    "price": "numeric",
    "margin": "numeric",
    "tables": "text",
    "held": "text",
    "follows_cost": "boolean",
    "changed_at": "timestamptz",
}
_SAVE = f"""
insert into sfcc_cin7.book_prices ({", ".join(_DECIDED)})
select {", ".join(_DECIDED)} from jsonb_to_recordset(cast(:rows as jsonb))
    as decided({", ".join(f"{name} {kind}" for name, kind in _DECIDED.items())})
on conflict (book, sku) do update set
    {", ".join(f"{name} = excluded.{name}" for name in list(_DECIDED)[2:])}
"""  # noqa: S608 - names of ours; one document, because the driver sends a list row by row


@dataclass(frozen=True)
class Change:
    """A price that is due: what the book is to hold, and what it held, as far as we know."""

    sku: str
    tables: str
    price: Decimal | None
    held_before: str

    @property
    def wanted(self) -> PriceTable | None:
        return read_table(self.tables)

    @property
    def before(self) -> PriceTable | None:
        return read_table(self.held_before)


def known_rows(connection: Connection, book: str, skus: Collection[str]) -> dict[str, Row[Any]]:
    """What is remembered of these SKUs in a book."""
    query = select(book_prices).where(
        book_prices.c.book == book, book_prices.c.sku == func.any(list(skus))
    )
    return {row.sku: row for row in connection.execute(query)}


def save_decided(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was decided; rows have `book`, `sku` and the columns that a decision sets."""
    if rows:
        connection.execute(text(_SAVE), {"rows": json.dumps(list(rows), default=str)})


def priced_skus(connection: Connection, book: str) -> Iterator[str]:
    """The SKUs that have a tier price in a book, as far as is remembered."""
    query = select(book_prices.c.sku).where(
        book_prices.c.book == book, book_prices.c.tier_price.is_not(None)
    )
    yield from connection.scalars(query)


def take_away(connection: Connection, book: str, skus: Collection[str], at: datetime) -> None:
    """The tier has no price of these SKUs any more."""
    nothing: dict[str, Any] = dict.fromkeys(("tier_price", "price", "margin"))
    nothing |= {"tables": "", "held": "", "follows_cost": False}
    connection.execute(
        update(book_prices)
        .where(book_prices.c.book == book, book_prices.c.sku == func.any(list(skus)))
        .values(**nothing, changed_at=at)
    )


def is_sold() -> ColumnElement[bool]:
    """Whether the storefront has the SKU: a price of no product may cost the whole book."""
    return exists().where(sku_map.c.sku == book_prices.c.sku, sku_map.c.in_shop)


def is_due(target: Target, *, removes: bool) -> ColumnElement[bool]:
    """Whether a row is to be told to a target; `removes`: also that a price is gone."""
    row = book_prices.c
    there = true() if removes else _effective() != ""
    if target == "staging":
        behind: ColumnElement[bool] = row.staged != _effective()
    else:
        behind = or_(row.told != _effective(), row.sending != "")
    return and_(there, behind, or_(row.refused == "", row.refused != _effective()))


def _effective() -> ColumnElement[str]:
    """What the book should hold now: what was told before, of a price that waits for a person."""
    return case((book_prices.c.held != "", book_prices.c.told), else_=book_prices.c.tables)


def due(connection: Connection, book: str, target: Target, *, removes: bool) -> list[Change]:
    """What a target of the storefront is to be told of a book."""
    held = book_prices.c.staged if target == "staging" else book_prices.c.told
    price = case((book_prices.c.held != "", book_prices.c.told_price), else_=book_prices.c.price)
    query = (
        select(book_prices.c.sku, _effective(), price, held.label("before"))
        .where(book_prices.c.book == book, is_due(target, removes=removes), is_sold())
        .order_by(book_prices.c.sku)
    )
    return [Change(*row) for row in connection.execute(query)]


def begin_sending(
    connection: Connection, book: str, target: Target, changes: Sequence[Change]
) -> None:
    """Remember, before a file leaves, that the storefront may have it from now on."""
    if target == "staging":
        _each(connection, book, changes, "staged = '?'")
    else:
        _each(connection, book, changes, "sending = coalesce(nullif(sent.tables, ''), '-')")


def keep_told(
    connection: Connection, book: str, target: Target, changes: Sequence[Change], at: datetime
) -> None:
    """A target took these changes."""
    if target == "staging":
        _each(connection, book, changes, "staged = sent.tables")
        return
    told = "told = sent.tables, told_price = sent.price, told_at = :at"
    _each(connection, book, changes, f"{told}, sending = '', refused = '', problem = null", at=at)


def keep_refused(connection: Connection, book: str, change: Change, words: str) -> None:
    """The storefront does not take this one, and says why; it is tried again once it changes."""
    _each(
        connection,
        book,
        [change],
        "refused = sent.tables, problem = :words, sending = ''",
        words=words,
    )


def tell_again(connection: Connection, book: str, skus: Collection[str] | None = None) -> None:
    """What the storefront was told of these SKUs, or of the whole book, does not stand there."""
    of_book = book_prices.c.book == book
    chosen = of_book if skus is None else and_(of_book, book_prices.c.sku == func.any(list(skus)))
    connection.execute(
        update(book_prices)
        .where(chosen, book_prices.c.told != "")
        .values(sending=book_prices.c.told, shown=None, shown_at=None)
    )


def _each(
    connection: Connection, book: str, changes: Sequence[Change], kept: str, **given: object
) -> None:
    """Keep something of many changes, each with its own figures, by few statements."""
    statement = text(
        f"update sfcc_cin7.book_prices set {kept} from (select"  # noqa: S608 - ours, see above
        " unnest(cast(:skus as text[])) as sku, unnest(cast(:tables as text[])) as tables,"
        " unnest(cast(:prices as numeric[])) as price) as sent"
        " where book_prices.book = :book and book_prices.sku = sent.sku"
    )
    for start in range(0, len(changes), AT_ONCE):
        part = changes[start : start + AT_ONCE]
        figures = {
            "skus": [each.sku for each in part],
            "tables": [each.tables for each in part],
            "prices": [each.price for each in part],
        }
        connection.execute(statement, {"book": book, **figures, **given})
