"""What a run has done that has to be undone, written down before it is done.

A file of JSON lines, flushed line by line, so that a killed run leaves it behind. What is found
again by the run's marker (sales, products, webhooks) is here only to be found sooner.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["sale", "product", "product-status", "webhook", "record", "order", "file", "on-hand"]
FILE = "journal.jsonl"


@dataclass(frozen=True)
class Undo:
    """One thing to undo.

    - `sale`: void the sale with this id;
    - `product`: deprecate the product with this id;
    - `product-status`: give the product with this id its status (`value`) back;
    - `webhook`: remove the webhook with this id;
    - `record`: delete the inventory record of a product (`value`) from a list (`id`);
    - `order`: cancel the test order with this number (`value`) of a site (`id`);
    - `file`: remove what is at this path of the instance's import folder;
    - `on-hand`: leave nothing on hand of a SKU (`value`) at a tenant group's location (`id`).
    """

    kind: Kind
    id: str
    value: str = ""


class Journal:
    """The journal of one run; without a folder it is kept in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / FILE if folder else None
        self._open: dict[Undo, None] = {}
        if self._path and self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                self._replay(line)

    @property
    def outstanding(self) -> list[Undo]:
        """What is not undone yet, the latest first."""
        return list(reversed(self._open))

    def intend(self, undo: Undo) -> Undo:
        """Before the write: this will have to be undone."""
        self._open[undo] = None
        self._append("intend", undo)
        return undo

    def done(self, undo: Undo) -> None:
        """It is undone, or there was nothing to undo."""
        if undo in self._open:
            del self._open[undo]
            self._append("done", undo)

    def _append(self, what: str, undo: Undo) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **asdict(undo)}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
            undo = Undo(entry["kind"], entry["id"], entry["value"])
        except (ValueError, KeyError):
            return  # the line that was being written when the run was killed
        if entry.get("what") == "intend":
            self._open[undo] = None
        else:
            self._open.pop(undo, None)


def journals(root: Path) -> Iterator[Journal]:
    """The journals of all runs kept below a folder, the latest first."""
    for path in sorted(root.glob(f"*/{FILE}"), reverse=True):
        yield Journal(path.parent)
