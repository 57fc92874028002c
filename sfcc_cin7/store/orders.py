"""The queue of orders: who may work on which, and what has been done to it so far.

Every change to a claimed order is fenced by its lease: a worker whose lease was taken over writes
nothing any more (`LeaseLost`). Every step is also an event that nobody can change.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.clock import Clock
from sfcc_cin7.store.schema import erp_sales, order_events, order_units, orders


class LeaseLost(Exception):
    """Another worker holds this order now."""


@dataclass(frozen=True)
class ReceivedOrder:
    """A storefront order as it came. `order_total` is in `currency`; `units` are by SKU."""

    order_key: str
    site: str
    order_no: str
    currency: str
    order_total: Decimal
    created_at: datetime
    modified_at: datetime
    shop_status: str
    document: str
    document_hash: str
    due_at: datetime
    units: Mapping[str, Decimal]


@dataclass(frozen=True)
class Claim:
    """One order, one owner, until the lease lapses. `attempts` counts this one."""

    order_key: str
    site: str
    order_no: str
    attempts: int
    throttled: int
    token: int
    sale_id: str | None
    sale_number: str | None
    authorised_at: datetime | None


class OrderQueue:
    """Orders between capture and acknowledgement. One object may be shared by threads."""

    def __init__(self, engine: Engine, clock: Clock, run_id: str | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._run_id = run_id

    # Receiving

    def unknown(self, seen: Mapping[str, datetime]) -> set[str]:
        """Of the given order keys, those that we do not have as modified at that instant."""
        query = select(orders.c.order_key, orders.c.modified_at).where(orders.c.order_key.in_(seen))
        with self._engine.connect() as connection:
            known = {row.order_key: row.modified_at for row in connection.execute(query)}
        return {key for key, modified in seen.items() if known.get(key, _NEVER) < modified}

    def receive(self, received: Collection[ReceivedOrder]) -> int:
        """Store orders as they came; returns how many were new.

        A later version replaces an earlier one until the order is claimed; after that only the
        storefront's status is taken over, because what was posted must stay to be compared.
        """
        with self._engine.begin() as connection:
            return sum(self._receive(connection, order) for order in received)

    def _receive(self, connection: Connection, order: ReceivedOrder) -> bool:
        values = {
            key: value for key, value in vars(order).items() if key not in ("units", "due_at")
        }
        row = connection.execute(
            upsert(orders)
            .values(values | {"received_at": self._clock.now(), "next_attempt_at": order.due_at})
            .on_conflict_do_nothing()
            .returning(orders.c.order_key)
        ).first()
        if row is not None:
            self._replace_units(connection, order.order_key, order.units)
            self._event(connection, order.order_key, "received", {"status": order.shop_status})
            return True
        newer = and_(
            orders.c.order_key == order.order_key, orders.c.modified_at < order.modified_at
        )
        taken_over = connection.execute(
            update(orders).where(newer, orders.c.state == "received").values(values)
        ).rowcount
        if taken_over:
            self._replace_units(connection, order.order_key, order.units)
            self._event(connection, order.order_key, "changed", {"status": order.shop_status})
        else:
            connection.execute(
                update(orders)
                .where(newer)
                .values(shop_status=order.shop_status, modified_at=order.modified_at)
            )
        return False

    def _replace_units(
        self, connection: Connection, order_key: str, units: Mapping[str, Decimal]
    ) -> None:
        connection.execute(order_units.delete().where(order_units.c.order_key == order_key))
        if units:
            rows = [{"order_key": order_key, "sku": sku, "units": n} for sku, n in units.items()]
            connection.execute(insert(order_units), rows)

    # Claiming

    def has_work(self) -> bool:
        """Whether an order is due now, or its lease has lapsed."""
        query = select(exists().where(self._due()))
        with self._engine.connect() as connection:
            return bool(connection.scalar(query))

    def claim(self, owner: str, lease_seconds: float) -> Claim | None:
        """The order that has been due longest, for `lease_seconds`; None when none is due."""
        due = (
            select(orders.c.order_key)
            .where(self._due())
            .order_by(orders.c.next_attempt_at, orders.c.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(orders)
            .where(orders.c.order_key == due)
            .values(
                state="posting",
                lease_owner=owner,
                lease_token=orders.c.lease_token + 1,
                lease_until=self._clock.sql_now + timedelta(seconds=lease_seconds),
                attempts=orders.c.attempts + 1,
            )
            .returning(*_CLAIM_COLUMNS)
        )
        with self._engine.begin() as connection:
            row = connection.execute(statement).first()
            if row is None:
                return None
            self._event(connection, row.order_key, "claimed", {"attempt": row.attempts})
        return Claim(*row)

    def _due(self) -> Any:
        now = self._clock.sql_now
        return or_(
            and_(orders.c.state == "received", orders.c.next_attempt_at <= now),
            and_(orders.c.state == "posting", orders.c.lease_until < now),
        )

    # Working on a claimed order

    def renew(self, claim: Claim, lease_seconds: float) -> None:
        """Keep the lease for a call that is about to be made.

        Raises:
            LeaseLost: someone else has taken the order over.
        """
        until = self._clock.sql_now + timedelta(seconds=lease_seconds)
        with self._engine.begin() as connection:
            self._update(connection, claim, lease_until=until)

    def record(
        self, claim: Claim, kind: str, detail: Mapping[str, Any] | None = None, **columns: Any
    ) -> None:
        """Append an event and set columns of the order, both or neither.

        Raises:
            LeaseLost: someone else has taken the order over; nothing was written.
        """
        with self._engine.begin() as connection:
            self.record_in(connection, claim, kind, detail, **columns)

    def record_in(
        self,
        connection: Connection,
        claim: Claim,
        kind: str,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """The same as `record`, as part of a larger transaction."""
        self._update(connection, claim, **columns)
        self._event(connection, claim.order_key, kind, detail or {})

    def finish(
        self,
        connection: Connection,
        claim: Claim,
        state: str,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Give the order up in a final state (or one that waits for a person)."""
        columns |= {"state": state, "lease_owner": None, "lease_until": None}
        self.record_in(connection, claim, state, detail, **columns)

    def retry_later(
        self, claim: Claim, at: datetime, problem: str, *, throttled: bool = False
    ) -> None:
        """Put the order back into the queue; being throttled costs no attempt."""
        counters = (
            {"attempts": orders.c.attempts - 1, "throttled": orders.c.throttled + 1}
            if throttled
            else {}
        )
        with self._engine.begin() as connection:
            self.record_in(
                connection,
                claim,
                "postponed",
                {"until": at.isoformat(), "because": problem},
                state="received",
                lease_owner=None,
                lease_until=None,
                next_attempt_at=at,
                problem=problem,
                **counters,
            )

    def take_document(
        self, claim: Claim, order: ReceivedOrder, *, status_only: bool = False
    ) -> None:
        """Keep what the storefront says at this moment: it is what will be posted."""
        columns: dict[str, Any] = {
            "shop_status": order.shop_status,
            "modified_at": order.modified_at,
        }
        if not status_only:
            columns |= {
                "document": order.document,
                "document_hash": order.document_hash,
                "pruned_at": None,
                "currency": order.currency,
                "order_total": order.order_total,
            }
        with self._engine.begin() as connection:
            self._update(connection, claim, **columns)
            if not status_only:
                self._replace_units(connection, claim.order_key, order.units)

    def open_intent(self, order_key: str) -> datetime | None:
        """When the creation of a sale was begun without our knowing how it ended; None if never."""
        query = (
            select(order_events.c.kind, order_events.c.at)
            .where(
                order_events.c.order_key == order_key,
                order_events.c.kind.in_(("creating", "create-refused", "voided")),
            )
            .order_by(order_events.c.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return row.at if row is not None and row.kind == "creating" else None

    def last(self, order_key: str, *kinds: str) -> str | None:
        """Which of these kinds the order's latest such event is."""
        row = self._last(order_key, kinds)
        return row.kind if row is not None else None

    def last_at(self, order_key: str, kind: str) -> datetime | None:
        """When the order's latest event of this kind was."""
        row = self._last(order_key, (kind,))
        return row.at if row is not None else None

    def _last(self, order_key: str, kinds: Collection[str]) -> Row[*tuple[Any, ...]] | None:
        query = (
            select(order_events.c.kind, order_events.c.at)
            .where(order_events.c.order_key == order_key, order_events.c.kind.in_(kinds))
            .order_by(order_events.c.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _update(self, connection: Connection, claim: Claim, **columns: Any) -> None:
        held = and_(
            orders.c.order_key == claim.order_key,
            orders.c.lease_token == claim.token,
            orders.c.state == "posting",
        )
        columns = columns or {"lease_token": orders.c.lease_token}
        if connection.execute(update(orders).where(held).values(columns)).rowcount == 0:
            raise LeaseLost(claim.order_key)

    def _event(
        self, connection: Connection, order_key: str, kind: str, detail: Mapping[str, Any]
    ) -> None:
        connection.execute(
            insert(order_events).values(
                order_key=order_key,
                at=self._clock.now(),
                kind=kind,
                detail=dict(detail),
                run_id=self._run_id,
            )
        )


def save_sale(connection: Connection, sale: Mapping[str, Any]) -> None:
    """Keep the ERP's image of a sale, as its last answer showed it (columns of `erp_sales`)."""
    statement = upsert(erp_sales).values(sale)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[erp_sales.c.sale_id],
            set_={column: statement.excluded[column] for column in sale if column != "sale_id"},
        )
    )


def backlog(connection: Connection, now: datetime) -> Row[Any]:
    """(`waiting`, `oldest`): orders that are due or being posted, and since when the first is."""
    return connection.execute(
        select(
            func.count().label("waiting"),
            func.min(func.greatest(orders.c.received_at, orders.c.created_at)).label("oldest"),
        ).where(
            or_(
                and_(
                    orders.c.state == "received",
                    or_(orders.c.attempts > 0, orders.c.next_attempt_at <= now),
                ),
                orders.c.state == "posting",
            )
        )
    ).one()


def state_counts(connection: Connection) -> dict[str, int]:
    """How many orders are in each state."""
    rows = connection.execute(
        select(orders.c.state, func.count().label("orders")).group_by(orders.c.state)
    )
    return {row.state: row.orders for row in rows}


_CLAIM_COLUMNS = (
    orders.c.order_key,
    orders.c.site,
    orders.c.order_no,
    orders.c.attempts,
    orders.c.throttled,
    orders.c.lease_token,
    orders.c.sale_id,
    orders.c.sale_number,
    orders.c.authorised_at,
)
_NEVER = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
