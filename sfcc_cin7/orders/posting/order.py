"""Takes one claimed order as far as it goes now: read, translate, book, acknowledge.

The order is read anew, whatever a list said of it, and the ERP is looked at before anything is
written (see `booking`). The storefront learns last. An order that was posted before comes here
again when the storefront changed it: the same steps prove that the ERP still agrees, or say where
it does not.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.intake.row import as_received
from sfcc_cin7.orders.posting.attempt import Outcome, Posting
from sfcc_cin7.orders.posting.booking import Booked
from sfcc_cin7.orders.posting.cards import Cards
from sfcc_cin7.orders.posting.redaction import redacted
from sfcc_cin7.orders.posting.withdrawal import WITHDRAWN, Withdrawal
from sfcc_cin7.orders.records.queue import Claim, OrderQueue
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument
from sfcc_cin7.systems.http.errors import NotFound
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import OrderState


class OrderPosting(Posting[Claim]):
    """Posts orders, each as a sale of its own."""

    what = "order"

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
        super().__init__(engine, queue, shop, erp, model, clock, chance)
        self._queue = queue
        self._acceptance = Acceptance(engine, model.brand)
        self._cards = Cards(engine, erp, model.brand, clock)
        self._withdrawal = Withdrawal(queue, erp)

    def _post(self, claim: Claim, site: SitePolicy) -> Outcome:
        document = self._read(claim, site)
        if claim.batch_key is not None:
            number = self._withdrawal.standing(claim, document)
            if number is not None:
                return self._acknowledge(claim, site, number)
            claim = replace(claim, batch_key=None, authorised_at=None)
        cancelled = document.get("status") == "cancelled"
        lost = self._booking.lost(claim) is not None
        booked = self._look(claim, cancelled=cancelled)
        if cancelled:
            return self._cancelled(claim, booked)
        if booked is None and lost and site.consolidation is not None:
            raise NeedsPerson([Reason("perhaps-consolidated", _PERHAPS_CONSOLIDATED)])
        if booked is None and not self._was_withdrawn(claim):
            _check_released(document, site)
        accepted = self._acceptance.of(document, site)
        order = self._booked(claim, site, accepted, booked)
        duty = accepted.sale.duty
        return self._acknowledge(claim, site, order.sale_order_number, booked_duty=duty)

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

    def _was_withdrawn(self, claim: Claim) -> bool:
        """Whether it came back from a consolidated sale, as which it was exported, and has had no
        sale of its own since. An earlier attempt may have found that out."""
        return self._queue.last(claim.key, WITHDRAWN, *_AFTER_WITHDRAWAL) == WITHDRAWN

    # The sale

    def _booked(
        self, claim: Claim, site: SitePolicy, accepted: Accepted, booked: Booked | None
    ) -> OrderDocument:
        with redacted(accepted.order):
            sale = self._with_customer(claim, accepted, site)
        try:
            return self._book(claim, site, sale, booked, [accepted.order])
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

    def _acknowledge(
        self, claim: Claim, site: SitePolicy, sale_number: str, **booked: Decimal
    ) -> Outcome:
        exported_at = self._tell(claim, site, claim.order_no, sale_number)
        columns = {"exported_at": claim.exported_at or exported_at, **booked}
        self._finish(claim, OrderState.ACKNOWLEDGED, "posted", **columns)
        return Outcome.ACKNOWLEDGED

    def _cancelled(self, claim: Claim, booked: Booked | None) -> Outcome:
        if booked is not None and not booked.sale.returned:
            self._booking.void(claim, booked)
        self._finish(claim, OrderState.CANCELLED, "cancelled")
        return Outcome.CANCELLED

    def _orders_in_review(self, claim: Claim) -> list[str]:
        return [claim.order_no]


def _check_released(document: Mapping[str, Any], site: SitePolicy) -> None:
    """Raises NeedsPerson for an order without a sale that is not, or no longer, to be exported."""
    shown = str(document.get("exportStatus"))
    if shown == "exported":
        raise NeedsPerson([Reason("exported-without-sale", _EXPORTED_WITHOUT_SALE)])
    if shown != site.export_gate:
        raise NeedsPerson([Reason("not-released", _NOT_RELEASED, site.export_gate, shown)])


_AFTER_WITHDRAWAL = ("authorised", OrderState.CANCELLED)
"""Events of an order by which it is done with having been withdrawn."""
_MISSING = "The storefront no longer has this order: ask who deleted it."
_EXPORTED_WITHOUT_SALE = (
    "The storefront says that the order was exported, but not by us:"
    " find out whether the ERP has it."
)
_PERHAPS_CONSOLIDATED = (
    "The database was restored, and may have lost that this order is part of a consolidated sale:"
    " search its number in Cin7, and retry it only if no sale has it."
)
_NOT_RELEASED = "The storefront has not released this order for export."
