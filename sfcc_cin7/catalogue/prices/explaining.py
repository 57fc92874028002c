"""What a person asks about prices at a terminal."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.prices.findings import figures
from sfcc_cin7.db.book_prices import price_state
from sfcc_cin7.db.schema import book_prices
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PriceBookPolicy
from sfcc_cin7.values.problems import ConfigurationError


def held_prices(engine: Engine, model: OperatingModel, book_id: str) -> Iterator[tuple[str, ...]]:
    """The prices of a book that wait for a person: SKU, code, what was expected, what came.

    Raises:
        ConfigurationError: there is no such book.
    """
    book = _book(model, book_id)
    query = select(book_prices).where(book_prices.c.book == book_id, book_prices.c.held != "")
    with engine.connect() as connection:
        for row in connection.execute(query.order_by(book_prices.c.sku)):
            yield (row.sku, row.held, *figures(book, row))


def explain(
    engine: Engine, model: OperatingModel, book_id: str, sku: str
) -> Iterator[tuple[str, str]]:
    """How a price comes about, and what became of it.

    Raises:
        ConfigurationError: there is no such book, or nothing is known of the SKU.
    """
    book = _book(model, book_id)
    query = select(book_prices, price_state().label("state")).where(
        book_prices.c.book == book_id, book_prices.c.sku == sku
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise ConfigurationError(f"Nothing is known of a price of {sku} in {book_id}.")
    yield f"tier {book.tier}", str(row.tier_price)
    yield "cost, base currency", "unknown" if row.cost is None else f"{row.cost.normalize():f}"
    yield f"price, {book.currency} {book.prices}", str(row.price)
    yield "tables", row.tables or "none"
    yield "margin", "unknown" if row.margin is None else f"{row.margin:.1%}"
    yield "waits for", row.held or "nobody"
    yield "told", f"{row.told_price} at {row.told_at}" if row.told else "never"
    yield "shown to shoppers", f"{row.shown} at {row.shown_at}" if row.shown_at else "not read"
    if row.problem:
        yield "refused", str(row.problem)
    yield "state", str(row.state)


def _book(model: OperatingModel, book_id: str) -> PriceBookPolicy:
    if (book := model.prices.book(book_id)) is None:
        known = ", ".join(book.id for book in model.prices.books) or "none"
        raise ConfigurationError(f"There is no price book {book_id!r}; there are: {known}.")
    return book
