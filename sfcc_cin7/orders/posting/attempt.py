"""One attempt at what was claimed: an order, or a batch of orders that become one sale.

    claim -> look -> book (create, authorise, prove, pay) -> acknowledge -> finish

What is the same for both is here, so that a failure, a lease, an item of the inbox and a word to
the storefront mean the same whichever way an order is posted. What differs is `order` and `batch`.
"""

import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection, Engine

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.inbox.inbox import close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.posting.booking import Booked, Booking
from sfcc_cin7.orders.posting.failures import Failures, Later, Stop
from sfcc_cin7.orders.posting.findings import findings
from sfcc_cin7.orders.posting.outage import Outages
from sfcc_cin7.orders.posting.redaction import redacted
from sfcc_cin7.orders.records.batches import BatchClaim
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.records.queue import Claim
from sfcc_cin7.orders.records.work import WorkQueue
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument
from sfcc_cin7.systems.http.errors import ApiError, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.states import BatchState, OrderState, State

REPORTED = 256
"""Characters that the storefront's external status holds."""
log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How an attempt ended: in a final state, with a person, or not yet."""

    ACKNOWLEDGED = OrderState.ACKNOWLEDGED
    IN_REVIEW = OrderState.IN_REVIEW
    CANCELLED = OrderState.CANCELLED
    DISSOLVED = BatchState.DISSOLVED
    POSTPONED = "postponed"
    """It is tried again later."""
    LOST = "lost"
    """Somebody else has taken it over."""


ClaimT = TypeVar("ClaimT", Claim, BatchClaim)


class Posting(ABC, Generic[ClaimT]):
    """Claims and posts. It holds nothing of what is posted: threads share it."""

    what: ClassVar[str]
    """What is posted, in a sentence for a person."""

    def __init__(
        self,
        engine: Engine,
        work: WorkQueue[ClaimT],
        shop: SfccClient,
        erp: Cin7Client,
        model: OperatingModel,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._work: WorkQueue[ClaimT] = work
        self._shop = shop
        self._model = model
        self._clock = clock
        self._booking = Booking(erp, work, model.posting.lease_seconds)
        self._outages = Outages(
            Circuits(engine, clock),
            {"cin7": erp.is_up, "sfcc": lambda: shop.is_up(model.sites[0].id)},
        )
        self._failures = Failures(self._outages, model.posting.most_attempts, chance)

    def claim(self, owner: str) -> ClaimT | None:
        """The next thing to post; None when none is due, or a system is down."""
        if not self._work.has_work() or not self._outages.admit():
            return None
        policy = self._model.posting
        return self._work.claim(owner, policy.lease_seconds, policy.near_promise_minutes)

    def post(self, claim: ClaimT) -> Outcome:
        """Take what was claimed as far as it goes now. Raises nothing that an order can cause."""
        try:
            return self._attempt(claim)
        except LeaseLost:
            return Outcome.LOST

    def _attempt(self, claim: ClaimT) -> Outcome:
        try:
            outcome = self._post(claim, self._site(claim))
        except Exception as error:
            match self._failures.of(error, claim, self.what):
                case Stop(reasons):
                    return self._stopped(claim, reasons)
                case Later() as later:
                    return self._again(claim, later)
        if outcome is not Outcome.POSTPONED:
            for system in ("cin7", "sfcc"):
                self._outages.answered(system)
        return outcome

    @abstractmethod
    def _post(self, claim: ClaimT, site: SitePolicy) -> Outcome:
        """From what the storefront shows now to the sale and its acknowledgement."""

    def _site(self, claim: ClaimT) -> SitePolicy:
        try:
            return self._model.site(claim.site)
        except ConfigurationError as error:  # a site that left the operating model
            raise NeedsPerson([Reason("site-unknown", str(error))]) from None

    def _book(
        self,
        claim: ClaimT,
        site: SitePolicy,
        sale: Sale,
        booked: Booked | None,
        orders: Sequence[Order],
    ) -> OrderDocument:
        """Go on from what is booked; no error quotes anything personal of these orders."""
        prepaid = site.prepayment == "before-authorisation"
        with redacted(*orders):
            return self._booking.book(claim, sale, booked, prepaid=prepaid)

    # The end of it

    def _tell(self, claim: ClaimT, site: SitePolicy, order_no: str, sale_number: str) -> datetime:
        """Acknowledge an order in the storefront, the export status last; when, at the earliest."""
        self._renew(claim)
        if site.report_status:
            self._shop.set_external_status(site.id, order_no, sale_number)
        exported_at = self._clock.now()  # before the call: earlier is the careful side for stock
        self._shop.set_export_status(site.id, order_no, "exported")
        return exported_at

    def _finish(self, claim: ClaimT, state: State, because: str, **columns: Any) -> None:
        """A final state. Nothing about it needs a person any more."""
        with self._engine.begin() as connection:
            self._work.finish(connection, claim, state, problem=None, **columns)
            close_items(connection, claim.key, self._clock.now(), because)

    def _stopped(self, claim: ClaimT, reasons: Sequence[Reason]) -> Outcome:
        """A person has to look."""
        codes = joined(reasons)
        with self._engine.begin() as connection:
            self._work.review(connection, claim, codes)
            self._file(connection, claim, claim.key, reasons)
        self._report(claim, self._orders_in_review(claim), codes)
        return Outcome.IN_REVIEW

    def _file(
        self, connection: Connection, claim: ClaimT, subject: str, reasons: Sequence[Reason]
    ) -> None:
        """These reasons, and no others, are why the order or sale waits."""
        now = self._clock.now()
        open_items(connection, findings(subject, claim.site, reasons, self._model.owners), now)
        kept = {reason.code for reason in reasons}
        close_items(connection, subject, now, "another reason now", keep=kept)

    @abstractmethod
    def _orders_in_review(self, claim: ClaimT) -> Collection[str]:
        """The numbers of the orders that wait with it."""

    def _report(self, claim: ClaimT, order_nos: Collection[str], codes: str) -> None:
        """Tell the storefront's agents; that they are not told must not change the outcome."""
        try:
            site = self._model.site(claim.site)
        except ConfigurationError:
            return
        if not site.report_status:
            return
        text = f"review: {codes}"[:REPORTED]
        for number in order_nos:
            try:
                self._shop.set_external_status(site.id, number, text)
            except ApiError as error:
                log.warning("%s: the review reason was not reported: %s", claim.key, error)
                if not isinstance(error, Refused):
                    return  # the others would fare no better, and a worker waits for each

    # Another time

    def _again(self, claim: ClaimT, later: Later) -> Outcome:
        at = self._work.retry_later(claim, later.delay, later.problem, later.counter)
        log.warning("%s is tried again at %s: %s", claim.key, at.isoformat(), later.problem)
        return Outcome.POSTPONED

    def _renew(self, claim: ClaimT) -> None:
        self._work.renew(claim, self._model.posting.lease_seconds)


def joined(reasons: Sequence[Reason]) -> str:
    """The codes of some reasons, each once."""
    return ", ".join(dict.fromkeys(reason.code for reason in reasons))
