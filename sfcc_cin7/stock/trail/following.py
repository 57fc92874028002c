"""Follows the trail: documents lower offers at once, and say which SKUs to read.

A fall is believed from one witness, a document's lines; a rise never: that takes two readings, as
ever (docs/decisions/28).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.locks import held
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import NotForSalePolicy
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.records import hints, trail
from sfcc_cin7.stock.trail.effects import NOTHING, Effect, effects, fall
from sfcc_cin7.systems.cin7 import changes
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.kinds import SALE, DocumentKind
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

READER = "stock"
"""Under which name stock takes readings of documents."""
ONE_FOLLOWER = "sfcc_cin7.document_trail"
READING = timedelta(seconds=10)
"""How long a turn reads documents at most: the SKUs of those that were read are waiting."""
REMEMBERED = timedelta(minutes=15)
"""For how long a fall is decided about after readings surely show it: passes may be late."""

Place = tuple[str, str]
"""A SKU and a location."""


@dataclass
class Followed:
    """What a turn did: documents read, falls of SKUs believed at once, SKUs to read, and how many
    figures were published of the falls."""

    documents: int = 0
    falls: int = 0
    hinted: int = 0
    published: int = 0

    def add(self, turn: "Followed") -> None:
        """What another turn did, to this one's."""
        self.documents += turn.documents
        self.falls += turn.falls
        self.hinted += turn.hinted
        self.published += turn.published


def trail_is_due(engine: Engine, model: OperatingModel, clock: Clock) -> bool:
    """Whether there is something to look at; never while the trail is off, or before everything was
    read once."""
    if not model.stock.trail:
        return False
    with engine.connect() as connection:
        if last_snapshot(connection, believed=True) is None:
            return False
    return changes.stock_is_due(engine, clock)


def follow_trail(
    engine: Engine, erp: Cin7Client, shop: SfccClient, model: OperatingModel, clock: Clock
) -> Followed:
    """One turn: look at the lists, read documents, publish what they took, and ask for readings.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept.
        Busy: somebody else follows.
    """
    done = Followed()
    with held(engine, ONE_FOLLOWER, clock, timedelta(0)):
        turn = changes.follow_stock(engine, erp, *_ours(model), clock, READING)
        done.documents = turn.read
        fallen = _take(engine, model, clock, done)
    if fallen:
        outcome = publish_stock(engine, shop, model, clock, only=fallen)
        done.published = sum(len(row.moved) for row in outcome.lists)
    return done


def _ours(model: OperatingModel) -> tuple[str, datetime]:
    """What the reference of our sales begins with, and since when there are any."""
    return f"{model.brand}:", datetime.fromisoformat(model.first_day).replace(tzinfo=UTC)


def _take(engine: Engine, model: OperatingModel, clock: Clock, done: Followed) -> list[str]:
    """Take every reading of documents; the SKUs that something was taken of."""
    fallen: set[str] = set()
    hinted: set[str] = set()
    locations = {name for each in model.inventory_lists for name in each.locations}
    age = timedelta(seconds=model.stock.availability_age)
    for kind in (SALE, *changes.FOLLOWED):

        def take(connection: Connection, row: Row[Any], kind: DocumentKind = kind) -> None:
            moved, lost = _taken(connection, kind, row, model.stock.not_for_sale, clock.now())
            skus = {sku for sku, location in moved if location in locations}
            shown = clock.now() + age  # a reading that begins earlier may lack it
            hints.hint(connection, skus, hints.DOCUMENT, shown, shown)
            hinted.update(skus)
            fallen.update(sku for sku, location in lost if location in locations)

        erp_documents.take_readings(engine, kind.name, READER, take)
    with engine.begin() as connection:
        last = last_snapshot(connection, believed=True)
        if last is not None:
            trail.forget_falls(connection, last.started_at - age - REMEMBERED)
    done.hinted, done.falls = len(hinted), len(fallen)
    return sorted(fallen)


def _taken(
    connection: Connection,
    kind: DocumentKind,
    row: Row[Any],
    policy: NotForSalePolicy,
    now: datetime,
) -> tuple[set[Place], set[Place]]:
    """What a document moved otherwise than it was known to, and what it took of."""
    document = kind.document.model_validate_json(row.detail)
    found = effects(document, policy)
    named = trail.skus_of_products(connection, {goods.product_id for goods in found})
    after: dict[Place, Effect] = {}
    for goods, effect in found.items():
        place = (named.get(goods.product_id, goods.sku), goods.location)
        after[place] = after.get(place, NOTHING) + effect
    before = {
        (known.sku, known.location): Effect(known.least, known.most)
        for known in trail.effects_of(connection, kind.name, row.document_id)
    }
    is_ours = kind is SALE
    if is_ours and not before:
        before = _as_posted(connection, row.reference, after)
    trail.save_effects(
        connection,
        kind.name,
        row.document_id,
        {place: (effect.least, effect.most) for place, effect in after.items()},
    )
    moved = {p for p in {*before, *after} if before.get(p) != after.get(p)}
    taken = {place: fall(before.get(place, NOTHING), after.get(place, NOTHING)) for place in moved}
    falls = {place: units for place, units in taken.items() if units > 0}
    trail.save_falls(connection, kind.name, row.document_id, falls, now)
    return moved, set(falls)


def _as_posted(
    connection: Connection, order_key: str, after: Mapping[Place, Effect]
) -> dict[Place, Effect]:
    """What a sale of ours took when it was posted: its order counts that. Of a sale of several
    orders nobody knows it here: then it is taken to be as it is now."""
    booked = trail.booked_units(connection, order_key)
    places = {sku: location for sku, location in after}  # noqa: C416 - keys
    if not booked or not places:
        return dict(after)
    somewhere = next(iter(places.values()))  # a sale is of one location
    return {
        (sku, places.get(sku, somewhere)): Effect(-units, -units) for sku, units in booked.items()
    }
