"""What a lane tries again and again without success, since when, and what it was told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.schema import cursors

PREFIX = "failing:"


@dataclass(frozen=True)
class Failing:
    """A pass by its name; `since` the first of its failures in a row, `problem` the last."""

    name: str
    since: datetime
    problem: str


def save_failure(connection: Connection, name: str, at: datetime, problem: str) -> None:
    """A pass has failed, once more or for the first time."""
    kept = cursor(connection, PREFIX + name)
    since = kept.partition(" ")[0] if kept else at.isoformat()
    move_cursor(connection, PREFIX + name, f"{since} {problem}")


def forget_failure(connection: Connection, name: str) -> None:
    """A pass has succeeded."""
    connection.execute(delete(cursors).where(cursors.c.name == PREFIX + name))


def failing(connection: Connection) -> list[Failing]:
    """Everything whose last try failed, the longest first."""
    query = select(cursors.c.name, cursors.c.value).where(cursors.c.name.startswith(PREFIX))
    found = []
    for row in connection.execute(query):
        since, _, problem = row.value.partition(" ")
        name = row.name.removeprefix(PREFIX)
        found.append(Failing(name, datetime.fromisoformat(since), problem))
    return sorted(found, key=lambda each: (each.since, each.name))
