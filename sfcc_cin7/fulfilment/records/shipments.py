"""What is to be told of each order's shipments, what was told, and who tells it now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, and_, func, insert, or_, select, update

from sfcc_cin7.db.leases import Lease, Leases
from sfcc_cin7.db.schema import order_shipments, orders
from sfcc_cin7.fulfilment.deciding.dispatch import NOTHING, Dispatched
from sfcc_cin7.fulfilment.deciding.telling import decide
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import ShipmentState, Stage

UNDONE = "shipment-undone"
"""The code of a shipment that was told and is undone."""
_JSON = TypeAdapter(Dispatched)


def as_text(dispatched: Dispatched) -> str:
    """For the database; figures stay exact."""
    return _JSON.dump_json(dispatched).decode()


def from_text(text: str) -> Dispatched:
    """What `as_text` wrote."""
    return _JSON.validate_json(text)


def subject_of(order_key: str) -> str:
    """Under which name shipments of an order have events and findings of their own: those of the
    order itself end when it is posted."""
    return f"shipment:{order_key}"


@dataclass(frozen=True)
class Telling(Lease):
    """Shipments of an order that somebody is telling the storefront of. `failures` are attempts
    that failed since something was told; `unheard`: a call went out since, whose end nobody
    heard."""

    order_key: str
    site: str
    order_no: str
    wanted: Dispatched
    revision: int
    told: Dispatched
    failures: int
    undone: bool
    unheard: bool


@dataclass(frozen=True)
class Kept:
    """What is kept of an order before a reading is taken. `told` is what the storefront knows, or
    may know by a call of which nobody heard."""

    told: Dispatched
    wanted: Dispatched
    revision: int
    shipped_at: datetime | None


def kept(connection: Connection, order_key: str) -> Kept | None:
    """What is kept of an order, locked; None before its first reading."""
    row = connection.execute(
        select(order_shipments).where(order_shipments.c.order_key == order_key).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    on_its_way = row.sent_revision > row.told_revision or row.state == ShipmentState.TELLING
    told = from_text(row.wanted if on_its_way else row.told)
    return Kept(told, from_text(row.wanted), row.revision, row.shipped_at)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one reading showed of an order: `tellable` is what may be told of it, `changed_at` the
    ERP's stamp."""

    order_key: str
    sale_id: str
    sale_number: str
    picking: str
    stage: Stage
    unnumbered: int
    undone: bool
    seen_at: datetime
    shipped_at: datetime | None
    changed_at: datetime
    tellable: Dispatched
    wanted: Dispatched
    tells: bool
    """Whether anybody is to be told at all."""


def keep(connection: Connection, seen: Seen, before: Kept | None, now: datetime) -> bool:
    """Keep a reading; whether something new is to be told. The row is locked by `kept`."""
    new = seen.wanted != (before.wanted if before else NOTHING)
    columns = {
        name: getattr(seen, name)
        for name in ("sale_id", "sale_number", "picking", "unnumbered", "undone", "seen_at")
    }
    columns |= {
        "stage": int(seen.stage),
        "shipped_at": seen.shipped_at,
        "seen": as_text(seen.tellable),
    }
    if new:
        columns |= {
            "wanted": as_text(seen.wanted),
            "revision": (before.revision if before else 0) + 1,
            "changed_at": seen.changed_at,
        }
    due = {"state": ShipmentState.DUE, "next_attempt_at": now} if new and seen.tells else {}
    if before is None:
        first = {
            "subject": subject_of(seen.order_key),
            "order_key": seen.order_key,
            "changed_at": seen.changed_at,
            "wanted": as_text(seen.wanted),
            "revision": 0,
            "told": as_text(NOTHING),
            "state": ShipmentState.TOLD,
            "next_attempt_at": now,
        }
        connection.execute(insert(order_shipments).values(first | columns | due))
        return new
    its = order_shipments.c.order_key == seen.order_key
    connection.execute(update(order_shipments).where(its).values(columns))
    if due:  # whoever is telling of it sees at the end that something else is wanted
        idle = order_shipments.c.state != ShipmentState.TELLING
        connection.execute(update(order_shipments).where(its, idle).values(due))
    return new


