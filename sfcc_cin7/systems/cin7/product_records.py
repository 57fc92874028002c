"""Products of Cin7 with all of their attributes, for whoever compares or changes them."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from sfcc_cin7.systems.cin7.fields import Document, Guid


class ProductRecord(Document):
    """A product with all of its attributes, by Cin7's own names, in `attributes`."""

    model_config = ConfigDict(extra="allow")

    id: Guid = Field(alias="ID")
    sku: str = Field(alias="SKU")

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self.model_extra or {}


class SavedProduct(Document):
    """What a write of a product answers."""

    rows: tuple[ProductRecord, ...] = Field(alias="Products", min_length=1)
