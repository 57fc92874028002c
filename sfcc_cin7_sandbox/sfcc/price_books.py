"""Price books: what a product costs in a site, and the job step ImportPriceBook.

Rules as published ("Price books for developers", Salesforce Help): of all books of a site the
lowest price counts; of two windows of one product in one book the one that starts later; a variant
without a price has its master's. A book is editable, or read-only (`feed-based`), and then nobody
types into it. Amounts are Decimal in the book's currency, times aware UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from lxml import etree

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.sfcc.inventory_import import Refused, Report, flag_of, moment_of, texts_of
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.schemas import PRICE_BOOK, parse
from sfcc_cin7_sandbox.shelf import Shelf

KIND = "sfcc.price_book"
ONE = Decimal(1)
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """When something counts; an open side is None."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        begun = self.start is None or self.start <= moment
        return begun and (self.end is None or moment < self.end)


@dataclass(frozen=True)
class Table:
    """The prices of one product in one window: unit price by least quantity."""

    window: Window
    amounts: Mapping[Decimal, Decimal]


@dataclass(frozen=True)
class PriceBook:
    """One book; `tables` are by product."""

    id: str
    currency: str
    online: bool = True
    window: Window = Window()
    parent: str | None = None
    tables: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    read_only: bool = False

    def price(self, product: str, moment: datetime) -> Decimal | None:
        """Of a single unit; None when the book has none for it now."""
        amounts = self.amounts(product, moment)
        return amounts[max(least for least in amounts if least <= ONE)] if amounts else None

    def amounts(self, product: str, moment: datetime) -> Mapping[Decimal, Decimal]:
        """Unit price by least quantity; empty when the book has none for a single one now."""
        if not self.online or moment not in self.window:
            return {}
        valid = [
            table
            for table in self.tables.get(product, ())
            if moment in table.window and any(least <= ONE for least in table.amounts)
        ]
        if not valid:
            return {}
        return max(valid, key=lambda table: table.window.start or EARLIEST).amounts


