"""The price feed: an XML file of one book's changed prices, checked before it leaves.

In mode MERGE a file changes the tables that it names; the header says the currency, because it
must, and of the rest only what the merchant decided (XSD; Salesforce Help, import modes). A table
belongs to its window, so that one with another window does not replace it: the old one is deleted.
"""

import gzip
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from lxml import etree

from sfcc_cin7.catalogue.prices.deciding.table import PriceTable
from sfcc_cin7.catalogue.prices.records.rows import Change
from sfcc_cin7.merchant.prices import PriceBookPolicy
from sfcc_cin7.systems.sfcc.documents import instant
from sfcc_cin7.systems.sfcc.feed_xml import FeedXml, sku_misfit

FEED = FeedXml(
    "http://www.demandware.com/xml/impex/pricebook/2006-10-31",
    Path(__file__).with_name("pricebook_feed.xsd"),
)


def misfit(change: Change) -> str | None:
    """Why a price cannot stand in a feed, of which nothing would be imported; None if it can."""
    return sku_misfit(change.sku)


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
            xml.element(FEED.q("pricebooks"), nsmap={None: FEED.namespace}),
            xml.element(FEED.q("pricebook")),
        ):
            with xml.element(FEED.q("header"), {"pricebook-id": book.id}):
                FEED.leaf(xml, "currency", book.currency)
                if book.parent is not None:
                    FEED.leaf(xml, "parent", book.parent)
                if read_only is not None:
                    FEED.leaf(xml, "feed-based", str(read_only).lower())
            with xml.element(FEED.q("price-tables")):
                for change in changes:
                    wanted, before = change.wanted, change.before
                    if before is not None and (wanted is None or wanted.window != before.window):
                        _table(xml, change.sku, before, deletes=True)
                    if wanted is not None:
                        _table(xml, change.sku, wanted)
    FEED.check(content.getvalue(), row="price-table")
    return gzip.compress(content.getvalue(), mtime=0)


def _table(
    xml: "etree._IncrementalFileWriter", sku: str, table: PriceTable, *, deletes: bool = False
) -> None:
    attributes = {"product-id": sku, **({"mode": "delete"} if deletes else {})}
    with xml.element(FEED.q("price-table"), attributes):
        if table.begins is not None:
            FEED.leaf(xml, "online-from", instant(table.begins))
        if table.until is not None:
            FEED.leaf(xml, "online-to", instant(table.until))
        for least, price in () if deletes else table.amounts:
            FEED.leaf(xml, "amount", f"{price:f}", {"quantity": f"{least:f}"})
