"""Documents of one kind, as they are and as their list shows them."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call, Query, page_of
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Shelves
from sfcc_cin7_sandbox.cin7.values import new_id, stamp
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document, Shelf

CHANGED = "_Changed"
"""When a document was last kept; no list shows it by this name, some by no other."""


class DocumentBook:
    """Numbers, keeps and lists documents. A list shows what they were `lag` ago; a document that
    is asked for by its ID is shown as it is."""

    def __init__(self, kind: str, prefix: str, office: "Office") -> None:
        self._kind = kind
        self._prefix = prefix
        self._shelf, self._clock, self._faults = office.shelf, office.clock, office.faults
        self._lag = timedelta(seconds=office.settings.document_lag)
        self._by_id = self._shelf.load(f"cin7.{kind}")
        self._shown = {key: [deepcopy(each)] for key, each in self._by_id.items()}

    @property
    def count(self) -> int:
        return len(self._by_id)

    def open(self, make: Callable[[str, str], Document]) -> Document:
        """A new document; `make` is given its ID and number."""
        number = self.count + 1
        key = new_id(self._kind, number)
        return self.save(key, make(key, f"{self._prefix}-{number:05d}"))

    def save(self, key: str, document: Document) -> Document:
        """Keep it; what was listed before is listed until the lag is over."""
        document[CHANGED] = stamp(self._clock.now())
        self._by_id[key] = document
        until = stamp(self._clock.now() - self._lag)
        shown = self._shown.setdefault(key, [])
        shown.append(deepcopy(document))
        while len(shown) > 1 and shown[1][CHANGED] <= until:
            shown.pop(0)
        self._shelf.put(f"cin7.{self._kind}", key, document)
        return document

    def find(self, key: str) -> Document:
        """Raises Refusal."""
        if key not in self._by_id:
            raise Refusal(f"Task with ID {key} not found", 404)
        return self._by_id[key]

    def listed(self) -> list[Document]:
        """The documents as the list has them, in the order in which they were made."""
        until = stamp(self._clock.now() - self._lag)
        return [
            seen[-1]
            for versions in self._shown.values()
            if (seen := [each for each in versions if each[CHANGED] <= until])
        ]

    def page(
        self,
        call: Call,
        key: str,
        row: Callable[[Document], Document],
        *,
        newest_first: bool = False,
        filters: Mapping[str, str] | None = None,
        changed: str | None = None,
        also: Callable[[Document], bool] = lambda _row: True,
    ) -> Document:
        """One page of rows that have the values asked for. `filters`: the attribute of a row by the
        name of its filter; a value in several parts finds nothing. `changed` is the attribute that
        UpdatedSince and UpdatedUntil ask about; None: they are ignored, like every key that is
        not known. `also` is what else a row has to be."""
        rows = [row(document) | {CHANGED: document[CHANGED]} for document in self.listed()]
        rows = [
            each
            for each in rows
            if also(each) and _matches(each, call.query, filters or {}, changed)
        ]
        if newest_first:
            rows.reverse()
        return page_of(call, key, rows, _shown, self._faults)


@dataclass(frozen=True)
class Office:
    """What whoever writes documents of stock works with."""

    shelves: Shelves
    settings: Cin7Settings
    shelf: Shelf
    clock: Clock
    faults: Faults
    base_currency: str

    def book(self, kind: str, prefix: str) -> DocumentBook:
        """The documents of a kind, whose numbers begin so."""
        return DocumentBook(kind, prefix, self)


def _shown(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != CHANGED}


def _matches(row: Document, query: Query, filters: Mapping[str, str], changed: str | None) -> bool:
    for name, attribute in filters.items():
        wanted = query.text(name)
        if wanted is not None and str(row[attribute]).casefold() != wanted.casefold():
            return False
    if changed is None:
        return True
    since, until = query.moment("UpdatedSince"), query.moment("UpdatedUntil")
    return (since is None or row[CHANGED] >= stamp(since)) and (
        until is None or row[CHANGED] <= stamp(until)
    )
