"""The inventory feed: an XML file of allocations, checked against its format before it leaves.

The header says what it must (`default-instock`), as the list has it; elements that are left out
keep the list's settings, above all `on-order` (XSD, Salesforce Help, import modes).
"""

import gzip
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from lxml import etree

from sfcc_cin7.stock.publishing.writers.writer import Figure
from sfcc_cin7.systems.sfcc.documents import InventoryList, instant
from sfcc_cin7.systems.sfcc.feed_xml import FeedXml, sku_misfit
from sfcc_cin7.values.backorder import Backorder

FEED = FeedXml(
    "http://www.demandware.com/xml/impex/inventory/2007-05-31",
    Path(__file__).with_name("inventory_feed.xsd"),
)


def misfit(figure: Figure) -> str | None:
    """Why a figure cannot stand in a feed, of which nothing would be imported; None if it can."""
    if unfit := sku_misfit(figure.sku):
        return unfit
    if not figure.allocation.is_finite() or figure.allocation < 0:
        return "an allocation is 0 or more"
    return None


def feed(described: InventoryList, figures: Sequence[Figure]) -> bytes:
    """The file for one list, compressed; `figures` are one or more without a `misfit`.

    Raises:
        ValueError: it is not of the format, which nobody should be able to bring about.
    """
    content = BytesIO()
    with etree.xmlfile(content, encoding="UTF-8") as xml:
        xml.write_declaration()
        with (
            xml.element(FEED.q("inventory"), nsmap={None: FEED.namespace}),
            xml.element(FEED.q("inventory-list")),
        ):
            with xml.element(FEED.q("header"), {"list-id": described.id}):
                FEED.leaf(xml, "default-instock", str(described.default_in_stock).lower())
            with xml.element(FEED.q("records")):
                for figure in figures:
                    with xml.element(FEED.q("record"), {"product-id": figure.sku}):
                        FEED.leaf(xml, "allocation", f"{figure.allocation:f}")
                        FEED.leaf(xml, "allocation-timestamp", instant(figure.reset_at))
                        if figure.backorder is not None:
                            _backorder(xml, figure.backorder)
    FEED.check(content.getvalue(), row="record")
    return gzip.compress(content.getvalue(), mtime=0)


def _backorder(xml: "etree._IncrementalFileWriter", backorder: Backorder) -> None:
    FEED.leaf(xml, "preorder-backorder-handling", backorder.handling)
    FEED.leaf(xml, "preorder-backorder-allocation", f"{backorder.units:f}")
    if backorder.expected_at is not None:
        FEED.leaf(xml, "in-stock-datetime", instant(backorder.expected_at))
