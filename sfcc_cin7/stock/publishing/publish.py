"""Tells the storefront what it may sell: reads back, decides, writes what changed, remembers it."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine

from sfcc_cin7.db import levels
from sfcc_cin7.db.locks import held
from sfcc_cin7.db.stock_passes import last_pass, passed
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import InventoryListPolicy
from sfcc_cin7.stock.deciding.drift import CORRECTED, Kind
from sfcc_cin7.stock.deciding.plan import RENEWED_AFTER, ListState, Push
from sfcc_cin7.stock.deciding.published import Published, Told
from sfcc_cin7.stock.publishing.clocks import SHOP, tell_of_clock
from sfcc_cin7.stock.publishing.gathering import ListDeciding
from sfcc_cin7.stock.publishing.guarding import ListGuard
from sfcc_cin7.stock.publishing.in_flight import in_flight
from sfcc_cin7.stock.publishing.outcome import ListOutcome, Outcome
from sfcc_cin7.stock.publishing.unplaced import all_accounted_until
from sfcc_cin7.stock.publishing.writers.factory import shelf_of, writer_for
from sfcc_cin7.stock.publishing.writers.writer import Done, Refusal
from sfcc_cin7.stock.reading.read_back import drifted, heed_restore, read_back
from sfcc_cin7.stock.records import drifts, listed_skus, offers
from sfcc_cin7.stock.records.publications import record_publications
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryList, InventoryRecord
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples
from sfcc_cin7.values.money import ZERO

REMEMBERED_AT_ONCE = 200
DRIFTS_LOOKED_AT = 50
"""Records that a pass asks for because they drift and are not read back in it, one call each: what
falls is published after them."""
REFUSED = "stock-refused"
ONE_PUBLISHER = "sfcc_cin7.publish_stock"
log = logging.getLogger(__name__)


def publish_stock(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    clock: Clock,
    only: Collection[str] | None = None,
    patience: timedelta | None = None,
    rules_since: datetime | None = None,
) -> Outcome:
    """Publish the latest reading of the ERP's stock, if it is believed, to every inventory list.

    `only` these SKUs, which were read by themselves, where given: nothing is read back then, and
    what fell of them is published even while the last reading of everything is not believed; what
    rises by rules that began or ended after `rules_since` waits for no second reading. A list that
    cannot be read or written, or is held, does not stop the others; its `problem` says why. One
    that cannot be read back is published all the same.

    Raises:
        Busy: somebody else publishes, for longer than `patience`; None waits for ever.
    """
    with held(engine, ONE_PUBLISHER, clock, patience):
        return _publish(engine, shop, model, clock, only, rules_since)


def _publish(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    clock: Clock,
    only: Collection[str] | None,
    rules_since: datetime | None,
) -> Outcome:
    with engine.connect() as connection:
        snapshot = levels.last_snapshot(connection)
    if snapshot is None:
        return Outcome([], "The ERP's stock has not been read yet: materialize cin7_stock.")
    falls_alone = False
    if not snapshot.believed:
        reason = f"The last reading is not believed: {snapshot.reason}"
        if only is None:
            return Outcome([], reason)
        with engine.connect() as connection:  # what was read by itself is as true as ever
            snapshot, falls_alone = levels.last_snapshot(connection, believed=True), True
        if snapshot is None:
            return Outcome([], reason)
    if clock.now() - snapshot.started_at > RENEWED_AFTER:
        return Outcome([], f"The last reading is of {snapshot.started_at}: read it again.")
    outcomes = []
    for policy in model.inventory_lists:
        began = clock.now()
        if only is None and not _is_due(engine, policy, began):
            continue
        if only is None:
            heed_restore(engine, clock, policy.id, model.stock)
        publisher = ListPublisher(
            engine, shop, model, policy, clock, snapshot, only, falls_alone=falls_alone
        )
        try:
            publisher.run(rules_since)
            if only is None and publisher.outcome.problem is None:
                with engine.begin() as connection:  # else it is due, and in the end told
                    passed(connection, policy.id, began)
        except ApiError as error:
            publisher.outcome.problem = str(error)
            log.warning("inventory list %s was not published: %s", policy.id, error)
        outcomes.append(publisher.outcome)
    return Outcome(outcomes)


def _is_due(engine: Engine, policy: InventoryListPolicy, now: datetime) -> bool:
    """Whether a pass over a whole list is due: one that failed is, at the next opportunity."""
    with engine.connect() as connection:
        last = last_pass(connection, policy.id)
    pause = timedelta(seconds=policy.publish_seconds)
    return last is None or now - last >= pause


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
        *,
        falls_alone: bool = False,
    ) -> None:
        self._falls_alone = falls_alone
        self._guard = ListGuard(engine, model, policy)
        self._engine = engine
        self._shop = shop
        self._shelf = shelf_of(policy.writer, shop)
        self._model = model
        self._policy = policy
        self._clock = clock
        self._snapshot = snapshot
        self._only = only
        self._sent: Mapping[str, Push] = {}
        self._ahead = timedelta(0)  # of the storefront's clock
        self.outcome = ListOutcome(policy.id)

    def run(self, rules_since: datetime | None = None) -> None:
        """Read back, decide, write; nothing where the systems mean something else by the list.

        Raises:
            ApiError: the storefront could not be read.
        """
        described = self._shop.inventory_list(self._policy.id)
        self._ahead = tell_of_clock(self._engine, self._model, SHOP, self._shop, self._clock.now())
        self.outcome.problem = self._guard.disagreement(described, self._clock.now())
        if self.outcome.problem is not None:
            log.error("inventory list %s is held: %s", self._policy.id, self.outcome.problem)
            return
        if self._only is None:
            self._guard.tell_of_endless(described, self._clock.now())
        where = ListState(described.on_order_enabled, self._settled(described))
        shown = self._read_back_if_possible(described) if self._only is None else {}
        deciding = ListDeciding(
            self._engine, self._model, self._policy, self._snapshot, self._ahead
        )
        resets = {sku: record.reset_at for sku, record in shown.items() if record}
        drifting = self._drifting(resets)
        now = self._clock.now()
        made, self.outcome.skus, extent = deciding.decide(
            where,
            {sku: at for sku, at in resets.items() if at},
            drifting,
            now,
            self._only,
            rules_since,
        )
        self.outcome.held = made.held
        self.outcome.unknown = made.unknown
        with self._engine.begin() as connection:
            rises = {sku: (rise, deciding.shown_by(sku)) for sku, rise in made.rises.items()}
            offers.save_rises(connection, self._policy.id, rises, now)
        self._write(self._allowed(made.pushes, now))
        sent = {push.sku for push in self.outcome.moved}
        with self._engine.begin() as connection:
            unsent = {
                push.sku: push.allocation + _units(push.backorder)
                for push in made.pushes
                if push.sku not in sent
            }
            offers.save_waiting(connection, self._policy.id, unsent, now)
            offers.save_rules(connection, self._policy.id, made.rules)
        deciding.decided(extent, now)

    def _allowed(self, pushes: list[Push], now: datetime) -> list[Push]:
        """What may be sent; the rest waits, and the list's problem says why."""
        if self._falls_alone:
            pushes = [push for push in pushes if push.change and push.change.is_fall]
        allowed, sentence = self._guard.checked(pushes, now, is_whole=self._only is None)
        if sentence is not None:
            self.outcome.problem = f"held: {sentence}"
            log.error("inventory list %s is held: %s", self._policy.id, sentence)
        return allowed

    def _read_back_if_possible(self, described: InventoryList) -> dict[str, InventoryRecord | None]:
        """What is offered too much is not left on sale because a record cannot be read."""
        try:
            return self._read_back(described)
        except ApiError as error:
            self.outcome.problem = f"not read back: {error}"
            log.warning("inventory list %s was not read back: %s", self._policy.id, error)
            return {}

    def _read_back(self, described: InventoryList) -> dict[str, InventoryRecord | None]:
        now = self._clock.now()
        found = read_back(self._engine, self._shelf, self._policy.id, self._model.stock, now)
        shown = found.shown
        self.outcome.read_back, self.outcome.left_to_read_back = len(shown), found.left
        with self._engine.begin() as connection:
            given_up = self._given_up(connection)
            told = offers.told(connection, self._policy.id, shown.keys() - given_up)
            differing = drifted(told, shown)
            self.outcome.drifts = len(differing)
            self._note_drifts(connection, differing, told, shown)
            if self._policy.writer.mode == "ocapi":
                as_told = {
                    sku: record
                    for sku, record in shown.items()
                    if record is not None and sku in told and sku not in differing
                }
                on_order = described.on_order_enabled
                flying = in_flight(
                    *(connection, self._policy.sites, told, as_told),
                    on_order=on_order,
                    ahead=self._ahead,
                )
                drifts.save_in_flight(connection, self._policy.id, shown, flying, now)
        return shown

    def _given_up(self, connection: Connection) -> Collection[str]:
        """SKUs that nobody sells any more: nothing of them is expected, nor waits, nor drifts."""
        if not listed_skus.is_catalogue_known(connection):
            return set()
        found = listed_skus.no_longer_sold(connection, self._policy.id, self._model.stock.kits)
        waiting = [sku for sku, waits in found.items() if waits]
        offers.stop_waiting(connection, self._policy.id, waiting)
        drifting = found.keys() & drifts.drifting_skus(connection, self._policy.id)
        for ours in (True, False):
            drifts.correct_drifts(
                connection, self._policy.id, drifting, self._clock.now(), ours=ours
            )
        return found.keys()

    def _note_drifts(
        self,
        connection: Connection,
        found: Mapping[str, Kind],
        told: Mapping[str, Told],
        shown: Mapping[str, InventoryRecord | None],
    ) -> None:
        """Record what was not known; what is not ours to correct is over when it is not seen."""
        now = self._clock.now()
        reported = drifts.reported_drifts(connection, self._policy.id, shown)
        over = [sku for sku, kind in reported.items() if found.get(sku) != kind]
        drifts.correct_drifts(connection, self._policy.id, over, now, ours=False)
        known = {*drifts.open_drifts(connection, self._policy.id), *reported} - {*over}
        for sku, kind in found.items():
            record = shown[sku]
            if sku not in known:
                drifts.record_drift(
                    connection,
                    list_id=self._policy.id,
                    sku=sku,
                    expected=told[sku].allocation + _units(told[sku].backorder),
                    shown=record.allocation + _units(record.backorder) if record else ZERO,
                    shown_reset_at=record.reset_at if record else None,
                    kind=kind,
                    ours=kind in CORRECTED,
                    seen_at=now,
                )

    def _drifting(self, resets: dict[str, datetime | None]) -> set[str]:
        """SKUs with an open drift; `resets` gets the reset dates of those that it lacks.

        Of these it looks at the longest unseen; the others wait for the passes that follow.
        """
        with self._engine.connect() as connection:
            known = drifts.open_drifts(connection, self._policy.id)
        drifting = [sku for sku in known if self._only is None or sku in self._only]
        unseen = [sku for sku in drifting if sku not in resets]
        looked_at, waiting = unseen[:DRIFTS_LOOKED_AT], unseen[DRIFTS_LOOKED_AT:]
        self.outcome.drifts_waiting = len(waiting)
        shown = {*drifting} - {*waiting}
        unshown = Examples()
        for sku in looked_at:
            try:
                record = self._shelf.inventory_record(self._policy.id, sku)
            except ApiError as error:  # it waits, the others do not
                unshown.add(f"{sku}: {error}")
                shown.discard(sku)
            else:
                resets[sku] = record.reset_at if record else None
        if unshown:
            log.warning("drifts of %s wait, of %s", self._policy.id, unshown)
        with self._engine.begin() as connection:
            offers.save_read_back(connection, self._policy.id, looked_at, self._clock.now())
        return shown

    def _settled(self, described: InventoryList) -> datetime:
        wait = timedelta(seconds=self._model.stock.settle_seconds)
        settled: datetime = self._snapshot.started_at - self._ahead - wait
        return all_accounted_until(
            *(self._engine, self._shop, self._model, self._policy, settled, self._clock.now()),
            on_order=described.on_order_enabled,
        )

    def _write(self, pushes: list[Push]) -> None:
        """Send every push; one that fails stops none of the others.

        Raises:
            ApiError: the storefront lets us write nothing; what was told before is remembered.
        """
        by_sku = {push.sku: push for push in pushes}
        with self._engine.begin() as connection:
            resets = {push.sku: push.reset_at for push in pushes if push.before is not None}
            offers.about_to_send(connection, self._policy.id, resets)
        writer = writer_for(self._policy.writer, len(pushes), self._shop, self._clock)
        told: dict[str, Published] = {}
        waiting = Examples()
        self._sent = by_sku
        try:
            for outcome in writer.write(self._policy.id, pushes):
                push = by_sku[outcome.sku]
                if isinstance(outcome, Done):
                    told[push.sku] = Published(
                        outcome.allocation,
                        outcome.reset_at,
                        push.rise_seen,
                        outcome.backorder,
                        push.rise_read_at,
                    )
                    self.outcome.moved.append(push)
                elif isinstance(outcome, Refusal):
                    self._refused(push, outcome)
                else:
                    self.outcome.failed += 1
                    waiting.add(f"{push.sku}: {outcome.reason}")
                if len(told) >= REMEMBERED_AT_ONCE:
                    self._remember(told)
                    told = {}
        finally:
            self._remember(told)
            if waiting:
                log.warning("stock of %s waits, of %s", self._policy.id, waiting)

    def _remember(self, told: Mapping[str, Published]) -> None:
        now = self._clock.now()
        with self._engine.begin() as connection:
            offers.save_published(connection, self._policy.id, told, now)
            rows = [
                (
                    *(sku, row.allocation, _units(row.backorder), row.reset_at),
                    *(self._sent[sku].read_at, self._sent[sku].available),
                    self._sent[sku].offered,
                )
                for sku, row in told.items()
            ]
            record_publications(connection, self._policy.id, rows, now)
            drifts.correct_drifts(connection, self._policy.id, list(told), now)
            for subject in listed_skus.open_subjects(connection, REFUSED):
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


def _units(backorder: Backorder | None) -> Decimal:
    return backorder.units if backorder else ZERO
