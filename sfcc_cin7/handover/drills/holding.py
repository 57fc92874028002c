"""Holds drills: plants, watches until it is seen and resolved, and keeps how long that took."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from sfcc_cin7.alerts import Seen
from sfcc_cin7.db.schema import drill_runs
from sfcc_cin7.handover.drills.drill import Drill, is_over, shows
from sfcc_cin7.handover.drills.registry import DRILLS
from sfcc_cin7.handover.drills.sandbox import Hands
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.clock import Clock

EVERY = 2.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Holder:
    """Holds the drills of one house; `look` is what the product shows."""

    engine: Engine
    clock: Clock
    look: Callable[[], Seen]

    def start(
        self, name: str, person: str, hands: Callable[[], AbstractContextManager[Hands]]
    ) -> Iterator[str]:
        """Plant a trouble; what was done, and what to watch for. Raises ActionRefused."""
        drill, author = drill_named(name), Author.of(person, "", reason_needed=False)
        with self.engine.connect() as connection:
            if (row := _under_way(connection)) is not None:
                raise ActionRefused(
                    f"The drill {row.drill} of {row.person} is under way: resolve it, or give it up"
                    " with `sfcc-cin7 drill stop`."
                )
        kept: dict[str, Any] = {}
        if drill.by_hand:
            yield f"At this machine, do this yourself: {drill.by_hand}."
        else:
            with hands() as able:
                kept = able.do(drill.plant, {})
        subject = drill.names.format(**kept)
        texts = {each: str(value) for each, value in kept.items()}
        row_of = {"drill": name, "person": author.by, "subject": subject, "kept": texts}
        with self.engine.begin() as connection:
            planted = insert(drill_runs).values(planted_at=self.clock.now(), **row_of)
            connection.execute(planted)
        yield "Something is wrong now: find it, say what it is, and see to it."
        yield "Where to look: `sfcc-cin7 health`, `alerts list`, `review list`, the UI's checks."
        if drill.mend:
            yield "Who works in the other system does what you ask: `sfcc-cin7 drill mend`."

    def mend(self, hands: Callable[[], AbstractContextManager[Hands]]) -> None:
        """Somebody at either system does what the person asks. Raises ActionRefused."""
        row = self._row()
        drill = drill_named(row.drill)
        if not drill.mend:
            page = known(drill.code).runbook
            raise ActionRefused(f"Nobody else can mend it: {page} says what to do.")
        with hands() as able:
            able.do(drill.mend, row.kept)

    def watch(self) -> Iterator[str]:
        """Sentences as it goes: seen, resolved. Ends when it is resolved. Raises ActionRefused."""
        row = self._row()
        drill = drill_named(row.drill)
        seen_at: datetime | None = row.seen_at
        sources: frozenset[str] = frozenset()
        while True:
            seen = self.look()
            found = shows(drill, row.subject, seen)
            sources |= {each.source for each in found}
            if found and seen_at is None:
                seen_at = seen.at
                self._write(row.id, seen_at=seen_at)
                after = age_in_words(seen_at - row.planted_at, seconds=True)
                yield f"The product shows it, {after} after it was planted: {found[0].title}."
            # a watcher that begins anew knows the sources only after it has seen it again
            if seen_at is not None and sources and is_over(drill, row.subject, sources, seen):
                self._write(row.id, resolved_at=seen.at)
                took = age_in_words(seen.at - seen_at, seconds=True)
                yield f"It is resolved, {took} after it was shown."
                return
            self.clock.sleep(EVERY)

    def stop(self) -> str:
        """Give the drill up that is under way; its name. Raises ActionRefused."""
        row = self._row()
        self._write(row.id, given_up_at=self.clock.now())
        return str(row.drill)

    def certificate(self, person: str) -> list[Row[Any]]:
        """Every drill of a person, the first one first."""
        query = select(drill_runs).where(drill_runs.c.person == person).order_by(drill_runs.c.id)
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def _row(self) -> Row[Any]:
        with self.engine.connect() as connection:
            row = _under_way(connection)
        if row is None:
            raise ActionRefused("No drill is under way: `sfcc-cin7 drill list` names them.")
        return row

    def _write(self, run: int, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(drill_runs).where(drill_runs.c.id == run).values(values))


def drill_named(name: str) -> Drill:
    """A drill by the code that it is of. Raises ActionRefused."""
    if name not in DRILLS:
        raise ActionRefused(f"There is no drill {name}: `sfcc-cin7 drill list` names them.")
    return DRILLS[name]


def _under_way(connection: Connection) -> Row[Any] | None:
    its = drill_runs.c
    open_ = its.resolved_at.is_(None) & its.given_up_at.is_(None)
    query = select(drill_runs).where(open_).order_by(its.id.desc()).limit(1)
    return connection.execute(query).one_or_none()
