"""What shoppers are shown, read back from the storefront, each book beside the others.

First what was never read back since it was told, then what was looked at longest ago. A price that
differs once shoppers can see it is drift: somebody typed it, or a replication put an old one back.
It is told again; where that is more than one of a book's sample, the whole book is, because a
replication spares nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, bindparam, func, or_, select, update

from sfcc_cin7.catalogue.prices.deciding.proof import Proof, proof
from sfcc_cin7.catalogue.prices.deciding.table import read_table
from sfcc_cin7.catalogue.prices.records.rows import is_sold, tell_again
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.schema import book_prices
from sfcc_cin7.merchant.prices import PriceBookPolicy, PricesPolicy
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import ShownPrice
from sfcc_cin7.systems.sfcc.shopper import MOST_AT_ONCE
from sfcc_cin7.values.clock import Clock

WHOLE_AGAIN = timedelta(hours=6)
MANY = 2
"""From so many prices of one sample on a drift is the book's, not a price's."""


@dataclass(frozen=True)
class Drift:
    """A price that shoppers are shown otherwise than it was told; None: none at all."""

    book: str
    sku: str
    told: Decimal
    shown: Decimal | None


@dataclass
class ReadBack:
    """How reading back went: what was proved, what differs, what could not be read."""

    proved: int = 0
    unreadable: int = 0
    drifts: list[Drift] = field(default_factory=list)
    skipped: str | None = None


def read_back(engine: Engine, shop: SfccClient, policy: PricesPolicy, clock: Clock) -> ReadBack:
    """Ask the storefront for a sample of what it was told, site by site.

    Raises:
        ApiError: the storefront does not answer; what was seen until then is kept.
    """
    found = ReadBack()
    if not shop.reads_prices:
        found.skipped = "There is no client of Shopper Login to read prices by."
        return found
    by_place: dict[tuple[str, str], list[PriceBookPolicy]] = defaultdict(list)
    for book in policy.books:
        by_place[book.sites[0], book.currency].append(book)
    for (site, currency), books in by_place.items():
        now = clock.now()
        with engine.connect() as connection:
            rows = _sample(connection, [book.id for book in books], now, policy)
        drifted: dict[str, list[Drift]] = defaultdict(list)
        for skus in _parts(list(dict.fromkeys(row.sku for row in rows))):
            shown = shop.shown_prices(site, currency, skus)
            seen_at = clock.now()
            mine = [row for row in rows if row.sku in skus]
            judged = [_judge(row, shown.get(row.sku), seen_at, policy) for row in mine]
            with engine.begin() as connection:
                _keep(connection, [update for update, _, _ in judged])
            for row, (_, verdict, price) in zip(mine, judged, strict=True):
                found.proved += verdict is Proof.PROVED
                found.unreadable += verdict is Proof.UNREADABLE
                if verdict is Proof.DRIFTED:
                    drifted[row.book].append(Drift(row.book, row.sku, row.told_price, price))
        with engine.begin() as connection:
            for book_id, drifts in drifted.items():
                found.drifts += drifts
                _tell_again(connection, book_id, drifts, clock.now())
    return found


def _tell_again(
    connection: Connection, book_id: str, drifts: Sequence[Drift], now: datetime
) -> None:
    """Where that has not helped lately, a whole book is not told again: shoppers may not see it
    at all, for instance because no site uses it."""
    name = f"prices.told-again:{book_id}"
    last = cursor(connection, name)
    lately = last and now - datetime.fromisoformat(last) < WHOLE_AGAIN
    if len(drifts) < MANY or lately:
        tell_again(connection, book_id, [each.sku for each in drifts])
        return
    move_cursor(connection, name, now.isoformat())
    tell_again(connection, book_id)


def _sample(
    connection: Connection, books: Sequence[str], now: datetime, policy: PricesPolicy
) -> Sequence[Row[Any]]:
    """Rows to be read back now: all books of the SKUs that are due first."""
    row = book_prices.c
    readable = and_(
        row.book == func.any(list(books)),
        row.told != "",
        row.sending == "",
        row.told_at.is_not(None),
        is_sold(),
    )
    unproved = or_(row.shown_at.is_(None), row.shown_at < row.told_at)
    first = (
        select(row.sku)
        .where(readable)
        .group_by(row.sku)
        .order_by(
            func.bool_or(unproved).desc(),
            func.min(row.looked_at).asc().nulls_first(),
            row.sku,
        )
        .limit(policy.read_back)
    )
    query = select(book_prices).where(readable, row.sku.in_(first)).order_by(row.sku, row.book)
    return [each for each in connection.execute(query) if _is_on(each, now)]


def _is_on(row: Row[Any], now: datetime) -> bool:
    """Whether a shopper could see the table now."""
    table = read_table(row.told)
    return table is not None and table.is_valid_at(now)


def _judge(
    row: Row[Any], shown: ShownPrice | None, at: datetime, policy: PricesPolicy
) -> tuple[dict[str, Any], Proof, Decimal | None]:
    """What is kept of a look at a price, what it says, and the price that was seen."""
    kept = {"b": row.book, "s": row.sku, "at": at, "p": row.shown, "w": row.shown_at}
    if shown is None:  # offline, or not in the site's catalogue
        return kept, Proof.UNREADABLE, None
    tells_books = bool(shown.by_book)
    verdict, price = proof(
        row.told_price, shown.of_book(row.book), shown.price, tells_books=tells_books
    )
    lags = at - row.told_at < timedelta(minutes=policy.visible_minutes)
    if verdict is Proof.DRIFTED and lags:
        verdict = Proof.UNREADABLE
    if verdict is not Proof.UNREADABLE:
        kept |= {"p": price, "w": at}
    return kept, verdict, price


def _keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(
            update(book_prices)
            .where(book_prices.c.book == bindparam("b"), book_prices.c.sku == bindparam("s"))
            .values(looked_at=bindparam("at"), shown=bindparam("p"), shown_at=bindparam("w")),
            list(rows),
        )


def _parts(skus: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(skus), MOST_AT_ONCE):
        yield skus[start : start + MOST_AT_ONCE]
