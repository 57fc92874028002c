"""What is known of the price of a SKU in a price book, for whoever decides by it."""

from collections.abc import Collection
from typing import Literal, cast

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from sfcc_cin7.db.schema import book_prices

PriceState = Literal["proved", "unproved", "held", "absent"]


def price_state() -> ColumnElement[str]:
    """The state of a row of `book_prices`, as SQL; where there is no row, a price is absent.

    `proved`: the storefront showed the very price that the ERP's tier comes to, after it was told.
    `held`: a person has to look at it first. `unproved`: not told yet, refused, not read back, or
    not readable. `absent`: the tier has no price.
    """
    row = book_prices.c
    shows_it = and_(row.shown == row.told_price, row.shown_at >= row.told_at)
    return case(
        (or_(row.tables == "", row.price.is_(None)), "absent"),
        (row.held != "", "held"),
        (and_(row.told == row.tables, row.sending == "", shows_it), "proved"),
        else_="unproved",
    )


def price_states(
    connection: Connection, books: Collection[str], skus: Collection[str]
) -> dict[tuple[str, str], PriceState]:
    """The state of each price, by (book, SKU), for each of these books and SKUs."""
    query = select(book_prices.c.book, book_prices.c.sku, price_state()).where(
        book_prices.c.book == func.any(list(books)), book_prices.c.sku == func.any(list(skus))
    )
    absent: PriceState = "absent"
    states = {(book, sku): absent for book in books for sku in skus}
    for book, sku, state in connection.execute(query):
        states[book, sku] = cast(PriceState, state)
    return states