class ShipmentQueue(Leases):
    """Orders whose storefront is to be told something, one worker for each."""

    def __init__(self, engine: Engine, clock: Clock, run_id: str | None = None) -> None:
        super().__init__(engine, clock, order_shipments, order_shipments.c.subject, run_id)

    def has_work(self) -> bool:
        """Whether something is due."""
        with self.engine.connect() as connection:
            return connection.execute(self._due().limit(1)).first() is not None

    def claim(self, owner: str, lease_seconds: float) -> Telling | None:
        """What has been due longest; None when nothing is."""
        c = order_shipments.c
        columns = (
            c.subject,
            c.attempts,
            c.lease_token,
            c.sale_id,
            c.sale_number,
            c.order_key,
            c.wanted,
            c.revision,
            c.told,
            c.failures,
            c.undone,
            c.sent_revision,
            c.told_revision,
        )
        row = self._take(self._due(), owner, lease_seconds, columns)
        if row is None:
            return None
        subject, _, token, sale_id, number, order_key, wanted, revision, told, *counted = row
        failures, undone, sent_revision, told_revision = counted
        with self.engine.connect() as connection:
            query = select(orders.c.site, orders.c.order_no).where(orders.c.order_key == order_key)
            site, order_no = connection.execute(query).one()
        return Telling(
            key=subject,
            token=token,
            sale_id=sale_id,
            sale_number=number,
            authorised_at=None,
            order_key=order_key,
            site=site,
            order_no=order_no,
            wanted=from_text(wanted),
            revision=revision,
            told=from_text(told),
            failures=failures,
            undone=undone,
            unheard=sent_revision > told_revision,
        )

    def send(self, telling: Telling, lease_seconds: float, revision: int) -> None:
        """A call goes out next that tells of this revision.

        Raises:
            LeaseLost: somebody else tells of it now; nothing may be sent.
        """
        until = self.clock.sql_now + timedelta(seconds=lease_seconds)
        self.record(
            telling,
            "telling",
            {"revision": revision},
            lease_until=until,
            sent_revision=revision,
            revision=func.greatest(order_shipments.c.revision, revision),
        )

    def told(self, connection: Connection, telling: Telling, revision: int) -> None:
        """The storefront knows of what was wanted when this was claimed; what is wanted since is
        due at once."""
        c = order_shipments.c
        now = self.clock.now()
        detail = {
            "revision": revision,
            "status": telling.wanted.stage.word,
            "parcels": [parcel.number for parcel in telling.wanted.parcels],
        }
        self.finish(
            connection,
            telling,
            ShipmentState.TOLD,
            detail,
            told=as_text(telling.wanted),
            told_revision=revision,
            sent_revision=revision,
            told_at=now,
            failures=0,
            problem=None,
        )
        newer = and_(c.subject == telling.key, c.wanted != as_text(telling.wanted))
        connection.execute(
            update(order_shipments)
            .where(newer)
            .values(state=ShipmentState.DUE, next_attempt_at=now)
        )

    def not_told(
        self, connection: Connection, telling: Telling, before: Dispatched, *, partial: bool
    ) -> bool:
        """The storefront shows less than it was to be told of a shipment that was undone: it was
        never told, or somebody set it back. What is to be told is decided anew from there (`before`
        stands for what it knows), at once. Whether a shipment is undone all the same.
        """
        row = connection.execute(
            select(order_shipments).where(order_shipments.c.subject == telling.key)
        ).one()
        decision = decide(before, from_text(row.seen), partial=partial)
        self.finish(
            connection,
            telling,
            ShipmentState.DUE,
            {"shown": before.stage.word},
            told=as_text(before),
            told_revision=row.revision,
            sent_revision=row.revision,
            wanted=as_text(decision.wanted),
            revision=row.revision + 1,
            undone=decision.needs_person,
            next_attempt_at=self.clock.now(),
        )
        return decision.needs_person

    def later(self, telling: Telling, delay: timedelta, problem: str) -> datetime:
        """It is tried again after a while."""
        failures = order_shipments.c.failures + 1
        return self._put_back(telling, ShipmentState.DUE, delay, problem, failures=failures)

    def _due(self) -> Any:
        c = order_shipments.c
        lapsed = and_(c.state == ShipmentState.TELLING, c.lease_until <= self.clock.sql_now)
        due = and_(c.state == ShipmentState.DUE, c.next_attempt_at <= self.clock.sql_now)
        return select(c.subject).where(or_(due, lapsed)).order_by(c.next_attempt_at)


def counts(connection: Connection) -> Mapping[str, int]:
    """How many orders have left wholly, in part, and not, and of how many a storefront is to be
    told."""
    c = order_shipments.c
    row = connection.execute(
        select(
            func.count().filter(c.stage == Stage.SHIPPED).label("shipped"),
            func.count().filter(c.stage == Stage.PART_SHIPPED).label("shipped in part"),
            func.count().filter(c.stage == Stage.NOT_SHIPPED).label("not shipped"),
            func.count().filter(c.state != ShipmentState.TOLD).label("to be told"),
            func.count().filter(c.undone).label("undone"),
        )
    ).one()
    return dict(row._mapping)


@dataclass(frozen=True)
class Latest:
    """An order that was told: when it changed in the ERP, and when the storefront was told."""

    order_key: str
    changed_at: datetime
    told_at: datetime
    parcels: int


def latest_told(connection: Connection, most: int) -> list[Latest]:
    """The orders that were told last, the latest first."""
    c = order_shipments.c
    query = (
        select(c.order_key, c.changed_at, c.told_at, c.told)
        .where(c.told_at.is_not(None))
        .order_by(c.told_at.desc())
        .limit(most)
    )
    return [
        Latest(row.order_key, row.changed_at, row.told_at, len(from_text(row.told).parcels))
        for row in connection.execute(query)
    ]
