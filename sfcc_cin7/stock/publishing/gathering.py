"""Decides about a list's SKUs from what the store holds: those that something happened to, and on a
schedule all of them.

What can change a decision: a level that was read, an order that is on its way or changed lately, a
document of the ERP that took something, a rise or a failed write that waits, a drift, a write whose
outcome nobody knows, a SKU that was never published, or that came back or is of another category in
the catalogues, a rule that begins or ends, and the merchant's decisions themselves. The last two,
and time, call for a full pass.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Engine

from sfcc_cin7.db import levels
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import BackorderRule, InventoryListPolicy, KitPolicy
from sfcc_cin7.stock.deciding.allocation import OrderedUnits
from sfcc_cin7.stock.deciding.assemblies import Assembling
from sfcc_cin7.stock.deciding.backorders import NOTHING_COMES, BackorderRules, OnTheWay, Waiting
from sfcc_cin7.stock.deciding.offering import Offered, SkuState, offers_of
from sfcc_cin7.stock.deciding.old_readings import agrees, shown_from
from sfcc_cin7.stock.deciding.plan import ListState, Plan, plan
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.deciding.safety import Rules, changing_between
from sfcc_cin7.stock.reading.read_back import decided_all
from sfcc_cin7.stock.records import listed_skus, offers, trail
from sfcc_cin7.stock.records.backorders import waiting_units
from sfcc_cin7.stock.records.unplaced import unplaced_units
from sfcc_cin7.values.money import ZERO

ORDERS_SINCE = timedelta(hours=48)
CHANGED_LATELY = timedelta(minutes=15)
"""Longer than a reading takes and an order's change may stay unheard."""


@dataclass(frozen=True)
class Progress:
    """How far decisions about a list have come; `basis` stands for what the merchant decided.

    `snapshot` is the last reading of everything that was decided about.
    """

    snapshot: int
    full_at: datetime | None
    passed_at: datetime | None
    basis: str


Extent = Literal["some", "touched", "all"]
"""Whether certain SKUs were decided about, those that something happened to, or all."""


