"""Tells the storefront what it may sell: reads back, decides, writes what changed, remembers it."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.clock import Clock
from sfcc_cin7.http.errors import ApiError
from sfcc_cin7.operating_model import InventoryListPolicy, OperatingModel
from sfcc_cin7.review.inbox import Finding, close_items, open_items
from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.sfcc.documents import InventoryList, InventoryRecord
from sfcc_cin7.stock.allocation import (
    Decision,
    OrderedUnits,
    Reading,
    allocation,
    cut,
    decide,
    implied_offer,
    reset_date,
)
from sfcc_cin7.stock.read_back import drifted, read_back
from sfcc_cin7.stock.settled import all_known_until
from sfcc_cin7.stock.writers.fitting import shelf_of, writer_for
from sfcc_cin7.stock.writers.writer import Refusal, Told
from sfcc_cin7.store import levels, stock
from sfcc_cin7.store.cursors import cursor, move_cursor
from sfcc_cin7.store.stock import Published, one_publisher

REMEMBERED_AT_ONCE = 200
ORDERS_SINCE = timedelta(hours=48)
RENEWED_AFTER = timedelta(hours=24)
"""A figure that lives on orders since its reset is published anew before those are forgotten."""
LAST_PUBLISHED, LAST_SINGLE = "stock.published_snapshot", "stock.published_read"
REFUSED = "stock-refused"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Push:
    """One allocation to send; `before` is what the storefront was told last."""

    sku: str
    allocation: Decimal
    reset_at: datetime
    before: Published | None
    rise_seen: Decimal | None = None
    withheld: Decimal = Decimal(0)
    """Units that are there and not offered; see `writers.writer.Figure`."""


@dataclass(frozen=True)
class SkuState:
    """All that decides about one SKU of a list; `available` units are those of the ERP."""

    told: Published | None
    drifts: bool
    shown_reset: datetime | None
    available: Decimal
    orders: list[OrderedUnits]


@dataclass
class ListOutcome:
    """What one pass did to one inventory list. `moved` are the pushes that succeeded."""

    list_id: str
    skus: int = 0
    held: int = 0
    """Rises that wait for a second reading, and corrections that wait for their reset date."""
    drifts: int = 0
    refused: int = 0
    failed: int = 0
    read_back: int = 0
    moved: list[Push] = field(default_factory=list)
    problem: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What one pass did; `reason` says why nothing was published."""

    lists: list[ListOutcome]
    reason: str | None = None


def publish_stock(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    clock: Clock,
    only: Collection[str] | None = None,
) -> Outcome:
    """Publish the latest reading of the ERP's stock, if it is believed, to every inventory list.

    `only` these SKUs, which were read by themselves, where given: nothing is read back then. A list
    that cannot be read or written does not stop the others; its `problem` says why.
    """
    with engine.connect() as connection:
        snapshot = levels.last_snapshot(connection)
    if snapshot is None:
        return Outcome([], "The ERP's stock has not been read yet: materialize cin7_stock.")
    if not snapshot.believed:
        return Outcome([], f"The last reading is not believed: {snapshot.reason}")
    if clock.now() - snapshot.started_at > RENEWED_AFTER:
        return Outcome([], f"The last reading is of {snapshot.started_at}: read it again.")
    outcomes = []
    with one_publisher(engine):
        for policy in model.inventory_lists:
            if only is None and not _is_due(engine, policy, clock.now()):
                continue
            publisher = ListPublisher(engine, shop, model, policy, clock, snapshot, only)
            try:
                publisher.run()
            except ApiError as error:
                publisher.outcome.problem = str(error)
                log.warning("inventory list %s was not published: %s", policy.id, error)
            outcomes.append(publisher.outcome)
    return Outcome(outcomes)


def _is_due(engine: Engine, policy: InventoryListPolicy, now: datetime) -> bool:
    """Whether a pass over a whole list is due; notes that it begins."""
    name = f"stock.pass:{policy.id}"
    with engine.begin() as connection:
        last = cursor(connection, name)
        pause = timedelta(seconds=policy.publish_seconds)
        due = last is None or now - datetime.fromisoformat(last) >= pause
        if due:
            move_cursor(connection, name, now.isoformat())
    return due


