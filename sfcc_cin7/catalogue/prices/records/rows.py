"""Rows of `book_prices`: what was decided, what is due, and what became of it."""

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
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.catalogue.prices.deciding.table import PriceTable, read_table
from sfcc_cin7.db.schema import book_prices, sku_map

Target = Literal["production", "staging"]
AT_ONCE = 5000
_DECIDED = (
    "tier_price", "cost", "price", "margin", "tables", "held", "follows_cost", "changed_at",
)  # fmt: skip


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
        statement = insert(book_prices)
        kept = {name: statement.excluded[name] for name in _DECIDED}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[book_prices.c.book, book_prices.c.sku], set_=kept
            ),
            list(rows),
        )


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
    there = true() if removes else row.tables != ""
    if target == "staging":
        behind: ColumnElement[bool] = row.staged != row.tables
    else:
        behind = or_(row.told != row.tables, row.sending != "")
    return and_(there, behind, row.held == "", or_(row.refused == "", row.refused != row.tables))


def due(connection: Connection, book: str, target: Target, *, removes: bool) -> list[Change]:
    """What a target of the storefront is to be told of a book."""
    held = book_prices.c.staged if target == "staging" else book_prices.c.told
    query = (
        select(book_prices.c.sku, book_prices.c.tables, book_prices.c.price, held.label("before"))
        .where(book_prices.c.book == book, is_due(target, removes=removes), is_sold())
        .order_by(book_prices.c.sku)
    )
    return [Change(*row) for row in connection.execute(query)]


def begin_sending(
    connection: Connection, book: str, target: Target, changes: Sequence[Change]
) -> None:
    """Remember, before a file leaves, that the storefront may have it from now on."""
    sent = [{"s": each.sku, "t": each.tables or "-"} for each in changes]
    if target == "production":
        _each(connection, book, sent, {"sending": bindparam("t")})
    else:
        _each(connection, book, sent, {"staged": "?"})


def keep_told(
    connection: Connection, book: str, target: Target, changes: Sequence[Change], at: datetime
) -> None:
    """A target took these changes."""
    rows = [{"s": each.sku, "t": each.tables, "p": each.price} for each in changes]
    if target == "staging":
        _each(connection, book, rows, {"staged": bindparam("t")})
        return
    values = {
        "told": bindparam("t"),
        "told_price": bindparam("p"),
        "told_at": at,
        "sending": "",
        "refused": "",
        "problem": None,
    }
    _each(connection, book, rows, values)


def keep_refused(connection: Connection, book: str, change: Change, words: str) -> None:
    """The storefront does not take this one, and says why; it is tried again once it changes."""
    values = {"refused": bindparam("t"), "problem": words, "sending": ""}
    _each(connection, book, [{"s": change.sku, "t": change.tables}], values)


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
    connection: Connection,
    book: str,
    rows: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
) -> None:
    statement = (
        update(book_prices)
        .where(book_prices.c.book == book, book_prices.c.sku == bindparam("s"))
        .values(**values)
    )
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(statement, list(rows[start : start + AT_ONCE]))
