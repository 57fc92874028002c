"""Takes one claimed order as far as it goes now: read, translate, book, acknowledge.

The order is read anew, whatever a list said of it, and the ERP is looked at before anything is
written (see `booking`). The storefront learns last. An order that was posted before comes here
again when the storefront changed it: the same steps prove that the ERP still agrees, or say where
it does not.
"""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import Engine

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.inbox.inbox import close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.orders.document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.intake.row import as_received
from sfcc_cin7.orders.posting.booking import Booked, Booking
from sfcc_cin7.orders.posting.cards import Cards
from sfcc_cin7.orders.posting.discreet import about
from sfcc_cin7.orders.posting.findings import findings
from sfcc_cin7.orders.posting.membership import Membership
from sfcc_cin7.orders.posting.outage import Outages
from sfcc_cin7.orders.posting.troubles import Later, Stop, Troubles
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.records.queue import Claim, Counter, OrderQueue
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument
from sfcc_cin7.systems.http.errors import ApiError, NotFound
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

REPORTED = 256
"""Characters that the storefront's external status holds."""
log = logging.getLogger(__name__)

Outcome = Literal["acknowledged", "in_review", "cancelled", "postponed", "lost"]


class OrderPosting:
    """Everything that is needed to post orders. It holds nothing of any order: threads share it."""

    def __init__(
        self,
        engine: Engine,
        queue: OrderQueue,
        shop: SfccClient,
        erp: Cin7Client,
        model: OperatingModel,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._shop = shop
        self._booking = Booking(erp, queue, model.posting.lease_seconds)
        self._acceptance = Acceptance(engine, model.brand)
        self._cards = Cards(engine, erp, model.brand, clock)
        self._membership = Membership(queue, erp)
        self._outages = Outages(
            Circuits(engine, clock),
            {"cin7": erp.is_up, "sfcc": lambda: shop.is_up(model.sites[0].id)},
        )
        self._troubles = Troubles(self._outages, model.posting.most_attempts, chance)
        self._model = model
        self._clock = clock

    def claim(self, owner: str) -> Claim | None:
        """The next order to post; None when none is due, or a system is down."""
        if not self._queue.has_work() or not self._outages.admit():
            return None
        policy = self._model.posting
        return self._queue.claim(owner, policy.lease_seconds, policy.near_promise_minutes)

    def post(self, claim: Claim) -> Outcome:
        """Take a claimed order as far as it goes now. Raises nothing that an order can cause."""
        try:
            try:
                site = self._model.site(claim.site)
            except ConfigurationError as error:  # a site that left the operating model
                return self._to_review(claim, None, [Reason("site-unknown", str(error))])
            return self._attempt(claim, site)
        except LeaseLost:
            return "lost"

    def _attempt(self, claim: Claim, site: SitePolicy) -> Outcome:
        try:
            outcome = self._post(claim, site)
        except Exception as error:
            match self._troubles.of(error, claim, "order"):
                case Stop(reasons):
                    return self._to_review(claim, site, reasons)
                case Later() as later:
                    return self._again(claim, later)
        for system in ("cin7", "sfcc"):
            self._outages.answered(system)
        return outcome

    def _post(self, claim: Claim, site: SitePolicy) -> Outcome:
        document = self._read(claim, site)
        was_consolidated = claim.batch_key is not None
        if was_consolidated:
            number = self._membership.standing(claim, document)
            if number is not None:
                self._acknowledge(claim, site, number)
                return "acknowledged"
            claim = replace(claim, batch_key=None, authorised_at=None)
        cancelled = document.get("status") == "cancelled"
        booked = self._look(claim, cancelled=cancelled)
        if cancelled:
            return self._cancelled(claim, booked)
        if booked is None and not was_consolidated:
            _check_released(document, site)
        accepted = self._acceptance.of(document, site)
        with about(accepted.order):
            order = self._book(claim, site, accepted, booked)
        self._acknowledge(claim, site, order.sale_order_number)
        return "acknowledged"

    # Before anything is written

    def _read(self, claim: Claim, site: SitePolicy) -> dict[str, Any]:
        """The order as it is now: lists lag, and shoppers and agents change their minds."""
        try:
            document = self._shop.order(claim.site, claim.order_no, attempts=1)
        except NotFound:
            raise NeedsPerson([Reason("missing-in-storefront", _MISSING)]) from None
        received = as_received(self._model.brand, site, document, self._clock.now())
        self._queue.take_document(claim, received)
        return document

    def _look(self, claim: Claim, *, cancelled: bool) -> Booked | None:
        """What the ERP holds of the order; a cancelled one may well have been voided there."""
        try:
            return self._booking.look(claim)
        except NeedsPerson as stop:
            if cancelled and [reason.code for reason in stop.reasons] == ["sale-voided"]:
                return None
            raise

    def _book(
        self, claim: Claim, site: SitePolicy, accepted: Accepted, booked: Booked | None
    ) -> OrderDocument:
        sale = self._with_customer(claim, accepted, site)
        prepaid = site.prepayment == "before-authorisation"
        try:
            return self._booking.book(claim, sale, accepted.proof, booked, prepaid=prepaid)
        except NeedsPerson:
            self._cards.forget(sale.customer)  # it may be the card that was refused
            raise

    def _with_customer(self, claim: Claim, accepted: Accepted, site: SitePolicy) -> Sale:
        """The sale, booked to the shopper's card or to the customer that all shoppers share."""
        customer = self._cards.customer_for(accepted.order, site, renew=lambda: self._renew(claim))
        if not isinstance(customer, str):
            raise NeedsPerson(customer)
        return replace(accepted.sale, customer=customer)

    # The end of it

    def _acknowledge(self, claim: Claim, site: SitePolicy, sale_number: str) -> None:
        self._renew(claim)
        if site.report_status:
            self._shop.set_external_status(claim.site, claim.order_no, sale_number)
        exported_at = self._clock.now()  # before the call: earlier is the careful side for stock
        self._shop.set_export_status(claim.site, claim.order_no, "exported")
        with self._engine.begin() as connection:
            self._queue.finish(
                connection,
                claim,
                "acknowledged",
                exported_at=claim.exported_at or exported_at,
                problem=None,
            )
            close_items(connection, claim.key, self._clock.now(), "posted")

    def _cancelled(self, claim: Claim, booked: Booked | None) -> Outcome:
        if booked is not None and not booked.sale.returned:
            self._booking.void(claim, booked)
        with self._engine.begin() as connection:
            self._queue.finish(connection, claim, "cancelled", problem=None)
            close_items(connection, claim.key, self._clock.now(), "cancelled")
        return "cancelled"

    def _to_review(
        self, claim: Claim, site: SitePolicy | None, reasons: Sequence[Reason]
    ) -> Outcome:
        codes = ", ".join(dict.fromkeys(reason.code for reason in reasons))
        refused: Counter | None = "refused" if "refused" in codes else None
        now = self._clock.now()
        with self._engine.begin() as connection:
            self._queue.finish(
                connection, claim, "in_review", {"codes": codes}, counter=refused, problem=codes
            )
            waits = findings(claim.key, claim.site, reasons, self._model.owners)
            open_items(connection, waits, now)
            kept = {reason.code for reason in reasons}
            close_items(connection, claim.key, now, "another reason now", keep=kept)
        if site and site.report_status:
            self._report_review(claim, codes)
        return "in_review"

    def _report_review(self, claim: Claim, codes: str) -> None:
        """Tell the storefront's agents; that they are not told must not change the outcome."""
        try:
            text = f"review: {codes}"[:REPORTED]
            self._shop.set_external_status(claim.site, claim.order_no, text)
        except ApiError as error:
            log.warning("%s: the review reason was not reported: %s", claim.key, error)

    # Another time

    def _again(self, claim: Claim, later: Later) -> Outcome:
        at = self._queue.retry_later(claim, later.delay, later.problem, later.counter)
        log.warning("%s is tried again at %s: %s", claim.key, at.isoformat(), later.problem)
        return "postponed"

    def _renew(self, claim: Claim) -> None:
        self._queue.renew(claim, self._model.posting.lease_seconds)


def _check_released(document: Mapping[str, Any], site: SitePolicy) -> None:
    """Raises NeedsPerson for an order without a sale that is not, or no longer, to be exported."""
    shown = str(document.get("exportStatus"))
    if shown == "exported":
        raise NeedsPerson([Reason("exported-without-sale", _EXPORTED_WITHOUT_SALE)])
    if shown != site.export_gate:
        raise NeedsPerson([Reason("not-released", _NOT_RELEASED, site.export_gate, shown)])


_MISSING = "The storefront no longer has this order: ask who deleted it."
_EXPORTED_WITHOUT_SALE = (
    "The storefront says that the order was exported, but not by us:"
    " find out whether the ERP has it."
)
_NOT_RELEASED = "The storefront has not released this order for export."
