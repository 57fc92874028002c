"""A circuit for each outside system: open while the system is down, for all processes at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import circuits
from sfcc_cin7.values.clock import Clock

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True)
class OpenCircuit:
    """A system that is down, since when, and what it last answered."""

    system: str
    since: datetime
    problem: str


class Circuits:
    """What is known of the outside systems. One object may be shared by threads."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def is_open(self) -> bool:
        """Whether some system is down."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(exists().where(_OPEN))))

    def due_probes(self) -> list[str]:
        """The systems to be asked now whether they are up again; each is given to one caller."""
        now = self._clock.sql_now
        pauses = FIRST_PAUSE * func.power(2, func.least(circuits.c.failures, 10))
        with self._engine.begin() as connection:
            due = update(circuits).where(_OPEN, circuits.c.probe_at <= now)
            moved = due.values(
                failures=circuits.c.failures + 1,
                probe_at=now + func.least(pauses, LONGEST_PAUSE),
            )
            return list(connection.scalars(moved.returning(circuits.c.system)))

    def failed(self, system: str, problem: str) -> int | None:
        """One more call in a row that the system did not answer; returns how many these are.

        None when it is known to be down: then its failures count the times it was asked again.
        """
        first = insert(circuits).values(system=system, failures=1, problem=problem)
        counted = first.on_conflict_do_update(
            index_elements=[circuits.c.system],
            set_={"failures": circuits.c.failures + 1, "problem": problem},
            where=circuits.c.opened_at.is_(None),
        )
        with self._engine.begin() as connection:
            failures: int | None = connection.scalar(counted.returning(circuits.c.failures))
        return failures

    def open(self, system: str) -> None:
        """The system is down; it is asked again after a pause, then after longer ones."""
        now = self._clock.sql_now
        down = {"failures": 0, "opened_at": now, "probe_at": now + FIRST_PAUSE}
        with self._engine.begin() as connection:
            closed = and_(circuits.c.system == system, circuits.c.opened_at.is_(None))
            connection.execute(update(circuits).where(closed).values(down))

    def close(self, system: str) -> None:
        """The system answers."""
        troubled = and_(circuits.c.system == system, or_(circuits.c.failures > 0, _OPEN))
        well = {"failures": 0, "opened_at": None, "probe_at": None}
        with self._engine.begin() as connection:
            connection.execute(update(circuits).where(troubled).values(well))


_OPEN = circuits.c.opened_at.is_not(None)


def open_circuits(connection: Connection) -> list[OpenCircuit]:
    """The systems that are down."""
    query = select(circuits).where(_OPEN).order_by(circuits.c.system)
    return [
        OpenCircuit(row.system, row.opened_at, row.problem or "")
        for row in connection.execute(query)
    ]
