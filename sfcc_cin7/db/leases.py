"""Work that one worker holds at a time: a row, its lease, and what was done to it so far.

Every change to a row that is held is fenced by its lease: a worker whose lease was taken over
writes nothing any more (`LeaseLost`). Every step is also an event that nobody can change. All times
are the database's, so that hosts whose clocks differ agree on them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    func,
    insert,
    select,
    update,
)

from sfcc_cin7.db.recovery import last_restore
from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import HELD, State

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the storefront's clock and the database's may differ."""


class LeaseLost(Exception):
    """Another worker holds this row now."""


@dataclass(frozen=True)
class Lease:
    """One row, one owner, until the lease lapses; and the sale that it has become so far."""

    key: str
    token: int
    sale_id: str | None
    sale_number: str | None
    authorised_at: datetime | None


class Leases:
    """The rows of one table that are worked on. One object may be shared by threads.

    The table has a text key, `state`, `lease_owner`, `lease_token`, `lease_until` and the columns
    of `Lease`; a row is held while its state is `HELD`.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        table: Table,
        key: Column[str],
        run_id: str | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self._table = table
        self._key = key
        self._run_id = run_id

    def _take(
        self, due: Select[Any], owner: str, lease_seconds: float, columns: Sequence[Column[Any]]
    ) -> tuple[Any, ...] | None:
        """Hold the first row whose key `due` selects; its `columns`, or None when there is none.

        Rows that someone else is just taking are passed over.
        """
        first = due.limit(1).with_for_update(skip_locked=True).scalar_subquery()
        statement = (
            update(self._table)
            .where(self._key == first)
            .values(
                state=HELD,
                lease_owner=owner,
                lease_token=self._table.c.lease_token + 1,
                lease_until=self.clock.sql_now + timedelta(seconds=lease_seconds),
                attempts=self._table.c.attempts + 1,
            )
            .returning(*columns)
        )
        with self.engine.begin() as connection:
            row = connection.execute(statement).first()
            if row is None:
                return None
            key = row._mapping[self._key]
            self._event(connection, key, "claimed", {"attempt": row.attempts})
        return tuple(row)

    def _put_back(
        self, lease: Lease, state: State, delay: timedelta, problem: str, **columns: Any
    ) -> datetime:
        """Give the row up until its next attempt; returns when that is due."""
        with self.engine.begin() as connection:
            now: datetime = connection.execute(select(self.clock.sql_now)).scalar_one()
            at = now + delay
            self.record_in(
                connection,
                lease,
                "postponed",
                {"until": at.isoformat(), "because": problem},
                state=state,
                lease_owner=None,
                lease_until=None,
                next_attempt_at=at,
                problem=problem,
                **columns,
            )
        return at

    def renew(self, lease: Lease, lease_seconds: float) -> None:
        """Keep the lease for a call that is about to be made.

        Raises:
            LeaseLost: someone else has taken the row over.
        """
        until = self.clock.sql_now + timedelta(seconds=lease_seconds)
        with self.engine.begin() as connection:
            self._update(connection, lease, lease_until=until)

    def begin(
        self,
        lease: Lease,
        lease_seconds: float,
        kind: str,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the lease for a call that goes out next, and that it does.

        Raises:
            LeaseLost: someone else has taken the row over; nothing was written.
        """
        until = self.clock.sql_now + timedelta(seconds=lease_seconds)
        self.record(lease, kind, detail, lease_until=until)

    def let_lapse(self, runs: Collection[str], within: timedelta) -> int:
        """Let what these runs hold be taken over after `within`, if not before; how many that are.

        An owner begins with the id of its run (`lane.post_orders`).
        """
        if not runs:
            return 0
        ends = func.least(self._table.c.lease_until, self.clock.sql_now + within)
        owner = func.split_part(self._table.c.lease_owner, ":", 1)
        held = and_(self._table.c.state == HELD, owner.in_(runs))
        with self.engine.begin() as connection:
            changed = connection.execute(update(self._table).where(held).values(lease_until=ends))
        return changed.rowcount

    def record(
        self, lease: Lease, kind: str, detail: Mapping[str, Any] | None = None, **columns: Any
    ) -> None:
        """Append an event and set columns of the row, both or neither.

        Raises:
            LeaseLost: someone else has taken the row over; nothing was written.
        """
        with self.engine.begin() as connection:
            self.record_in(connection, lease, kind, detail, **columns)

    def record_in(
        self,
        connection: Connection,
        lease: Lease,
        kind: str,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """The same as `record`, as part of a larger transaction."""
        self._update(connection, lease, **columns)
        self._event(connection, lease.key, kind, detail or {})

    def finish(
        self,
        connection: Connection,
        lease: Lease,
        state: State,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Give the row up in a final state (or one that waits for a person)."""
        columns |= {"state": state, "lease_owner": None, "lease_until": None}
        self.record_in(connection, lease, state, detail, **columns)

    def open_intent(
        self,
        key: str,
        began: str,
        *ended: str,
        payment: str | None = None,
    ) -> timedelta | None:
        """How long ago something was begun without our knowing how it ended; None if never.

        `began` and `ended` are kinds of events; `payment` narrows them to one payment's.
        """
        about = [] if payment is None else [order_events.c.detail["payment"].astext == payment]
        row = self._last(key, (began, *ended), *about)
        return row.age if row is not None and row.kind == began else None

    def lost_intent(self, key: str, *settled: str) -> timedelta | None:
        """How long ago something of this row may have been begun of which a restore has lost the
        record; None where that cannot be, or one of the events `settled` has come since.

        What came into the storefront after the restore was never worked on before it.
        """
        restore = last_restore(self.engine, self.clock)
        if restore is None:
            return None
        since = [order_events.c.order_key == key, order_events.c.at >= restore.found_at]
        later = select(order_events).where(*since, order_events.c.kind.in_(settled)).exists()
        placed = select(orders.c.created_at).where(orders.c.order_key == key)
        with self.engine.connect() as connection:
            now: datetime = connection.execute(select(self.clock.sql_now)).scalar_one()
            if connection.scalar(select(later)):
                return None
            placed_at = connection.scalar(placed)
        if placed_at is not None and placed_at > restore.found_at + CLOCKS_DIFFER:
            return None
        return now - restore.found_at

    def last(self, key: str, *kinds: str) -> str | None:
        """Which of these kinds the row's latest such event is."""
        row = self._last(key, kinds)
        return row.kind if row is not None else None

    def _last(
        self, key: str, kinds: Collection[str], *about: ColumnElement[bool]
    ) -> Row[Any] | None:
        query = (
            select(order_events.c.kind, (self.clock.sql_now - order_events.c.at).label("age"))
            .where(order_events.c.order_key == key, order_events.c.kind.in_(kinds), *about)
            .order_by(order_events.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            return connection.execute(query).first()

    def _update(self, connection: Connection, lease: Lease, **columns: Any) -> None:
        held = and_(
            self._key == lease.key,
            self._table.c.lease_token == lease.token,
            self._table.c.state == HELD,
        )
        columns = columns or {"lease_token": self._table.c.lease_token}
        if connection.execute(update(self._table).where(held).values(columns)).rowcount == 0:
            raise LeaseLost(lease.key)

    def _event(
        self, connection: Connection, key: str, kind: str, detail: Mapping[str, Any]
    ) -> None:
        connection.execute(
            insert(order_events).values(
                order_key=key,
                at=self.clock.sql_now,
                kind=kind,
                detail=dict(detail),
                run_id=self._run_id,
            )
        )
