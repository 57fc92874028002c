"""The product index: what the shop sells, as documents of the Products API, and their search."""

from datetime import datetime
from typing import Any

from sfcc_cin7_sandbox.merchant.world import Sku, World
from sfcc_cin7_sandbox.sfcc.problems import Problem, timestamp
from sfcc_cin7_sandbox.sfcc.product_query import Document, compile_query, values_of

CATALOG = "storefront-catalog"
SORTABLE = frozenset({"id", "name", "creationDate"})


class Products:
    """Every product of the shop by ID, masters included."""

    def __init__(self, world: World, created_at: datetime) -> None:
        self._created = timestamp(created_at)
        self._documents: dict[str, Document] = {}
        masters: dict[str, list[Sku]] = {}
        for sku in world.skus:
            if sku.in_shop and sku.kind != "service":
                self._documents[sku.id] = self._sellable(sku)
                if sku.master_id:
                    masters.setdefault(sku.master_id, []).append(sku)
        for master_id, variants in masters.items():
            self._documents[master_id] = self._master(master_id, variants)

    def add(self, product_id: str, name: str) -> None:
        """A merchandiser puts a product into the catalogue; a restart forgets it."""
        self._documents[product_id] = self._document(product_id, name, "item")

    def withdraw(self, product_id: str) -> None:
        """It leaves the catalogue. Raises KeyError."""
        del self._documents[product_id]

    def get(self, product_id: str) -> Document | None:
        return self._documents.get(product_id)

    def everything(self) -> list[Document]:
        return list(self._documents.values())

    def search(self, query: Any, sorts: Any = ()) -> list[Document]:
        """All hits, by ID unless sorted otherwise. Raises Problem 400 for a bad query."""
        test = compile_query(query)
        hits = [document for document in self._documents.values() if test(document)]
        hits.sort(key=lambda document: document["id"])
        if not isinstance(sorts, list | tuple):
            raise Problem(400, "invalid-query", "'sorts' must be a list.")
        for sort in reversed(sorts):
            field = sort.get("field") if isinstance(sort, dict) else None
            if field not in SORTABLE:
                raise Problem(400, "unsortable-field", f"Cannot sort by '{field}'.")
            descending = sort.get("sortOrder", "asc") == "desc"
            hits.sort(key=lambda document: values_of(document, field), reverse=descending)
        return hits

    def _sellable(self, sku: Sku) -> Document:
        kind = "variant" if sku.master_id else "bundle" if sku.kind == "bundle" else "item"
        document = self._document(sku.id, sku.name, kind)
        document |= {"ean": sku.ean, "manufacturerSku": sku.id, "taxClassId": sku.tax_class}
        if sku.master_id:
            document["master"] = {"masterId": sku.master_id}
        if sku.components:
            document["bundledProducts"] = [{"id": component} for component, _ in sku.components]
        return document

    def _master(self, master_id: str, variants: list[Sku]) -> Document:
        document = self._document(master_id, variants[0].name, "master")
        document["variants"] = [{"productId": sku.id} for sku in variants]
        return document

    def _document(self, product_id: str, name: str, kind: str) -> Document:
        return {
            "id": product_id,
            "name": {"default": name},
            "type": {"master": False, kind: True},
            "owningCatalogId": CATALOG,
            "online": True,
            "onlineFlag": {"default": True},
            "searchable": {"default": True},
            "creationDate": self._created,
            "lastModified": self._created,
        }
