"""What every feed that the storefront imports has in common: one namespace, product ids, a check.

A file with one element that is not of the format is refused whole, so each is checked before it
leaves, element by element.
"""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lxml import etree

LONGEST_SKU = 100
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sku_misfit(sku: str) -> str | None:
    """Why a SKU cannot stand in a feed, of which nothing would be imported; None if it can."""
    if not 1 <= len(sku) <= LONGEST_SKU:
        return f"a product id has 1 to {LONGEST_SKU} characters"
    if sku != sku.strip() or re.search(r"[\t\n\r]", sku) or _NOT_XML.search(sku):
        return "its product id holds white space at an end, or a character that XML does not know"
    return None


@dataclass(frozen=True)
class FeedXml:
    """The names of one kind of feed, and its published format."""

    namespace: str
    schema: Path

    def q(self, name: str) -> str:
        """An element's full name."""
        return f"{{{self.namespace}}}{name}"

    def leaf(
        self,
        xml: "etree._IncrementalFileWriter",
        name: str,
        text: str,
        attributes: dict[str, str] | None = None,
    ) -> None:
        """Write an element that holds text alone."""
        with xml.element(self.q(name), attributes or {}):
            xml.write(text)

    def check(self, content: bytes, row: str) -> None:
        """Read a file against the format, a `row` at a time, so that a large one needs no memory.

        Raises:
            ValueError: it is not of the format.
        """
        events = etree.iterparse(
            BytesIO(content),
            tag=self.q(row),
            schema=etree.XMLSchema(etree.parse(str(self.schema))),
            no_network=True,
            load_dtd=False,
        )
        try:
            for _, element in events:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise ValueError(f"the feed is not of its format: {error}") from None
