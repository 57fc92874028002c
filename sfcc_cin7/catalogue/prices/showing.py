"""What is shown of prices, and what two checks say about them: read from our tables alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from sfcc_cin7.catalogue.prices.records.rows import is_due, is_sold
from sfcc_cin7.db.book_prices import price_state
from sfcc_cin7.db.schema import book_prices
from sfcc_cin7.merchant.prices import PriceBookPolicy

COLUMNS = (
    "price book", "tier", "prices", "held", "to be told", "refused", "read back", "not readable",
    "shown otherwise", "told last",
)  # fmt: skip
MARGIN_COLUMNS = (
    "price book", "currency", "prices", "cost unknown", "lowest margin", "floor",
    "below the floor", "released below it",
)  # fmt: skip
LEAST_PROVED = 24
"""Prices of a book that have to be read back before it is green, or all where it has fewer."""


@dataclass(frozen=True)
class BookState:
    """Where one book stands; figures are numbers of prices of SKUs that are sold."""

    book: PriceBookPolicy
    prices: int
    held: int
    untold: int
    unstaged: int
    refused: int
    proved: int
    unreadable: int
    differing: int
    told_at: datetime | None

    @property
    def is_proved(self) -> bool:
        """Whether enough of it was read back, and nothing that was looked at is unknown."""
        return self.proved >= min(LEAST_PROVED, self.prices - self.held) and not self.unreadable


@dataclass(frozen=True)
class MarginState:
    """What a book earns, as a share of net prices; `below` are not released."""

    book: PriceBookPolicy
    prices: int
    unknown: int
    lowest: Decimal | None
    below: int
    released: int


def book_states(
    connection: Connection, books: Sequence[PriceBookPolicy], *, staging: bool
) -> list[BookState]:
    """Where each book stands; with `staging` also what staging was not told yet."""
    return [_state(connection, book, staging) for book in books]


def margin_states(connection: Connection, books: Sequence[PriceBookPolicy]) -> list[MarginState]:
    """What each book earns, of what shoppers are asked now."""
    return [_margins(connection, book) for book in books]


def _state(connection: Connection, book: PriceBookPolicy, staging: bool) -> BookState:
    row = book_prices.c
    removes = book.gone == "remove"
    looked = and_(row.told != "", row.sending == "", row.looked_at >= row.told_at)
    seen = and_(row.shown_at.is_not(None), row.shown_at >= row.told_at)
    proved = price_state() == "proved"

    def many(which: Any) -> Any:
        return func.count().filter(which)

    query = select(
        many(row.tables != ""),
        many(row.held != ""),
        many(is_due("production", removes=removes)),
        many(is_due("staging", removes=removes)),
        many(and_(row.refused != "", row.refused == row.tables)),
        many(proved),
        many(and_(looked, ~seen)),
        many(and_(seen, row.told != "", or_(row.shown.is_(None), row.shown != row.told_price))),
        func.max(row.told_at),
    ).where(row.book == book.id, is_sold())
    found = connection.execute(query).one()
    prices, held, untold, unstaged, refused, proven, unreadable, differing, told_at = found
    return BookState(
        book, prices, held, untold, unstaged if staging else 0, refused, proven, unreadable,
        differing, told_at,
    )  # fmt: skip


def _margins(connection: Connection, book: PriceBookPolicy) -> MarginState:
    row = book_prices.c
    asked = func.coalesce(row.told_price, row.price)
    earns: Any = 1 - (1 - row.margin) * row.price / asked  # margin is that of the price to come
    known = and_(row.margin.is_not(None), asked > 0)
    floor = book.margin_floor
    is_below = and_(known, earns < floor) if floor is not None else row.sku.is_(None)
    let_pass = and_(row.released != "", row.released == func.coalesce(row.told, row.tables))
    query = select(
        func.count(),
        func.count().filter(row.margin.is_(None)),
        func.min(earns).filter(known),
        func.count().filter(and_(is_below, ~let_pass)),
        func.count().filter(and_(is_below, let_pass)),
    ).where(row.book == book.id, row.tables != "", is_sold())
    return MarginState(book, *connection.execute(query).one())
