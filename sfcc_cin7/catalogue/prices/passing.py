"""One pass over prices: read the tiers, tell the storefront what changed, read some of it back.

It may be repeated at any time: what was told is not told again, and what is not known to be told
is. Staging is told in the same pass as production, so that a replication never puts old prices
back; that one of them fails keeps the other from nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, func, select, update

from sfcc_cin7.catalogue.prices.feeding.feed import Fed, PriceFeed
from sfcc_cin7.catalogue.prices.findings import DOUBTED, HELD, report, subject_of
from sfcc_cin7.catalogue.prices.read_back import ReadBack, read_back
from sfcc_cin7.catalogue.prices.reading import Reading, believe_gone, read_tiers
from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.db.schema import book_prices, review_items
from sfcc_cin7.db.sku_map import is_filled
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.inbox import close_items, record
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

PASSED = "prices.passed"


@dataclass(frozen=True)
class PricePass:
    """What one pass did; `unreached` is why an instance of the storefront was not told."""

    reading: Reading
    fed: list[Fed]
    seen: ReadBack | None
    unreached: list[str]
    findings: int


def price_pass(
    engine: Engine,
    erp: Cin7Client,
    shop: SfccClient,
    staging: SfccClient | None,
    model: OperatingModel,
    clock: Clock,
) -> PricePass:
    """Keep every price book as its tier.

    Raises:
        ApiError: the ERP does not answer, or the storefront lets us in nowhere.
        ConfigurationError: a currency has no rate.
    """
    reading = read_tiers(engine, erp, model, clock)
    with engine.connect() as connection:
        catalogue_known = is_filled(connection)
    fed: list[Fed] = []
    failures: list[ApiError] = []
    unreached: list[str] = []
    if catalogue_known:
        production = PriceFeed(engine, shop, model.prices, clock, "production")
        feeds = [production]
        if staging is not None:
            feeds.append(PriceFeed(engine, staging, model.prices, clock, "staging"))
        for feed in feeds:
            try:
                fed.append(feed.feed())
            except ApiError as error:
                failures.append(error)
                unreached.append(f"{feed.target}: {error}")
    else:
        unreached.append("The catalogues have not been read yet: nobody knows what is sold.")
    seen = None
    try:
        seen = read_back(engine, shop, model.prices, clock)
    except ApiError as error:
        failures.append(error)
        unreached.append(f"reading back: {error}")
    with engine.begin() as connection:
        found = report(connection, model, reading, fed, seen, clock.now())
        move_cursor(connection, PASSED, clock.now().isoformat())
    if failures and not fed:
        raise failures[0]
    return PricePass(reading, fed, seen, unreached, len(found))


def release_prices(
    engine: Engine,
    model: OperatingModel,
    book_id: str,
    skus: Collection[str],
    author: Author,
    now: datetime,
) -> int:
    """A person has looked: let these prices of a book pass as they are now, or all that wait where
    no SKU is named, and believe what is gone of it. The next pass tells them. How many.

    A price that becomes another one afterwards waits again.

    Raises:
        ActionRefused: there is no such book, or nothing of what was named waits.
    """
    if model.prices.book(book_id) is None:
        known = ", ".join(book.id for book in model.prices.books) or "none"
        raise ActionRefused(f"There is no price book {book_id!r}; there are: {known}.")
    waits = and_(book_prices.c.book == book_id, book_prices.c.held != "")
    if skus:
        waits = and_(waits, book_prices.c.sku == func.any(list(skus)))
    with engine.begin() as connection:
        released = list(
            connection.scalars(
                update(book_prices)
                .where(waits)
                .values(released=book_prices.c.tables, held="")
                .returning(book_prices.c.sku)
            )
        )
        subjects = [subject_of(book_id, sku) for sku in released]
        for subject in subjects:
            close_items(connection, subject, now, f"released by {author.by}: {author.because}")
        gone = 0
        if not skus:
            gone = _gone(connection, book_id)
            believe_gone(connection, book_id, gone)
            close_items(connection, f"prices:{book_id}", now, "released", only=(HELD, DOUBTED))
        if not released and not gone:
            raise ActionRefused(f"Nothing of that waits in {book_id}.")
        record(
            connection,
            [*subjects, f"prices:{book_id}"],
            "released",
            now,
            author.by,
            author.because,
        )
    return len(released) + gone


def _gone(connection: Connection, book_id: str) -> int:
    query = select(review_items.c.actual).where(
        review_items.c.subject == f"prices:{book_id}",
        review_items.c.code == DOUBTED,
        review_items.c.closed_at.is_(None),
    )
    return int(connection.scalar(query) or 0)
