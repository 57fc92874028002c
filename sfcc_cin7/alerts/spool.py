"""The book on this machine, for the time in which the database is away."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sfcc_cin7.alerts.deciding.book import Book

DOCUMENT: TypeAdapter[Book] = TypeAdapter(Book)


class Spool:
    """One file, replaced as a whole; nobody else may read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Book:
        """The book as it was saved last; an empty one where there is none that can be read."""
        with suppress(OSError, ValidationError):
            return DOCUMENT.validate_json(self._path.read_bytes())
        return Book()

    def save(self, book: Book) -> None:
        """Returns when it is on the disk. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(DOCUMENT.dump_json(book))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
