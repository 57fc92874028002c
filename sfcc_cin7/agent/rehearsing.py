"""A rehearsal: the very code of an action, in a transaction that is always taken back.

What it says is the proof of a proposal: what the desk would do, or why it refuses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Connection, Engine


class _Stage:
    """Stands for an engine: whoever begins a transaction gets a part of the one that is taken
    back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        yield self._connection


@contextmanager
def rehearsal(engine: Engine) -> Iterator[Engine]:
    """An engine of which nothing stays."""
    with engine.connect() as connection, connection.begin() as whole:
        try:
            yield cast(Engine, _Stage(connection))
        finally:
            whole.rollback()
