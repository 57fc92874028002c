"""The queue of orders: what the storefront shows, and who may work on which."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    case,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.corrections import corrections_of
from sfcc_cin7.db.leases import Lease
from sfcc_cin7.db.schema import order_units, orders
from sfcc_cin7.order_document.booking_rule import BookedLines
from sfcc_cin7.orders.records.units import by_sku
from sfcc_cin7.orders.records.work import Counter, WorkQueue
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import SETTLED, UNPOSTED, OrderState, State


@dataclass(frozen=True)
class ReceivedOrder:
    """A storefront order as it came. `order_total` is in `currency`; `units` are by SKU, as the
    storefront counts them, and `booked` says which the ERP takes (None: the same).

    `shown_version` is equal for documents that mean the same to the ERP; `due_at` is the end of the
    hold, `promise_at` when the goods have to be on their way, `shopper` a hash of who bought them,
    `to_batch` whether it waits for others until `due_at` (see `batches`), `refunds_asked` what the
    site's attribute for refunds holds.
    """

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
    shown_version: str
    due_at: datetime
    promise_at: datetime | None
    shopper: str | None
    units: Mapping[str, Decimal]
    to_batch: bool = False
    booked: BookedLines | None = None
    refunds_asked: str | None = None


@dataclass(frozen=True)
class Claim(Lease):
    """One order, one owner. `attempts` counts this one; throttled ones are counted apart."""

    site: str
    order_no: str
    attempts: int
    throttled: int
    unavailable: int
    exported_at: datetime | None
    batch_key: str | None = None


class OrderQueue(WorkQueue[Claim]):
    """Orders between capture and acknowledgement. One object may be shared by threads."""

    def __init__(self, engine: Engine, clock: Clock, run_id: str | None = None) -> None:
        super().__init__(engine, clock, orders, orders.c.order_key, run_id)

    # Receiving

    def unknown(self, seen: Mapping[str, datetime]) -> set[str]:
        """Of the given order keys, those that we do not have as modified at that instant."""
        query = select(orders.c.order_key, orders.c.modified_at).where(orders.c.order_key.in_(seen))
        with self.engine.connect() as connection:
            known = {row.order_key: row.modified_at for row in connection.execute(query)}
        return {key for key, modified in seen.items() if known.get(key, _NEVER) < modified}

    def receive(self, received: Collection[ReceivedOrder], *, known_only: bool = False) -> int:
        """Store orders as they came; returns how many were new. `known_only` leaves those out.

        A later version replaces an earlier one until the order is claimed. After that the document
        stays, because what was posted must stay to be compared; an order that is settled is due
        again when the storefront shows another version of it.
        """
        with self.engine.begin() as connection:
            return sum(self._receive(connection, order, known_only) for order in received)

    def _receive(self, connection: Connection, order: ReceivedOrder, known_only: bool) -> bool:
        values = {
            name: each for name, each in vars(order).items() if name not in ("units", "booked")
        }
        if not known_only:
            row = connection.execute(
                upsert(orders)
                .values(
                    values | {"received_at": self.clock.sql_now, "next_attempt_at": order.due_at}
                )
                .on_conflict_do_nothing()
                .returning(orders.c.order_key)
            ).first()
            if row is not None:
                self._keep_units(connection, order.order_key, order)
                self._event(
                    connection, order.order_key, OrderState.RECEIVED, {"status": order.shop_status}
                )
                return True
        newer = and_(
            orders.c.order_key == order.order_key, orders.c.modified_at < order.modified_at
        )
        fresh = and_(newer, orders.c.state == OrderState.RECEIVED, orders.c.taken_version.is_(None))
        changes = {key: value for key, value in values.items() if key != "to_batch"}
        if connection.execute(update(orders).where(fresh).values(changes)).rowcount:
            self._replace_units(connection, order.order_key, order)
            self._event(connection, order.order_key, "changed", {"status": order.shop_status})
            return False
        news = ("shop_status", "modified_at", "shown_version", "refunds_asked")
        shown = {key: values[key] for key in news}
        if connection.execute(update(orders).where(newer).values(shown)).rowcount:
            self.due_again_if_changed(connection, order.order_key)
        return False

    def due_again_if_changed(self, connection: Connection, order_key: str) -> None:
        """A settled order of which the storefront shows another version is due again."""
        changed = and_(
            orders.c.order_key == order_key,
            orders.c.state.in_(SETTLED),
            orders.c.taken_version != orders.c.shown_version,
        )
        now = self.clock.sql_now
        due = {
            "state": OrderState.RECEIVED,
            "attempts": 0,
            "unavailable": 0,
            "due_at": now,
            "next_attempt_at": now,
        }
        if connection.execute(update(orders).where(changed).values(due)).rowcount:
            self._event(connection, order_key, "changed", {})

    def _replace_units(self, connection: Connection, order_key: str, order: ReceivedOrder) -> None:
        connection.execute(order_units.delete().where(order_units.c.order_key == order_key))
        kept = corrections_of(connection, order_key)
        corrections = [(row.kind, row.name, row.value) for row in kept]
        self._keep_units(connection, order_key, order, corrections)

    def _keep_units(
        self,
        connection: Connection,
        order_key: str,
        order: ReceivedOrder,
        corrections: Collection[tuple[str, str, str]] = (),
    ) -> None:
        sold = order.units
        booked = sold if order.booked is None else by_sku(order.booked.units(corrections))
        rows = [
            {
                "order_key": order_key,
                "sku": sku,
                "units": sold.get(sku, Decimal(0)),
                "booked": booked.get(sku, Decimal(0)),
            }
            for sku in sorted({*sold, *booked})
        ]
        if rows:
            connection.execute(insert(order_units), rows)

    # Claiming

    def has_work(self) -> bool:
        """Whether an order is due now, or its lease has lapsed."""
        query = select(exists().where(self._due()))
        with self.engine.connect() as connection:
            return bool(connection.scalar(query))

    def claim(
        self, owner: str, lease_seconds: float, near_promise_minutes: float = 0
    ) -> Claim | None:
        """An order for `lease_seconds`; None when none is due.

        Orders near their promise come first, the nearest before the others; then the order that has
        been due longest.
        """
        near = self.clock.sql_now + timedelta(minutes=near_promise_minutes)
        pressing = case((orders.c.promise_at <= near, orders.c.promise_at), else_=null())
        due = (
            select(orders.c.order_key)
            .where(self._due())
            .order_by(pressing.asc().nulls_last(), orders.c.next_attempt_at, orders.c.created_at)
        )
        row = self._take(due, owner, lease_seconds, _CLAIM_COLUMNS)
        return None if row is None else Claim(*row)

    def _due(self) -> Any:
        now = self.clock.sql_now
        return and_(
            or_(
                and_(
                    orders.c.state == OrderState.RECEIVED,
                    orders.c.next_attempt_at <= now,
                    ~orders.c.to_batch,
                ),
                and_(orders.c.state == OrderState.POSTING, orders.c.lease_until < now),
            ),
            or_(
                orders.c.shopper.is_(None),
                orders.c.released_at.is_not(None),
                ~an_earlier_one_waits(),
            ),
        )

    # Working on a claimed order

    def finish(
        self,
        connection: Connection,
        lease: Lease,
        state: State,
        detail: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Give the order up in a final state, or one that waits for a person.

        It is due again at once when the storefront changed it while it was worked on.
        """
        # An order that could not even be read was tried as it was shown.
        columns["taken_version"] = func.coalesce(orders.c.taken_version, orders.c.shown_version)
        super().finish(connection, lease, state, detail, **columns)
        self.due_again_if_changed(connection, lease.key)

    def review(self, connection: Connection, claim: Claim, codes: str) -> None:
        """Give the order up until a person has looked; a refusal is counted."""
        about = {"codes": codes}
        columns = refusals_counted(codes)
        self.finish(connection, claim, OrderState.IN_REVIEW, about, problem=codes, **columns)

    def retry_later(
        self, claim: Claim, delay: timedelta, problem: str, counter: Counter | None = None
    ) -> datetime:
        """Put the order back into the queue; returns when it is due. Throttling is no attempt."""
        counters: dict[str, Any] = {}
        if counter is not None:
            counters[counter] = orders.c[counter] + 1
        if counter == "throttled":
            counters["attempts"] = orders.c.attempts - 1
        return self._put_back(claim, OrderState.RECEIVED, delay, problem, **counters)

    def take_document(self, claim: Claim, order: ReceivedOrder) -> None:
        """Keep what the storefront says at this moment: it is what will be posted."""
        with self.engine.begin() as connection:
            self._update(connection, claim)
            self.take_in(connection, claim.key, order)

    def take_in(self, connection: Connection, order_key: str, order: ReceivedOrder) -> None:
        """The same as `take_document`, in the transaction of whoever holds the order."""
        columns = {
            "shop_status": order.shop_status,
            "modified_at": func.greatest(orders.c.modified_at, order.modified_at),
            "document": order.document,
            "document_hash": order.document_hash,
            "pruned_at": None,
            "shown_version": case(
                (orders.c.modified_at > order.modified_at, orders.c.shown_version),
                else_=order.shown_version,
            ),
            "taken_version": order.shown_version,
            "refunds_asked": case(
                (orders.c.modified_at > order.modified_at, orders.c.refunds_asked),
                else_=order.refunds_asked,
            ),
            "currency": order.currency,
            "order_total": order.order_total,
        }
        held = orders.c.order_key == order_key
        connection.execute(update(orders).where(held).values(columns))
        self._replace_units(connection, order_key, order)


def refusals_counted(codes: str) -> dict[str, Any]:
    """Columns of an order that goes to review for these codes."""
    return {"refused": orders.c.refused + 1} if "refused" in codes else {}


def an_earlier_one_waits() -> Any:
    """Whether the same shopper has an older order that is still to be posted."""
    earlier = orders.alias("earlier")
    return exists().where(
        earlier.c.site == orders.c.site,
        earlier.c.shopper == orders.c.shopper,
        earlier.c.state.in_(UNPOSTED),
        tuple_(earlier.c.created_at, earlier.c.order_no)
        < tuple_(orders.c.created_at, orders.c.order_no),
    )


_CLAIM_COLUMNS = (
    orders.c.order_key,
    orders.c.lease_token,
    orders.c.sale_id,
    orders.c.sale_number,
    orders.c.authorised_at,
    orders.c.site,
    orders.c.order_no,
    orders.c.attempts,
    orders.c.throttled,
    orders.c.unavailable,
    orders.c.exported_at,
    orders.c.batch_key,
)
_NEVER = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