class PriceBooks:
    """Every book. Which sites use which is set in Business Manager: a list book by currency."""

    def __init__(
        self, world: World, shelf: Shelf, clock: Clock, lag: timedelta = timedelta(0)
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._lag = lag
        self._before: dict[str, tuple[datetime, PriceBook | None]] = {}
        """By book: until when shoppers see it as it was, and how that is."""
        self.index_rebuilds = 0
        self.in_index = True
        """Whether the search index knows every price; an import is not in it until a rebuild."""
        self._masters = {sku.id: sku.master_id for sku in world.skus}
        self.by_id = {
            list_book(site.currency): PriceBook(
                list_book(site.currency),
                site.currency,
                tables={
                    sku.id: (Table(Window(), {ONE: sku.prices[site.currency]}),)
                    for sku in world.skus
                    if sku.in_shop and site.currency in sku.prices
                },
            )
            for site in world.sites
        }
        for book_id, stored in shelf.load(KIND).items():
            self.by_id.pop(book_id, None)
            if stored["book"] is not None:
                self.by_id[book_id] = _restored(stored["book"])

    def price(self, site: Site, product: str) -> Decimal | None:
        """The lowest of the site's books: its list book, and those that have it as their parent."""
        books = self._of(site, self.by_id)
        for name in (product, self._masters.get(product)):
            prices = [
                price
                for book in books
                if name is not None and (price := book.price(name, self._clock.now())) is not None
            ]
            if prices:
                return min(prices)
        return None

    def shown(self, site: Site, product: str) -> dict[str, dict[Decimal, Decimal]]:
        """What each book of the site asks for a product, as shoppers see it by now."""
        now, seen = self._clock.now(), dict(self.by_id)
        for book_id, (until, before) in self._before.items():
            if now < until:
                seen.pop(book_id, None)
                if before is not None:
                    seen[book_id] = before
        for name in (product, self._masters.get(product)):
            found = {
                book.id: dict(amounts)
                for book in self._of(site, seen)
                if name is not None and (amounts := book.amounts(name, now))
            }
            if found:
                return found
        return {}

    def keep(self, book: PriceBook) -> None:
        self._changes(book.id)
        self.by_id[book.id] = book
        self._shelf.put(KIND, book.id, {"book": _stored(book)})

    def delete(self, book_id: str) -> None:
        self._changes(book_id)
        del self.by_id[book_id]
        self._shelf.put(KIND, book_id, {"book": None})

    def edit(self, book_id: str, product: str, price: Decimal) -> None:
        """Somebody types a continuous price in Business Manager. Raises KeyError for a book that
        is not there, ValueError for one that is read-only."""
        book = self.by_id[book_id]
        if book.read_only:
            raise ValueError(f"{book_id} is read-only: its prices come from imports alone.")
        others = tuple(t for t in book.tables.get(product, ()) if t.window != Window())
        tables = {**book.tables, product: (*others, Table(Window(), {ONE: price}))}
        self.keep(replace(book, tables=tables))

    def replicate_from(self, staging: "PriceBooks") -> None:
        """Replication task Price Books: every book is as on staging, and what is not there goes."""
        for book_id in [each for each in self.by_id if each not in staging.by_id]:
            self.delete(book_id)
        for book in staging.by_id.values():
            self.keep(book)

    def rebuild_index(self) -> None:
        self.index_rebuilds += 1
        self.in_index = True

    def _of(self, site: Site, books: Mapping[str, PriceBook]) -> list[PriceBook]:
        own = list_book(site.currency)
        return [
            book
            for book in books.values()
            if own in (book.id, book.parent) and book.currency == site.currency
        ]

    def _changes(self, book_id: str) -> None:
        self.in_index = False
        self._before[book_id] = (self._clock.now() + self._lag, self.by_id.get(book_id))


class PriceBookImport:
    """The job step. A book with anything wrong in it is refused as a whole.

    MERGE and UPDATE change a book and never its currency; REPLACE and DELETE are about all of it.
    """

    def __init__(
        self,
        books: PriceBooks,
        products: Products,
        unknown: Literal["refused", "skipped"] = "refused",
    ) -> None:
        self._books = books
        self._products = products
        self._unknown = unknown

    def run(self, content: bytes, mode: str, share: float = 1) -> Report:
        """Import a file, or the first part of each book when `share` is below 1.

        Raises Malformed, and then nothing is imported.
        """
        report = Report()
        for part in parse(content, PRICE_BOOK):
            header, *tables = part
            book_id = header.get("pricebook-id", "")
            rows = list(tables[0]) if tables else []
            try:
                self._import(book_id, header, rows[: int(len(rows) * share)], mode, report)
            except Refused as refused:
                report.refused.append(f"{book_id}: {refused}")
        return report

    def _import(
        self,
        book_id: str,
        header: etree._Element,
        rows: list[etree._Element],
        mode: str,
        report: Report,
    ) -> None:
        known = self._books.by_id.get(book_id)
        if mode == "DELETE" or header.get("mode") == "delete":
            if known is None:
                report.skipped.append(f"{book_id}: there is no such price book")
                return
            self._books.delete(book_id)
            report.written += 1
            return
        if mode == "UPDATE" and known is None:
            report.skipped.append(f"{book_id}: there is no price book to update")
            return
        book = self._headed(known if mode != "REPLACE" else None, book_id, header)
        tables = dict(book.tables)
        for row in rows:
            product = row.get("product-id", "")
            if self._products.get(product) is None:
                if self._unknown == "refused":
                    raise Refused(f"there is no product '{product}'")
                report.skipped.append(f"{book_id}: there is no product '{product}'")
                continue
            tables[product] = _merged(tables.get(product, ()), row)
            report.written += 1
        self._books.keep(replace(book, tables={k: v for k, v in tables.items() if v}))

    def _headed(self, known: PriceBook | None, book_id: str, header: etree._Element) -> PriceBook:
        given = texts_of(header)
        book = known or PriceBook(book_id, given["currency"])
        if book.currency != given["currency"]:
            raise Refused(f"the currency is {book.currency} and cannot be changed")
        if "feed-based" in given:
            book = replace(book, read_only=flag_of(given["feed-based"]))
        if "online-flag" in given:
            book = replace(book, online=flag_of(given["online-flag"]))
        if "online-from" in given or "online-to" in given:
            book = replace(book, window=_window(given))
        if "parent" in given:
            if given["parent"] not in self._books.by_id:
                raise Refused(f"there is no parent '{given['parent']}'")
            book = replace(book, parent=given["parent"])
        return book


def list_book(currency: str) -> str:
    """The name of the book with the list prices of a currency."""
    return f"{currency.lower()}-list-prices"


def _merged(known: Iterable[Table], row: etree._Element) -> tuple[Table, ...]:
    """The tables of a product after one more of the file."""
    if row.get("mode") == "delete-all":
        return ()
    window = _window(texts_of(row))
    others = tuple(table for table in known if table.window != window)
    if row.get("mode") == "delete":
        return others
    amounts: dict[Decimal, Decimal] = {}
    for entry in row:
        name = etree.QName(entry).localname
        if name == "percentage":
            raise Refused("the sandbox knows amounts only, no percentages")
        if name == "amount":
            amount = Decimal((entry.text or "").strip())
            if amount < 0:
                raise Refused(f"{amount} is negative")
            amounts[Decimal(entry.get("quantity") or 1)] = amount
    return (*others, Table(window, amounts))


def _window(given: Mapping[str, str]) -> Window:
    start, end = given.get("online-from"), given.get("online-to")
    return Window(moment_of(start) if start else None, moment_of(end) if end else None)


def _stored(book: PriceBook) -> dict[str, Any]:
    return {
        "id": book.id,
        "currency": book.currency,
        "online": book.online,
        "window": _stored_window(book.window),
        "parent": book.parent,
        "read_only": book.read_only,
        "tables": {
            product: [
                [_stored_window(table.window), [[str(q), str(a)] for q, a in table.amounts.items()]]
                for table in tables
            ]
            for product, tables in book.tables.items()
        },
    }


def _restored(stored: Mapping[str, Any]) -> PriceBook:
    tables = {
        product: tuple(
            Table(_restored_window(window), {Decimal(q): Decimal(a) for q, a in amounts})
            for window, amounts in rows
        )
        for product, rows in stored["tables"].items()
    }
    window = _restored_window(stored["window"])
    return PriceBook(**{**stored, "window": window, "tables": tables})


def _stored_window(window: Window) -> list[str | None]:
    return [side.isoformat() if side else None for side in (window.start, window.end)]


def _restored_window(stored: list[str | None]) -> Window:
    return Window(*(datetime.fromisoformat(side) if side else None for side in stored))
