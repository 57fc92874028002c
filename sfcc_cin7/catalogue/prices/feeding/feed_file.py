"""The price feed: an XML file of one book's changed prices, checked before it leaves.

In mode MERGE a file changes the tables that it names; the header says the currency, because it
must, and of the rest only what the merchant decided (XSD; Salesforce Help, import modes). A table
belongs to its window, so that one with another window does not replace it: the old one is deleted.
"""

import gzip
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from lxml import etree

from sfcc_cin7.catalogue.prices.deciding.table import PriceTable
from sfcc_cin7.catalogue.prices.records.rows import Change
from sfcc_cin7.merchant.prices import PriceBookPolicy

NAMESPACE = "http://www.demandware.com/xml/impex/pricebook/2006-10-31"
SCHEMA = Path(__file__).with_name("pricebook_feed.xsd")
LONGEST_SKU = 100
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def misfit(change: Change) -> str | None:
    """Why a price cannot stand in a feed, of which nothing would be imported; None if it can."""
    sku = change.sku
    if not 1 <= len(sku) <= LONGEST_SKU:
        return f"a product id has 1 to {LONGEST_SKU} characters"
    if sku != sku.strip() or re.search(r"[\t\n\r]", sku) or _NOT_XML.search(sku):
        return "its product id holds white space at an end, or a character that XML does not know"
    return None


def price_feed(
    book: PriceBookPolicy, changes: Sequence[Change], read_only: bool | None = None
) -> bytes:
    """The file for one book, compressed; `changes` are one or more without a `misfit`.

    Raises:
        ValueError: it is not of the format, which nobody should be able to bring about.
    """
    content = BytesIO()
    with etree.xmlfile(content, encoding="UTF-8") as xml:
        xml.write_declaration()
        with (
            xml.element(_q("pricebooks"), nsmap={None: NAMESPACE}),
            xml.element(_q("pricebook")),
        ):
            with xml.element(_q("header"), {"pricebook-id": book.id}):
                _leaf(xml, "currency", book.currency)
                if book.parent is not None:
                    _leaf(xml, "parent", book.parent)
                if read_only is not None:
                    _leaf(xml, "feed-based", str(read_only).lower())
            with xml.element(_q("price-tables")):
                for change in changes:
                    wanted, before = change.wanted, change.before
                    if before is not None and (wanted is None or wanted.window != before.window):
                        _table(xml, change.sku, before, deletes=True)
                    if wanted is not None:
                        _table(xml, change.sku, wanted)
    check(content.getvalue())
    return gzip.compress(content.getvalue(), mtime=0)


def check(content: bytes) -> None:
    """Read a file against the format, table by table, so that a large one needs no memory.

    Raises:
        ValueError: it is not of the format.
    """
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    events = etree.iterparse(
        BytesIO(content), tag=_q("price-table"), schema=schema, no_network=True, load_dtd=False
    )
    try:
        for _, table in events:
            table.clear()
            while table.getprevious() is not None:
                del table.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the feed is not of its format: {error}") from None


def _table(
    xml: "etree._IncrementalFileWriter", sku: str, table: PriceTable, *, deletes: bool = False
) -> None:
    attributes = {"product-id": sku, **({"mode": "delete"} if deletes else {})}
    with xml.element(_q("price-table"), attributes):
        if table.begins is not None:
            _leaf(xml, "online-from", _instant(table.begins))
        if table.until is not None:
            _leaf(xml, "online-to", _instant(table.until))
        for least, price in () if deletes else table.amounts:
            _leaf(xml, "amount", f"{price:f}", {"quantity": f"{least:f}"})


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _leaf(
    xml: "etree._IncrementalFileWriter",
    name: str,
    text: str,
    attributes: dict[str, str] | None = None,
) -> None:
    with xml.element(_q(name), attributes or {}):
        xml.write(text)
