"""Documents that outlive the process, so that a second start continues where the first stopped."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import simplejson

Document = dict[str, Any]


class Shelf:
    """Write-through JSON documents by kind and key; numbers come back as Decimal or int.

    `path=None` keeps everything in memory. Writes survive a killed process (not a power cut).
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.execute(
            "create table if not exists documents"
            " (kind text, key text, document text not null, primary key (kind, key))"
        )

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None:
        self.put_many(kind, {key: document})

    def put_many(self, kind: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._db.executemany(
            "insert into documents values (?, ?, ?)"
            " on conflict (kind, key) do update set document = excluded.document",
            [
                (kind, key, simplejson.dumps(document, use_decimal=True))
                for key, document in documents.items()
            ],
        )

    def delete(self, kind: str, key: str) -> None:
        self._db.execute("delete from documents where kind = ? and key = ?", (kind, key))

    def load(self, kind: str) -> dict[str, Document]:
        """All documents of one kind, in the order in which they were first put."""
        rows = self._db.execute(
            "select key, document from documents where kind = ? order by rowid", (kind,)
        )
        return {key: simplejson.loads(document, use_decimal=True) for key, document in rows}

    def close(self) -> None:
        self._db.close()
