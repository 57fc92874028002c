"""What of prices needs a person, put into the inbox and taken out again when it is mended."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from sfcc_cin7.catalogue.prices.deciding.guarding import BELOW_FLOOR, LARGE_CHANGE, doubt
from sfcc_cin7.catalogue.prices.deciding.table import read_table
from sfcc_cin7.catalogue.prices.feeding.feed import Fed
from sfcc_cin7.catalogue.prices.read_back import ReadBack
from sfcc_cin7.catalogue.prices.reading import Reading
from sfcc_cin7.db.schema import book_prices
from sfcc_cin7.db.sku_map import open_codes
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PriceBookPolicy

HELD, REFUSED, DRIFT, GONE = "prices-held", "price-refused", "price-drift", "price-gone"
DOUBTED, NOT_TAKEN, FOLLOWS = "prices-doubted", "prices-not-taken", "prices-follow-cost"
CODES = (BELOW_FLOOR, LARGE_CHANGE, HELD, REFUSED, DRIFT, GONE, DOUBTED, NOT_TAKEN, FOLLOWS)
ONE_BY_ONE = 100
"""Prices of a book that are told one by one; more of a kind are one item."""
EXAMPLES = 5


def report(
    connection: Connection,
    model: OperatingModel,
    reading: Reading,
    fed: Sequence[Fed],
    seen: ReadBack | None,
    now: datetime,
) -> list[Finding]:
    """Open what was found, close what is mended; `seen` is None where nothing was read back, and
    then drifts stay as they are."""
    found = [*_findings(connection, model, reading, fed, seen)]
    told = {(finding.subject, finding.code) for finding in found}
    keep = {DRIFT} if seen is None or seen.skipped else set()
    for subject, codes in open_codes(connection, ("price:", "prices:")).items():
        mended = {code for code in codes if (subject, code) not in told} & set(CODES) - keep
        if DRIFT in mended and not _is_proved(connection, subject):
            mended -= {DRIFT}
        if mended:
            close_items(connection, subject, now, "mended", only=mended)
    open_items(connection, found, now)
    return found


def subject_of(book: str, sku: str) -> str:
    """How the inbox calls one price."""
    return f"price:{book}/{sku}"


def _findings(
    connection: Connection,
    model: OperatingModel,
    reading: Reading,
    fed: Sequence[Fed],
    seen: ReadBack | None,
) -> Iterator[Finding]:
    owner = model.owners.catalogue
    for book in model.prices.books:
        yield from _held(connection, book, owner)
        yield from _refused(connection, book, owner)
        yield from _gone(connection, book, owner)
        yield from _following(connection, book, owner)
        if book.id in reading.doubted:
            gone, had = reading.doubted[book.id]
            sentence = (
                f"{gone:,} of {had:,} prices of {book.id} are gone from tier {book.tier}, which is"
                " not believed: nothing is taken away. If it is true, run"
                f" `sfcc-cin7 prices release {book.id}`."
            )
            yield Finding(f"prices:{book.id}", DOUBTED, sentence, owner, None, str(had), str(gone))
    for each in fed:
        if each.unknown:
            words = "; ".join(each.troubles[:2])
            sentence = f"{each.unknown:,} prices did not reach {each.target} for certain: {words}"
            yield Finding(f"prices:{each.target}", NOT_TAKEN, sentence, owner)
    for drift in seen.drifts if seen else ():
        sentence = (
            f"Shoppers are asked another price for {drift.sku} than {drift.book} was told: somebody"
            " edited the book, or a replication put an old price back. It is told again."
        )
        shown = "none" if drift.shown is None else f"{drift.shown:f}"
        subject = subject_of(drift.book, drift.sku)
        yield Finding(subject, DRIFT, sentence, owner, None, f"{drift.told:f}", shown)


def _held(connection: Connection, book: PriceBookPolicy, owner: str) -> Iterator[Finding]:
    for code in (BELOW_FLOOR, LARGE_CHANGE):
        rows = _rows(connection, book, book_prices.c.held == code)
        if len(rows) > ONE_BY_ONE:
            many = _count(connection, book, book_prices.c.held == code)
            sentence = (
                f"{many:,} prices of {book.id} wait ({code}), {_examples(rows)} among them. Look at"
                f" `sfcc-cin7 prices list {book.id}`, then release or correct them."
            )
            yield Finding(f"prices:{book.id}", HELD, sentence, owner, actual=str(many))
            continue
        for row in rows:
            expected, actual = figures(book, row)
            sentence = (
                f"{row.sku} in {book.id}: {actual}, against {expected}. Correct the tier in the"
                f" ERP, or run `sfcc-cin7 prices release {book.id} {row.sku}`."
            )
            yield Finding(
                subject_of(book.id, row.sku), code, sentence, owner, None, expected, actual
            )


def figures(book: PriceBookPolicy, row: Row[Any]) -> tuple[str, str]:
    """Both figures of a price that is held: what was to be expected, and what came."""
    table = read_table(row.tables)
    found = table and doubt(book, table, row.told_price or row.shown, row.margin)
    if not found:
        return "what it was", str(row.price)
    return found.expected, found.actual


def _refused(connection: Connection, book: PriceBookPolicy, owner: str) -> Iterator[Finding]:
    refused = (book_prices.c.refused != "") & (book_prices.c.refused == book_prices.c.tables)
    for row in _rows(connection, book, refused)[:ONE_BY_ONE]:
        sentence = (
            f"The storefront does not take the price of {row.sku} in {book.id}: {row.problem}"
        )
        yield Finding(subject_of(book.id, row.sku), REFUSED, sentence, owner, actual=str(row.price))


def _gone(connection: Connection, book: PriceBookPolicy, owner: str) -> Iterator[Finding]:
    gone = (book_prices.c.tables == "") & (book_prices.c.told != "")
    rows = _rows(connection, book, gone) if book.gone == "keep" else []
    if rows:
        many = _count(connection, book, gone)
        sentence = (
            f"Tier {book.tier} has no price any more of {many:,} SKUs that {book.id} sells"
            f" ({_examples(rows)}): give them one, or take them off sale. Their last price stands."
        )
        yield Finding(f"prices:{book.id}", GONE, sentence, owner, actual=str(many))


def _following(connection: Connection, book: PriceBookPolicy, owner: str) -> Iterator[Finding]:
    moves = book_prices.c.follows_cost
    rows = _rows(connection, book, moves)
    if rows:
        many = _count(connection, book, moves)
        sentence = (
            f"Tier {book.tier} of {book.id} moves with the cost of {many:,} SKUs"
            f" ({_examples(rows)}): it is calculated in the ERP, so that receiving goods changes"
            " what shoppers pay. Make it a tier of typed prices if that is not meant."
        )
        yield Finding(f"prices:{book.id}", FOLLOWS, sentence, owner, actual=str(many))


def _rows(connection: Connection, book: PriceBookPolicy, which: Any) -> Sequence[Row[Any]]:
    query = select(book_prices).where(book_prices.c.book == book.id, which)
    return connection.execute(query.order_by(book_prices.c.sku).limit(ONE_BY_ONE + 1)).all()


def _count(connection: Connection, book: PriceBookPolicy, which: Any) -> int:
    query = select(func.count()).select_from(book_prices)
    return int(connection.scalar(query.where(book_prices.c.book == book.id, which)) or 0)


def _examples(rows: Sequence[Row[Any]]) -> str:
    return ", ".join(row.sku for row in rows[:EXAMPLES])


def _is_proved(connection: Connection, subject: str) -> bool:
    """Whether what drifted is shown again as it was told, or there is nothing to show any more."""
    book, _, sku = subject.removeprefix("price:").partition("/")
    row = connection.execute(
        select(book_prices).where(book_prices.c.book == book, book_prices.c.sku == sku)
    ).first()
    return row is None or row.told == "" or (row.shown is not None and row.shown == row.told_price)
