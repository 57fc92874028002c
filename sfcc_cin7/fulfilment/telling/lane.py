"""Tells storefronts what has left: one order after the other, each as far as it goes now.

    claim -> read the order -> tell what it does not show yet -> told

Every call tells the whole state, and is preceded by a look at the order; so whoever goes on after a
crash, or after a call that was not answered, sends nothing that is there already.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched
from sfcc_cin7.fulfilment.records.shipments import UNDONE, ShipmentQueue, Telling
from sfcc_cin7.fulfilment.telling.ways import ToTell, Undefined, Way, stage_shown, way_of
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.systems.http.errors import ApiError, Conflict, NotFound, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.states import Stage

REFUSED, UNDEFINED, CANCELLED = (
    "shipment-refused",
    "attribute-undefined",
    "shipped-though-cancelled",
)
FILED = (REFUSED, UNDEFINED, CANCELLED)
FIRST, LONGEST = timedelta(seconds=5), timedelta(minutes=15)
"""The wait after a failure: it doubles, with jitter, up to the longest."""
MENDED_WITHIN = timedelta(minutes=15)
"""How soon it is tried again after a person was asked."""
log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How an attempt ended."""

    TOLD = "told"
    NOT_TOLD = "nobody is told"
    LATER = "later"
    NEEDS_PERSON = "needs a person"
    LOST = "lost"


class ShipmentLane:
    """The lane as one process works in it. `chance` spreads attempts (0 to 1)."""

    def __init__(
        self,
        engine: Engine,
        queue: ShipmentQueue,
        shop: SfccClient,
        model: OperatingModel,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._shop = shop
        self._model = model
        self._clock = clock
        self._chance = chance

    def drain(self, owner: str, is_over: Callable[[], bool] = lambda: False) -> Counter[Outcome]:
        """Tell until nothing is due, or it `is_over`; how attempts ended."""
        done: Counter[Outcome] = Counter()
        seconds = self._model.shipments.lease_seconds
        while not is_over() and (telling := self._queue.claim(owner, seconds)) is not None:
            done[self.tell(telling)] += 1
        return done

    def tell(self, telling: Telling) -> Outcome:
        """Take one order as far as it goes now; raises nothing that an order can cause."""
        try:
            return self._attempt(telling)
        except LeaseLost:
            return Outcome.LOST

    def _attempt(self, telling: Telling) -> Outcome:
        try:
            site = self._model.site(telling.site)
            way = way_of(site, self._shop)
            if way is None:
                return self._finish(telling, telling.revision, Outcome.NOT_TOLD)
            document = self._shop.order(telling.site, telling.order_no, attempts=1)
            if telling.undone and (before := _known_instead(telling, way, document)) is not None:
                return self._not_told(telling, site, before)
            left = telling.wanted.stage > stage_shown(document)
            if left and _is_cancelled(document) and stage_shown(document) is Stage.NOT_SHIPPED:
                return self._person(telling, CANCELLED, _CANCELLED)
            what = ToTell(
                telling.order_no, telling.sale_number or "", telling.wanted, telling.revision
            )
            revision = way.tell(document, what, lambda number: self._send(telling, number))
        except Undefined as missing:
            return self._person(telling, UNDEFINED, _undefined(site, missing))
        except NotFound as error:
            return self._person(telling, REFUSED, f"The storefront has no such order: {error}")
        except Refused as error:
            if isinstance(error, Conflict) or error.status in (401, 403):
                return self._later(telling, error)
            return self._person(telling, REFUSED, f"The storefront refuses it: {error}")
        except (ApiError, ConfigurationError) as error:
            return self._later(telling, error)
        except (LeaseLost, SQLAlchemyError):  # nothing that an order could help
            raise
        except Exception as error:  # what we cannot handle must not stop the others
            log.error("%s cannot be told", telling.key, exc_info=error)
            return self._person(telling, REFUSED, _BEYOND_US.format(type(error).__name__))
        return self._finish(telling, revision, Outcome.TOLD)

    def _send(self, telling: Telling, revision: int) -> None:
        self._queue.send(telling, self._model.shipments.lease_seconds, revision)

    def _finish(self, telling: Telling, revision: int, outcome: Outcome) -> Outcome:
        with self._engine.begin() as connection:
            self._queue.told(connection, telling, revision)
            now = self._clock.now()
            close_items(connection, telling.key, now, "the storefront was told", only=FILED)
        return outcome

    def _not_told(self, telling: Telling, site: SitePolicy, before: Dispatched) -> Outcome:
        """A shipment was undone that the storefront does not show: that is not taken back."""
        with self._engine.begin() as connection:
            partial = site.fulfilment.partial
            if not self._queue.not_told(connection, telling, before, partial=partial):
                now, because = self._clock.now(), "the storefront does not show it"
                close_items(connection, telling.key, now, because, only=[UNDONE])
        return Outcome.NOT_TOLD

    def _later(self, telling: Telling, error: Exception) -> Outcome:
        longest = min(FIRST * 2 ** min(telling.failures, 10), LONGEST)
        delay = FIRST / 2 + self._chance() * (longest - FIRST / 2)
        at = self._queue.later(telling, delay, str(error))
        log.warning("%s is told again at %s: %s", telling.key, at.isoformat(), error)
        return Outcome.LATER

    def _person(self, telling: Telling, code: str, sentence: str) -> Outcome:
        """A person has to look; it is tried again meanwhile, and closes when it was told."""
        self._queue.later(telling, MENDED_WITHIN, code)
        with self._engine.begin() as connection:
            self._file(connection, telling, code, sentence)
        return Outcome.NEEDS_PERSON

    def _file(self, connection: Connection, telling: Telling, code: str, sentence: str) -> None:
        now = self._clock.now()
        finding = Finding(
            subject=telling.key,
            code=code,
            sentence=sentence,
            owner=owner_of(code, self._model.owners),
            site=telling.site,
        )
        open_items(connection, [finding], now)
        others: Sequence[str] = [each for each in FILED if each != code]
        close_items(connection, telling.key, now, "another reason now", only=others)


def _known_instead(telling: Telling, way: Way, document: dict[str, Any]) -> Dispatched | None:
    """What the storefront knows where it was not told all that was to be taken back; else None."""
    shown = stage_shown(document)
    if shown < telling.wanted.stage:
        return Dispatched(stage=shown)
    # The status may be the same without the call of which nobody heard: parcels tell.
    return telling.told if telling.unheard and way.shows(document, telling.told) else None


def _is_cancelled(document: dict[str, Any]) -> bool:
    return document.get("status") == "cancelled"


def _undefined(site: SitePolicy, missing: Undefined) -> str:
    return (
        f"The storefront keeps nothing of {missing.attribute}: define it for orders in Business"
        f" Manager, or name another in `fulfilment` of {site.id}."
    )


_BEYOND_US = "What has left cannot be told to the storefront ({}): report this."
_CANCELLED = (
    "Goods have left of an order that the storefront shows as cancelled: stop them, or take the"
    " cancellation back. Its shipping status is left alone."
)