class ListDeciding:
    """Decides about one list. Readings and orders are read from the store when it is asked; our
    clock is `ahead` of the storefront's."""

    def __init__(
        self,
        engine: Engine,
        model: OperatingModel,
        policy: InventoryListPolicy,
        snapshot: Any,
        ahead: timedelta = timedelta(0),
    ) -> None:
        self._ahead = ahead
        self._engine = engine
        self._model = model
        self._policy = policy
        self._latest = levels.SkuReading(snapshot.id, snapshot.started_at, snapshot.finished_at)
        with engine.connect() as connection:  # readings before levels, which are never older
            self._readings = levels.readings(connection)
            assemblies = listed_skus.assemblies(connection)
        products = {sku: each for sku, each in assemblies.items() if sku not in self._kits}
        self._assembling = Assembling(products, model.stock.assembled_percent)
        self._recipes: dict[str, Mapping[str, Decimal]] = {
            **{name: each.components for name, each in self._kits.items()},
            **{name: each.components for name, each in products.items()},
        }

    def decide(
        self,
        where: ListState,
        shown_reset: Mapping[str, datetime],
        drifting: Collection[str],
        now: datetime,
        only: Collection[str] | None = None,
        rules_since: datetime | None = None,
    ) -> tuple[Plan, int, Extent]:
        """What to tell the list, about how many SKUs, and which these were.

        `shown_reset` are reset dates that the storefront was seen to hold, by SKU; `only` are SKUs
        that were read by themselves, and all that is decided about then. What rises by rules that
        began or ended after `rules_since` alone waits for no second reading.
        """
        with self._engine.connect() as connection:
            before = self._progress(connection)
            extent: Extent = "some"
            wanted: set[str] | None = set(only or ())
            if only is None:
                extent = "all" if self._is_full(before, now) else "touched"
                wanted = None if extent == "all" else self._touched(connection, before, drifting)
            skus = self._sellable(connection, wanted, shown_reset)
            if levels.believed_count(connection) < 2:
                # What one reading lacks may be there in the next: this was not everything.
                skus &= {*levels.available(connection, self._policy.locations), *self._kits}
                extent = "touched" if extent == "all" else extent
            related = self._sellable(connection, skus | self._related(skus), shown_reset)
            states = self._states(
                connection, related | self._components(related), shown_reset, drifting
            )
            if rules_since is not None:
                states = self._with_steadiness(connection, states)
        made = plan(
            states,
            where,
            self.rules(now),
            self._kits,
            self.backorder_rules(now),
            self._assembling,
            self.offers(states, rules_since) if rules_since else {},
        )
        made.pushes = [push for push in made.pushes if push.sku in related]
        return made, len(related), extent

    def states_of(
        self, sku: str, shown_reset: Mapping[str, datetime], drifting: Collection[str] = ()
    ) -> dict[str, SkuState]:
        """All that decides about one SKU, and about what it shares components with."""
        with self._engine.connect() as connection:
            related = {sku} | self._related({sku})
            return self._states(connection, related, shown_reset, drifting)

    def decided(self, extent: Extent, now: datetime) -> None:
        """Remember that all was sent, or is marked as waiting."""
        if extent == "some":
            return
        with self._engine.begin() as connection:
            move_cursor(connection, self._name("snapshot"), str(self._latest.snapshot))
            move_cursor(connection, self._name("passed"), now.isoformat())
            if extent == "all":
                move_cursor(connection, decided_all(self._policy.id), now.isoformat())
                move_cursor(connection, self._name("basis"), self._basis())

    @property
    def _age(self) -> timedelta:
        return timedelta(seconds=self._model.stock.availability_age)

    @property
    def _kits(self) -> dict[str, KitPolicy]:
        return self._model.stock.kits

    def offers(self, states: Mapping[str, SkuState], now: datetime) -> dict[str, Offered]:
        """What is to be offered of these SKUs, apart from what holds a change back."""
        backorders = self.backorder_rules(now)
        return offers_of(states, self.rules(now), self._kits, backorders, self._assembling)

    def components(self, sku: str) -> Mapping[str, Decimal] | None:
        """Units by SKU of which orders make what they lack of a product; None where none do."""
        assembly = self._assembling.products.get(sku)
        return assembly.components if assembly and assembly.is_made else None

    def rules(self, now: datetime) -> Rules:
        """What is held back in the list now."""
        return Rules(self._model.stock.rules, self._policy.id, self._policy.buffer, now)

    def backorder_rules(self, now: datetime) -> BackorderRules:
        """What may be backordered in the list now."""
        rules: list[BackorderRule] = self._model.stock.backorders
        if self._policy.writer.mode == "oci":  # which knows no preorders
            rules = [
                rule.model_copy(update={"handling": "backorder"})
                if rule.handling == "preorder"
                else rule
                for rule in rules
            ]
        return BackorderRules(rules, self._policy.id, now)

    def _is_full(self, before: Progress, now: datetime) -> bool:
        if before.full_at is None or before.passed_at is None or before.basis != self._basis():
            return True
        every = timedelta(minutes=self._model.stock.decide_all_minutes)
        if now - before.full_at >= every:
            return True
        rules = (*self._model.stock.rules, *self._model.stock.backorders)
        return bool(changing_between(rules, before.passed_at, now))

    def _touched(
        self, connection: Connection, before: Progress, drifting: Collection[str]
    ) -> set[str]:
        since = (before.passed_at or self._latest.started) - CHANGED_LATELY - self._age
        changed = levels.skus_changed_since(connection, before.snapshot, self._policy.locations)
        ordered = listed_skus.skus_ordered_since(connection, self._policy.sites, since)
        waiting = listed_skus.skus_waiting(connection, self._policy.id, self._kits)
        catalogue = listed_skus.skus_changed_in_catalogue(connection, since)
        taken = trail.skus_fallen(connection, self._policy.locations)
        unplaced = unplaced_units(connection, self._policy.sites)
        every = changed | ordered | waiting | catalogue | taken
        return every | set(drifting) | set(unplaced)

    def _sellable(
        self, connection: Connection, wanted: Collection[str] | None, shown: Collection[str]
    ) -> set[str]:
        """Of the wanted SKUs, or of all, those that may be published."""
        if listed_skus.is_catalogue_known(connection):
            sellable = listed_skus.sellable_skus(connection, wanted, self._kits)
            return sellable | self._lost(connection, wanted)
        every = offers.told_skus(connection, self._policy.id) | set(shown)
        return every if wanted is None else every & set(wanted)

    def _lost(self, connection: Connection, skus: Collection[str] | None) -> set[str]:
        """SKUs that were published and that the ERP has no more: no order of them can be booked."""
        return listed_skus.lost_skus(connection, self._policy.id, skus, self._kits)

    def _components(self, skus: Collection[str]) -> set[str]:
        """What else is needed to say how much of these can be made."""
        return (self._related(skus) | set(skus)) - set(skus) if self._recipes else set()

    def _related(self, skus: Collection[str]) -> set[str]:
        """The components of their kits, the kits of those, and again these kits' components; so
        with what the ERP assembles."""
        found: set[str] = set()
        more = set(skus)
        while more:
            together = [
                {name, *components}
                for name, components in self._recipes.items()
                if name in more or not more.isdisjoint(components)
            ]
            more = set().union(*together) - found
            found |= more
        return found

    def _states(
        self,
        connection: Connection,
        skus: Collection[str],
        shown_reset: Mapping[str, datetime],
        drifting: Collection[str],
    ) -> dict[str, SkuState]:
        available = levels.available(connection, self._policy.locations, skus)
        of_bills = {*self._assembling.products}.union(
            *(each.components for each in self._assembling.products.values())
        )
        available |= levels.made(connection, self._policy.locations, of_bills & set(skus))
        told = offers.published(connection, self._policy.id, skus)
        since = self._latest.started - ORDERS_SINCE
        unplaced = unplaced_units(connection, self._policy.sites, skus)  # before the orders
        ordered = ordered_units(
            listed_skus.orders_by_sku(connection, self._policy.sites, since, skus), self._ahead
        )
        decided = self._model.stock
        categories = (
            listed_skus.categories(connection, skus) if decided.rules or decided.backorders else {}
        )
        coming, waiting = self._on_the_way(connection, skus)
        doubtful = offers.doubtful(connection, self._policy.id, skus)
        falls = trail.falls(connection, self._policy.locations, skus)
        sold = listed_skus.sellable_skus(connection, skus, self._kits) if self._recipes else skus
        lost = self._lost(connection, skus)
        unknown = listed_skus.deprecated_skus(connection, skus)
        unknown |= levels.uncertain_skus(connection, self._policy.locations)
        return {
            sku: SkuState(
                available=(
                    ZERO if sku in lost else None if sku in unknown else available.get(sku, ZERO)
                ),
                read_at=self.read_at(sku),
                is_new_reading=self._confirms(sku, told.get(sku)),
                orders=[*ordered.get(sku, ()), *unplaced.get(sku, ())],
                told=told.get(sku),
                drifts=sku in drifting or sku in doubtful,
                shown_reset=max(
                    (held[sku] for held in (shown_reset, doubtful) if sku in held), default=None
                ),
                category=categories.get(sku),
                is_sold=sku in sold,
                coming=NOTHING_COMES if sku in lost else coming.get(sku, NOTHING_COMES),
                waiting=waiting.get(sku, ()),
                shows_from=self._shows_from(sku),
                shown_by=self.shown_by(sku),
                falls=falls.get(sku, ()),
            )
            for sku in skus
        }

    def _with_steadiness(
        self, connection: Connection, states: dict[str, SkuState]
    ) -> dict[str, SkuState]:
        """The same, with whether two readings agree on all that a SKU's units come of."""
        changed = levels.changed_at(connection, self._policy.locations, states)
        rise = timedelta(seconds=self._model.stock.rise_seconds)
        agreed = {
            sku
            for sku in states
            if sku not in changed or self._shows_from(sku) - changed[sku] >= rise
        }
        return {
            sku: replace(state, is_steady=self._made_of(sku) & states.keys() <= agreed)
            for sku, state in states.items()
        }

    def _on_the_way(
        self, connection: Connection, skus: Collection[str]
    ) -> tuple[dict[str, OnTheWay], dict[str, list[Waiting]]]:
        """What is on order of these SKUs, and what of it the ERP has promised; where rules ask."""
        decided = self._model.stock
        if not decided.backorders:
            return {}, {}
        found = levels.on_the_way(connection, self._policy.locations, skus)
        coming = {sku: OnTheWay(units, at) for sku, (units, at) in found.items()}
        if decided.backorders_shown == "as-allocated":
            return coming, {}
        behind = waiting_units(connection, self._policy.sites, skus)
        return coming, {
            sku: [Waiting(row.units, row.authorised_at) for row in rows]
            for sku, rows in behind.items()
        }

    def read_at(self, sku: str) -> datetime:
        """When the reading began that a SKU's levels are of."""
        return self._readings.get(sku, self._latest).started

    def shown_by(self, sku: str) -> datetime:
        """When the last of the readings began that show what a SKU has and is made of."""
        return max(self.read_at(each) for each in self._made_of(sku))

    def _shows_from(self, sku: str) -> datetime:
        return shown_from(self.read_at(sku), self._model.stock.availability_age)

    def _made_of(self, sku: str) -> set[str]:
        """A SKU, and what it is made of where it is a kit, or assembled."""
        return {sku, *self._recipes.get(sku, ())}

    def _confirms(self, sku: str, told: Published | None) -> bool:
        """Whether the SKU, and what it is made of, was read long enough after a rise was seen to
        agree on it."""
        first = told.rise_read_at if told else None
        shows_from = min(self._shows_from(each) for each in self._made_of(sku))
        return agrees(shows_from, first, self._model.stock.rise_seconds)

    def _progress(self, connection: Connection) -> Progress:
        full = cursor(connection, decided_all(self._policy.id))
        passed = cursor(connection, self._name("passed"))
        return Progress(
            snapshot=int(cursor(connection, self._name("snapshot")) or 0),
            full_at=datetime.fromisoformat(full) if full else None,
            passed_at=datetime.fromisoformat(passed) if passed else None,
            basis=cursor(connection, self._name("basis")) or "",
        )

    def _basis(self) -> str:
        decided = self._policy.model_dump_json() + self._model.stock.model_dump_json()
        return hashlib.sha256(decided.encode()).hexdigest()

    def _name(self, what: str) -> str:
        return f"stock.decided.{what}:{self._policy.id}"


def ordered_units(
    rows: Mapping[str, Iterable[Any]], ahead: timedelta = timedelta(0)
) -> dict[str, list[OrderedUnits]]:
    """The rows of `orders_by_sku` as decisions take them; our clock is `ahead` of the shop's."""
    return {
        sku: [
            OrderedUnits(
                row.units,
                row.created_at,
                authorised_at=row.authorised_at,
                exported_at=row.exported_at,
                cancelled_by=row.cancelled_by,
                booked=row.booked,
                ahead=ahead,
            )
            for row in found
        ]
        for sku, found in rows.items()
    }
