"""The inventory feed: an XML file of allocations, checked against its format before it leaves.

The header says what it must (`default-instock`), as the list has it; elements that are left out
keep the list's settings, above all `on-order` (XSD, Salesforce Help, import modes).
"""

import gzip
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from lxml import etree

from sfcc_cin7.stock.publishing.writers.writer import Figure
from sfcc_cin7.systems.sfcc.documents import InventoryList, instant
from sfcc_cin7.values.backorder import Backorder

NAMESPACE = "http://www.demandware.com/xml/impex/inventory/2007-05-31"
SCHEMA = Path(__file__).with_name("inventory_feed.xsd")
LONGEST_SKU = 100
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def misfit(figure: Figure) -> str | None:
    """Why a figure cannot stand in a feed, of which nothing would be imported; None if it can."""
    sku = figure.sku
    if not 1 <= len(sku) <= LONGEST_SKU:
        return f"a product id has 1 to {LONGEST_SKU} characters"
    if sku != sku.strip() or re.search(r"[\t\n\r]", sku) or _NOT_XML.search(sku):
        return "its product id holds white space at an end, or a character that XML does not know"
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
            xml.element(_q("inventory"), nsmap={None: NAMESPACE}),
            xml.element(_q("inventory-list")),
        ):
            with xml.element(_q("header"), {"list-id": described.id}):
                _leaf(xml, "default-instock", str(described.default_in_stock).lower())
            with xml.element(_q("records")):
                for figure in figures:
                    with xml.element(_q("record"), {"product-id": figure.sku}):
                        _leaf(xml, "allocation", f"{figure.allocation:f}")
                        _leaf(xml, "allocation-timestamp", instant(figure.reset_at))
                        if figure.backorder is not None:
                            _backorder(xml, figure.backorder)
    check(content.getvalue())
    return gzip.compress(content.getvalue(), mtime=0)


def check(content: bytes) -> None:
    """Read a file against the format, record by record, so that a large one needs no memory.

    Raises:
        ValueError: it is not of the format.
    """
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    events = etree.iterparse(
        BytesIO(content), tag=_q("record"), schema=schema, no_network=True, load_dtd=False
    )
    try:
        for _, record in events:
            record.clear()
            while record.getprevious() is not None:
                del record.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the feed is not of its format: {error}") from None


def _backorder(xml: "etree._IncrementalFileWriter", backorder: Backorder) -> None:
    _leaf(xml, "preorder-backorder-handling", backorder.handling)
    _leaf(xml, "preorder-backorder-allocation", f"{backorder.units:f}")
    if backorder.expected_at is not None:
        _leaf(xml, "in-stock-datetime", instant(backorder.expected_at))


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _leaf(xml: "etree._IncrementalFileWriter", name: str, text: str) -> None:
    with xml.element(_q(name)):
        xml.write(text)
