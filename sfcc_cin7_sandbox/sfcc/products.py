"""The product index: what the shop sells, as documents of the Products API, and their search."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.merchant.world import Sku, World
from sfcc_cin7_sandbox.sfcc.problems import Problem, timestamp
from sfcc_cin7_sandbox.sfcc.product_changes import changed
from sfcc_cin7_sandbox.sfcc.product_query import Document, compile_query, values_of
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings

CATALOG = "storefront-catalog"
CATEGORY = "everything"
SORTABLE = frozenset({"id", "name", "creationDate"})


class Products:
    """Every product of the shop by ID, masters included. A restart forgets what was changed.

    Search shows a changed product as it was for `product_index_lag` seconds.
    """

    def __init__(
        self, world: World, created_at: datetime, clock: Clock, settings: SfccSettings
    ) -> None:
        self._created = timestamp(created_at)
        self._clock = clock
        self._settings = settings
        self._sites = [site.id for site in world.sites]
        self._lagging: dict[str, tuple[datetime, Document | None]] = {}
        self._documents: dict[str, Document] = {}
        masters: dict[str, list[Sku]] = {}
        for sku in world.skus:
            if sku.in_shop and sku.kind != "service":
                self._documents[sku.id] = self._sellable(sku)
                if sku.master_id:
                    masters.setdefault(sku.master_id, []).append(sku)
        for master_id, variants in masters.items():
            self._documents[master_id] = self._master(master_id, variants)

    def add(self, product_id: str, name: str, *, online: bool = True, ean: str = "") -> None:
        """A merchandiser puts a product into the catalogue."""
        document = self._document(product_id, name, "item")
        flags = {"online": online, "onlineFlag": {"default": online}}
        now = timestamp(self._clock.now())
        made = {"creationDate": now, "lastModified": now, **({"ean": ean} if ean else {})}
        self._lag(product_id)
        self._documents[product_id] = document | flags | made

    def change(self, product_id: str, body: Mapping[str, Any]) -> Document:
        """It is changed by hand or by a client (see `changed`), and shown as it is then.

        Raises KeyError; Problem 400.
        """
        attributes = self._settings.product_attributes
        after = changed(self._documents[product_id], body, self._sites, attributes)
        self._lag(product_id)
        after["lastModified"] = timestamp(self._clock.now())
        self._documents[product_id] = after
        return after

    def give(self, product_id: str, **attributes: Any) -> None:
        """A merchandiser edits what no client can: pictures, categories. Raises KeyError."""
        self._lag(product_id)
        now = {"lastModified": timestamp(self._clock.now())}
        self._documents[product_id] = self._documents[product_id] | attributes | now

    def withdraw(self, product_id: str) -> None:
        """It leaves the catalogue. Raises KeyError."""
        self._lagging.pop(product_id, None)
        del self._documents[product_id]

    def get(self, product_id: str) -> Document | None:
        return self._documents.get(product_id)

    def everything(self) -> list[Document]:
        return list(self._documents.values())

    def search(self, query: Any, sorts: Any = ()) -> list[Document]:
        """All hits, by ID unless sorted otherwise. Raises Problem 400 for a bad query."""
        test = compile_query(query)
        hits = [document for document in self._indexed() if test(document)]
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

    def _lag(self, product_id: str) -> None:
        """The index goes on showing what it shows now, for a while."""
        shown = self._documents.get(product_id)
        if product_id in self._lagging and self._lagging[product_id][0] > self._clock.now():
            shown = self._lagging[product_id][1]
        until = self._clock.now() + timedelta(seconds=self._settings.product_index_lag)
        self._lagging[product_id] = (until, shown)

    def _indexed(self) -> list[Document]:
        now = self._clock.now()
        self._lagging = {sku: held for sku, held in self._lagging.items() if held[0] > now}
        if not self._lagging:
            return list(self._documents.values())
        old = {sku: shown for sku, (_, shown) in self._lagging.items()}
        found = {**self._documents, **old}
        return [document for document in found.values() if document is not None]

    def _sellable(self, sku: Sku) -> Document:
        kind = "variant" if sku.master_id else "bundle" if sku.kind == "bundle" else "item"
        document = self._document(sku.id, sku.name, kind)
        document |= {"ean": sku.ean, "manufacturerSku": sku.id, "taxClassId": sku.tax_class}
        document |= {"primaryCategoryId": CATEGORY, "image": {"path": f"large/{sku.id}.jpg"}}
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