class ListPublisher:
    """One pass over one inventory list."""

    def __init__(
        self,
        engine: Engine,
        shop: SfccClient,
        model: OperatingModel,
        policy: InventoryListPolicy,
        clock: Clock,
        snapshot: Any,
        only: Collection[str] | None = None,
    ) -> None:
        self._engine = engine
        self._shop = shop
        self._shelf = shelf_of(policy.writer, shop)
        self._model = model
        self._policy = policy
        self._clock = clock
        self._only = only
        with engine.connect() as connection:  # readings before levels, which are never older
            self._newest = levels.last_snapshot_id(connection)
            self._readings = levels.readings(connection)
            self._all_until, self._some_until = (
                int(cursor(connection, f"{name}:{policy.id}") or 0)
                for name in (LAST_PUBLISHED, LAST_SINGLE)
            )
        self._latest = levels.SkuReading(
            snapshot.id, snapshot.started_at, snapshot.finished_at, counts=True
        )
        self._reading = Reading(snapshot.started_at, snapshot.finished_at)
        self.outcome = ListOutcome(policy.id)

    def run(self) -> None:
        """Read back, decide, write.

        Raises:
            ApiError: the storefront could not be read.
        """
        described = self._shop.inventory_list(self._policy.id)
        settled = self._settled(described)
        with self._engine.connect() as connection:
            published = stock.published(connection, self._policy.id)
        sample = self._model.stock.read_back_sample
        shown: Mapping[str, InventoryRecord | None] = {}
        if self._only is None:
            shown = read_back(
                self._engine, self._shelf, self._policy.id, published, sample, self._clock.now()
            )
        self.outcome.read_back = len(shown)
        self._note_drifts(published, shown)
        self._write(self._plan(described.on_order_enabled, settled, published, shown))
        with self._engine.begin() as connection:
            move_cursor(connection, f"{LAST_SINGLE}:{self._policy.id}", str(self._newest))
            if self._only is None:
                name = f"{LAST_PUBLISHED}:{self._policy.id}"
                move_cursor(connection, name, str(self._latest.snapshot))

    def _settled(self, described: InventoryList) -> datetime:
        settled = self._reading.started - timedelta(seconds=self._model.stock.settle_seconds)
        if described.on_order_enabled:
            return settled
        return all_known_until(
            self._engine, self._shop, self._policy.id, self._policy.sites, settled
        )

    def _note_drifts(
        self, published: Mapping[str, Published], shown: Mapping[str, InventoryRecord | None]
    ) -> None:
        found = drifted(published, shown)
        self.outcome.drifts = len(found)
        with self._engine.begin() as connection:
            already = stock.open_drifts(connection, self._policy.id)
            for sku in found:
                record = shown[sku]
                if sku not in already:
                    stock.record_drift(
                        connection,
                        list_id=self._policy.id,
                        sku=sku,
                        expected=published[sku].allocation,
                        shown=record.allocation if record else Decimal(0),
                        seen_at=self._clock.now(),
                    )

    def _plan(
        self,
        on_order: bool,
        settled: datetime,
        published: Mapping[str, Published],
        shown: Mapping[str, InventoryRecord | None],
    ) -> list[Push]:
        with self._engine.connect() as connection:
            available = levels.available(connection, self._policy.locations, self._only)
            skus = stock.sellable_skus(connection) or set(shown) | set(published)
            if levels.believed_count(connection) < 2:
                skus &= set(available)  # what one reading lacks may be there in the next
            skus -= levels.uncertain_skus(connection, self._policy.locations)
            if self._only is not None:
                skus &= set(self._only)
            ordered = _ordered(
                stock.orders_by_sku(
                    connection, self._policy.sites, self._reading.started - ORDERS_SINCE
                )
            )
            open_drifts = stock.open_drifts(connection, self._policy.id)
        self.outcome.skus = len(skus)
        pushes: list[Push] = []
        rises: dict[str, Decimal | None] = {}
        for sku in sorted(skus):
            record, drifts = shown.get(sku), sku in open_drifts
            if drifts and sku not in shown:
                record = self._shelf.inventory_record(self._policy.id, sku)
            state = SkuState(
                told=published.get(sku),
                drifts=drifts,
                shown_reset=record.reset_at if record else None,
                available=available.get(sku, Decimal(0)),
                orders=ordered.get(sku, []),
            )
            decision, reset_at = self._decide(sku, state, on_order, settled)
            if decision.publish is not None:
                push = Push(sku, decision.publish, reset_at, state.told, decision.rise_seen)
                pushes.append(push)
            elif state.told is not None and decision.rise_seen != state.told.rise_seen:
                rises[sku] = decision.rise_seen
            self.outcome.held += decision.rise_seen is not None
        with self._engine.begin() as connection:
            stock.save_rises(connection, self._policy.id, rises)
        return pushes

    def _decide(
        self, sku_id: str, sku: SkuState, on_order: bool, settled: datetime
    ) -> tuple[Decision, datetime]:
        """Whether to publish a SKU, and the reset date that goes with it."""
        read = self._readings.get(sku_id, self._latest)
        until = self._all_until if read is self._latest else self._some_until
        is_new = read.counts and read.snapshot > until
        told = sku.told
        prior = [at for at in (told.reset_at if told else None, sku.shown_reset) if at]
        reset_at = reset_date(settled, sku.orders, max(prior, default=None), on_order)
        wanted = allocation(
            sku.available,
            sku.orders,
            on_order=on_order,
            reading=Reading(read.started, read.finished),
            reset_at=reset_at,
            buffer=self._policy.buffer,
        )
        if told is None or sku.drifts:
            if not on_order and reset_at > cut(settled):
                self.outcome.held += 1  # an order that we do not know may lie before that date
                return Decision(None, told.rise_seen if told else None), reset_at
            return Decision(wanted.low), reset_at
        offered = implied_offer(
            told.allocation, told.reset_at, sku.orders, on_order=on_order, reset_at=reset_at
        )
        is_old = reset_at - told.reset_at > RENEWED_AFTER
        if is_old and offered in wanted and told.allocation not in wanted:
            return Decision(wanted.low), reset_at
        return (
            decide(wanted, offered, told.rise_seen, is_new_reading=is_new),
            reset_at,
        )

    def _write(self, pushes: list[Push]) -> None:
        """Send every push; one that fails stops none of the others.

        Raises:
            ApiError: the storefront lets us write nothing; what was told before is remembered.
        """
        by_sku = {push.sku: push for push in pushes}
        writer = writer_for(self._policy.writer, len(pushes), self._shop, self._clock)
        told: dict[str, Published] = {}
        try:
            for outcome in writer.write(self._policy.id, pushes):
                push = by_sku[outcome.sku]
                if isinstance(outcome, Told):
                    told[push.sku] = Published(outcome.allocation, outcome.reset_at, push.rise_seen)
                    self.outcome.moved.append(push)
                elif isinstance(outcome, Refusal):
                    self._refused(push, outcome)
                else:
                    self.outcome.failed += 1
                    log.warning("stock of %s waits: %s", push.sku, outcome.reason)
                if len(told) >= REMEMBERED_AT_ONCE:
                    self._remember(told)
                    told = {}
        finally:
            self._remember(told)

    def _remember(self, told: Mapping[str, Published]) -> None:
        now = self._clock.now()
        with self._engine.begin() as connection:
            stock.save_published(connection, self._policy.id, told, now)
            stock.correct_drifts(connection, self._policy.id, list(told), now)
            for subject in stock.open_subjects(connection, REFUSED):
                if subject in {self._subject(sku) for sku in told}:
                    close_items(connection, subject, now, "The storefront took the allocation.")

    def _refused(self, push: Push, refusal: Refusal) -> None:
        self.outcome.refused += 1
        finding = Finding(
            subject=self._subject(push.sku),
            code=REFUSED,
            sentence=(
                f"{self._policy.id} does not take the stock of {push.sku}: {refusal.reason}"
                " Compare the product and its inventory record in Business Manager."
            ),
            owner=self._model.owners.stock,
            expected=f"{push.allocation:f}",
        )
        with self._engine.begin() as connection:
            open_items(connection, [finding], self._clock.now())

    def _subject(self, sku: str) -> str:
        return f"stock:{self._policy.id}/{sku}"


def _ordered(rows: Mapping[str, Iterable[Any]]) -> dict[str, list[OrderedUnits]]:
    return {
        sku: [
            OrderedUnits(
                units=row.units,
                created_at=row.created_at,
                authorised_at=row.authorised_at,
                exported_at=row.exported_at,
                cancelled_by=row.cancelled_by,
            )
            for row in found
        ]
        for sku, found in rows.items()
    }
