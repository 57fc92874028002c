"""Batches: orders that become one consolidated sale, from who is part of it to the last of them.

A batch is worked on like an order (see `leases`). Whatever is written to its orders is fenced by
the batch's lease, and every order has its own events beside those of the batch. An order waits for
a batch once in its life: `to_batch` never becomes true again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from sfcc_cin7.db.leases import Lease
from sfcc_cin7.db.schema import batch_shares, order_batches, orders
from sfcc_cin7.orders.records.queue import OrderQueue, ReceivedOrder, an_earlier_one_waits
from sfcc_cin7.orders.records.work import Counter, WorkQueue
from sfcc_cin7.orders.translation.shares import Share
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import BatchState, OrderState

ALONE = {"batch_key": None, "batched_version": None, "sale_number": None, "sale_total": None,
         "sale_tax": None, "booked_duty": None, "authorised_at": None}  # fmt: skip
"""What an order loses that is no part of a consolidated sale any more."""


@dataclass(frozen=True)
class Window:
    """How long orders of a site wait for others, and how many are enough."""

    length: timedelta
    most_orders: int
    near_promise: timedelta
    """From when on before its promise an order waits no longer."""

    @classmethod
    def of(cls, minutes: float, most_orders: int, near_promise_minutes: float) -> "Window":
        near = timedelta(minutes=near_promise_minutes)
        return cls(timedelta(minutes=minutes), most_orders, near)


@dataclass(frozen=True)
class BatchClaim(Lease):
    """One batch, one owner."""

    site: str
    attempts: int
    unavailable: int

    @property
    def throttled(self) -> int:
        """How often it was throttled, which of a batch is not counted apart: every time before."""
        return self.attempts - 1


class BatchQueue(WorkQueue[BatchClaim]):
    """Batches between forming and acknowledgement. One object may be shared by threads."""

    def __init__(self, engine: Engine, clock: Clock, run_id: str | None = None) -> None:
        super().__init__(engine, clock, order_batches, order_batches.c.batch_key, run_id)
        self._orders = OrderQueue(engine, clock, run_id)

    # Forming

    def waiting_sites(self) -> set[str]:
        """The sites that have orders waiting for others."""
        query = select(orders.c.site).where(_WAITS).distinct()
        with self.engine.connect() as connection:
            return set(connection.scalars(query))

    def is_ripe(self, site: str, window: Window) -> bool:
        """Whether some order has waited long enough, or enough of them wait."""
        now = self.clock.sql_now
        ripe = or_(
            func.count() >= window.most_orders,
            func.min(orders.c.next_attempt_at) <= now,
            func.min(orders.c.promise_at) <= now + window.near_promise,
        )
        query = select(ripe).where(self._candidate(site, window))
        with self.engine.connect() as connection:
            return bool(connection.scalar(query))

    def candidates(self, site: str, window: Window) -> list[Row[Any]]:
        """(`order_key`, `document_hash`, `ready`) of orders whose hold is over, the oldest first;
        `ready` ones need not wait for others any longer."""
        now = self.clock.sql_now
        near = orders.c.promise_at <= now + window.near_promise
        ready = or_(orders.c.next_attempt_at <= now, near)
        query = (
            select(
                orders.c.order_key,
                orders.c.document_hash,
                func.coalesce(ready, False).label("ready"),
            )
            .where(self._candidate(site, window))
            .order_by(orders.c.created_at, orders.c.order_no)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def documents(self, order_keys: Collection[str]) -> dict[str, str]:
        """The raw documents of these orders."""
        query = select(orders.c.order_key, orders.c.document).where(
            orders.c.order_key.in_(order_keys)
        )
        with self.engine.connect() as connection:
            return {row.order_key: row.document for row in connection.execute(query)}

    def form(self, batch_key: str, site: str, versions: Mapping[str, str]) -> bool:
        """Fix which orders (key to document hash) are one sale; all of them, or nothing happens.

        False when one of them changed, or another worker was faster.
        """
        with self.engine.begin() as connection:
            waiting = _locked(
                select(orders.c.order_key, orders.c.document_hash).where(
                    _WAITS, orders.c.order_key.in_(versions)
                )
            ).with_for_update(skip_locked=True)
            found = {row.order_key: row.document_hash for row in connection.execute(waiting)}
            if found != dict(versions):
                return False
            now = self.clock.sql_now
            connection.execute(
                insert(order_batches).values(
                    batch_key=batch_key, site=site, created_at=now, next_attempt_at=now
                )
            )
            self._event(connection, batch_key, BatchState.FORMED, {"orders": len(versions)})
            joins = {
                "state": OrderState.BATCHED,
                "to_batch": False,
                "batch_key": batch_key,
                "due_at": func.least(orders.c.due_at, now),
            }
            for key in sorted(versions):
                connection.execute(update(orders).where(orders.c.order_key == key).values(joins))
                self._event(connection, key, OrderState.BATCHED, {"batch": batch_key})
        return True

    def release(self, order_keys: Collection[str], because: str) -> None:
        """Let waiting orders be posted alone, now."""
        with self.engine.begin() as connection:
            self._release(connection, orders.c.order_key.in_(order_keys), because)

    def release_site(self, site: str, because: str) -> None:
        """Let all waiting orders of a site be posted alone."""
        with self.engine.begin() as connection:
            self._release(connection, orders.c.site == site, because)

    def _release(self, connection: Connection, which: Any, because: str) -> None:
        query = _locked(select(orders.c.order_key).where(_WAITS, which)).with_for_update()
        for key in connection.scalars(query).all():
            self._alone(connection, key, because)

    def _candidate(self, site: str, window: Window) -> Any:
        return and_(
            _WAITS,
            orders.c.site == site,
            orders.c.next_attempt_at <= self.clock.sql_now + window.length,
            or_(orders.c.shopper.is_(None), ~an_earlier_one_waits()),
        )

    # Claiming

    def has_work(self) -> bool:
        """Whether a batch is due, or its lease has lapsed."""
        with self.engine.connect() as connection:
            return bool(connection.scalar(select(exists().where(self._due()))))

    def claim(
        self, owner: str, lease_seconds: float, near_promise_minutes: float = 0
    ) -> BatchClaim | None:
        """A batch for `lease_seconds`; None when none is due.

        Batches with an order near its promise come first, the nearest before the others; then the
        batch that has been due longest.
        """
        near = self.clock.sql_now + timedelta(minutes=near_promise_minutes)
        pressing = (
            select(func.min(orders.c.promise_at))
            .where(orders.c.batch_key == order_batches.c.batch_key, orders.c.promise_at <= near)
            .scalar_subquery()
        )
        due = (
            select(order_batches.c.batch_key)
            .where(self._due())
            .order_by(pressing.asc().nulls_last(), order_batches.c.next_attempt_at)
        )
        row = self._take(due, owner, lease_seconds, _CLAIM_COLUMNS)
        return None if row is None else BatchClaim(*row)

    def _due(self) -> Any:
        now = self.clock.sql_now
        return or_(
            and_(
                order_batches.c.state == BatchState.FORMED, order_batches.c.next_attempt_at <= now
            ),
            and_(order_batches.c.state == BatchState.POSTING, order_batches.c.lease_until < now),
        )

    # Working on a claimed batch

    def lock(self, connection: Connection, batch_key: str) -> None:
        """Keep everybody else who asks for it from the batch until the transaction ends."""
        one = select(order_batches.c.batch_key).where(order_batches.c.batch_key == batch_key)
        connection.execute(one.with_for_update())

    def orders_of(self, batch_key: str) -> list[Row[Any]]:
        """(`order_key`, `order_no`, `state`, `taken_version`) of its orders, the oldest first."""
        query = (
            select(orders.c.order_key, orders.c.order_no, orders.c.state, orders.c.taken_version)
            .where(orders.c.batch_key == batch_key)
            .order_by(orders.c.created_at, orders.c.order_no)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def take_order(self, claim: BatchClaim, order: ReceivedOrder) -> None:
        """Keep what the storefront says of an order: it is what will be posted."""
        with self.engine.begin() as connection:
            self._update(connection, claim)
            self._orders.take_in(connection, order.order_key, order)
            version = {"batched_version": order.shown_version}
            self._set(connection, order.order_key, version)

    def leave_out(self, claim: BatchClaim, order_key: str, because: str) -> None:
        """An order that does not fit is posted alone."""
        with self.engine.begin() as connection:
            self._update(connection, claim)
            self._alone(connection, order_key, because)

    def save_shares(
        self,
        claim: BatchClaim,
        shares: Sequence[Share],
        money: Mapping[str, tuple[Decimal, Decimal, Decimal]],
    ) -> None:
        """Keep the map and each order's (total, tax, duty) before anything is sent."""
        with self.engine.begin() as connection:
            self._update(connection, claim)
            mine = batch_shares.c.batch_key == claim.key
            connection.execute(delete(batch_shares).where(mine))
            rows = [{**vars(share), "batch_key": claim.key} for share in shares]
            connection.execute(insert(batch_shares), rows)
            for key in sorted(money):
                total, tax, duty = money[key]
                booked = {"sale_total": total, "sale_tax": tax, "booked_duty": duty}
                self._set(connection, key, booked)

    def shares(self, batch_key: str) -> list[Share]:
        """The map of a consolidated sale, in the sequence in which it was made."""
        names = [each.name for each in fields(Share)]
        query = (
            select(*(batch_shares.c[name] for name in names))
            .where(batch_shares.c.batch_key == batch_key)
            .order_by(batch_shares.c.id)
        )
        with self.engine.connect() as connection:
            return [Share(**row) for row in connection.execute(query).mappings()]

    def sale_id(self, batch_key: str) -> str | None:
        """Cin7's identifier of the consolidated sale, once there is one."""
        query = select(order_batches.c.sale_id).where(order_batches.c.batch_key == batch_key)
        with self.engine.connect() as connection:
            return connection.scalar(query)

    def record_in(
        self,
        connection: Connection,
        lease: Lease,
        kind: str,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Append an event; what allocates units, or gives them back, does so for each order."""
        super().record_in(connection, lease, kind, detail, **columns)
        if kind not in ("authorised", "voided"):
            return
        told = {name: columns[name] for name in ("authorised_at", "sale_number")}
        about = {"sale": (detail or {}).get("sale"), "batch": lease.key}
        query = select(orders.c.order_key).where(
            orders.c.batch_key == lease.key, orders.c.state == OrderState.BATCHED
        )
        for key in connection.scalars(_locked(query).with_for_update()).all():
            self._set(connection, key, told)
            self._event(connection, key, kind, about)

    def settle(
        self,
        connection: Connection,
        claim: BatchClaim,
        order_key: str,
        state: OrderState,
        detail: Mapping[str, Any],
        **columns: Any,
    ) -> None:
        """Take an order whose sale stands to a final state; due again if it changed meanwhile."""
        self._update(connection, claim)
        self._set(connection, order_key, {"state": state, **columns})
        self._event(connection, order_key, state, detail)
        self._orders.due_again_if_changed(connection, order_key)

    def dissolve(self, connection: Connection, claim: BatchClaim, because: str) -> None:
        """The ERP holds nothing of it: every order that is not acknowledged is posted alone."""
        self.finish(connection, claim, BatchState.DISSOLVED, {"because": because}, problem=because)
        query = select(orders.c.order_key).where(
            orders.c.batch_key == claim.key, orders.c.state == OrderState.BATCHED
        )
        for key in connection.scalars(_locked(query).with_for_update()).all():
            self._alone(connection, key, because)

    def review(self, connection: Connection, claim: BatchClaim, codes: str) -> None:
        """Give the batch up until a person has looked; its orders wait with it."""
        self.finish(connection, claim, BatchState.IN_REVIEW, {"codes": codes}, problem=codes)

    def retry_later(
        self, claim: BatchClaim, delay: timedelta, problem: str, counter: Counter | None = None
    ) -> datetime:
        """Put the batch back; returns when it is due. Only attempts without an answer are counted
        apart."""
        unanswered = order_batches.c.unavailable + int(counter == "unavailable")
        return self._put_back(claim, BatchState.FORMED, delay, problem, unavailable=unanswered)

    def _alone(self, connection: Connection, order_key: str, because: str) -> None:
        now = self.clock.sql_now
        due = {
            "state": OrderState.RECEIVED,
            "to_batch": False,
            "due_at": func.least(orders.c.due_at, now),
            "next_attempt_at": now,
        }
        self._set(connection, order_key, due | ALONE)
        self._event(connection, order_key, "posted-alone", {"because": because})

    def _set(self, connection: Connection, order_key: str, columns: Mapping[str, Any]) -> None:
        connection.execute(update(orders).where(orders.c.order_key == order_key).values(columns))


def _locked(query: Select[Any]) -> Select[Any]:
    """Rows in one sequence for all processes, so that no two wait for each other."""
    return query.order_by(orders.c.order_key)


_WAITS = and_(orders.c.to_batch, orders.c.state == OrderState.RECEIVED)
_CLAIM_COLUMNS = (
    order_batches.c.batch_key,
    order_batches.c.lease_token,
    order_batches.c.sale_id,
    order_batches.c.sale_number,
    order_batches.c.authorised_at,
    order_batches.c.site,
    order_batches.c.attempts,
    order_batches.c.unavailable,
)
