"""Books that are nothing but names: brands, categories, units and carriers (Cin7 API reference,
Brand, Category, Unit, Carrier). Everything else refers to an entry by its name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call, page_of, single
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import new_id, parse_guid, require, text
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document, Shelf

Kind = Literal["brand", "category", "unit", "carrier"]


@dataclass(frozen=True)
class Form:
    """How a book is written: the attributes of an entry, the key of its list, and whether a write
    answers with that list."""

    id: str
    name: str
    longest: int
    key: str
    answers_list: bool = False


FORMS: dict[Kind, Form] = {
    "brand": Form("ID", "Name", 50, "BrandList"),
    "category": Form("ID", "Name", 50, "CategoryList"),
    "unit": Form("ID", "Name", 50, "UnitList"),
    "carrier": Form("CarrierID", "Description", 256, "CarrierList", answers_list=True),
}


_USES: dict[Kind, tuple[str, str | None]] = {
    "brand": ("Brand", None),
    "category": ("Category", None),
    "unit": ("UOM", "Item"),
}
"""Where a product names an entry, and what it has when it names none."""


class NamedBooks:
    """The four books. What they hold at first is in the settings."""

    def __init__(self, shelf: Shelf, settings: Cin7Settings, faults: Faults) -> None:
        self._shelf = shelf
        self._faults = faults
        self.products: Callable[[], Iterable[Document]] = tuple
        """Those that refer to entries, which then cannot be deleted or called otherwise."""
        first: dict[Kind, tuple[str, ...]] = {
            "brand": settings.brands,
            "category": settings.categories,
            "unit": settings.units,
            "carrier": settings.carriers,
        }
        self._books: dict[Kind, dict[str, str]] = {}
        for kind, names in first.items():
            kept = shelf.load(f"cin7.{kind}").get("all")
            self._books[kind] = kept["names"] if kept else {new_id(kind, n): n for n in names}

    def names(self, kind: Kind) -> tuple[str, ...]:
        """As they are written, in the order in which they were entered."""
        return tuple(self._books[kind].values())

    def handlers(self) -> dict[str, dict[str, Callable[[Call], Any]]]:
        """What answers, by path and method."""
        return {f"ref/{kind}": self._handlers(kind) for kind in FORMS}

    def _handlers(self, kind: Kind) -> dict[str, Callable[[Call], Any]]:
        return {
            "GET": lambda call: self._list(kind, call),
            "POST": lambda call: self._write(kind, call, own=None),
            "PUT": lambda call: self._write(kind, call, own=self._known(kind, call.body)),
            "DELETE": lambda call: self._delete(kind, call),
        }

    def _list(self, kind: Kind, call: Call) -> Document:
        """The name filter starts with; carriers have one for the ID too."""
        form = FORMS[kind]
        prefix = (call.query.text(form.name) or "").casefold()
        wanted = call.query.guid(form.id) if form.id != "ID" else None
        found = [
            _row(form, key, name)
            for key, name in self._books[kind].items()
            if name.casefold().startswith(prefix) and wanted in (None, key)
        ]
        return page_of(call, form.key, found, dict, self._faults)

    def _write(self, kind: Kind, call: Call, own: str | None) -> Document:
        form, book = FORMS[kind], self._books[kind]
        require(call.body, form.name)
        name = str(text(call.body, form.name, form.longest))
        if any(each.casefold() == name.casefold() and key != own for key, each in book.items()):
            raise Refusal(f"Specified attribute '{form.name}' already exists")
        if own is not None and book[own] != name and self._in_use(kind, book[own]):
            raise Refusal(f"{form.name} '{book[own]}' is in use and cannot be changed")
        key = own or new_id(kind, f"{name}/{len(book)}")
        book[key] = name
        self._keep(kind)
        row = _row(form, key, name)
        return single(form.key, row) if form.answers_list else row

    def _delete(self, kind: Kind, call: Call) -> Document:
        key = self._known(kind, {FORMS[kind].id: call.query.required_guid("ID")})
        name = self._books[kind][key]
        if self._in_use(kind, name):
            raise Refusal(f"{FORMS[kind].name} '{name}' is in use and cannot be deleted")
        del self._books[kind][key]
        self._keep(kind)
        return {"Success": True}

    def _known(self, kind: Kind, body: Any) -> str:
        name = FORMS[kind].id
        require(body, name)
        key = parse_guid(body[name], name)
        if key not in self._books[kind]:
            raise Refusal(f"{kind.capitalize()} with specified ID not found", 404)
        return key

    def _in_use(self, kind: Kind, name: str) -> bool:
        attribute, otherwise = _USES.get(kind, ("", None))
        return any(row.get(attribute, otherwise) == name for row in self.products())

    def _keep(self, kind: Kind) -> None:
        self._shelf.put(f"cin7.{kind}", "all", {"names": self._books[kind]})


def _row(form: Form, key: str, name: str) -> Document:
    return {form.id: key, form.name: name}
