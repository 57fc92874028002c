"""Takes one batch of orders as far as it goes now: read each, merge, book, acknowledge each.

The sale is booked by the protocol of every sale (see `booking`). Orders that do not fit are left
out as long as nothing was sent; from the header on, who is part of the sale is fixed, and from the
authorisation on, what is. Any doubt before the sale is proved dissolves the batch: what the ERP has
of it is voided, and its orders are posted alone, so that one bad order costs the others one try.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row

from sfcc_cin7.inbox.inbox import close_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.model import Address, Order
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.consolidation.batching import Batching
from sfcc_cin7.orders.consolidation.grouping import Common, common, consolidated_sale, share_map
from sfcc_cin7.orders.posting.attempt import Outcome, Posting, joined
from sfcc_cin7.orders.posting.batch_orders import BatchReader, Changed
from sfcc_cin7.orders.posting.booking import CREATION, Booked
from sfcc_cin7.orders.posting.failures import Later, Stop
from sfcc_cin7.orders.records.batches import BatchClaim, BatchQueue
from sfcc_cin7.orders.records.queue import refusals_counted
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.shares import discrepancies
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import BatchState, OrderState

log = logging.getLogger(__name__)


class BatchPosting(Posting[BatchClaim]):
    """Posts orders together, each batch as one sale."""

    what = "sale"

    def __init__(
        self,
        engine: Engine,
        batches: BatchQueue,
        shop: SfccClient,
        erp: Cin7Client,
        model: OperatingModel,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(engine, batches, shop, erp, model, clock, chance)
        self._batches = batches
        self._batching = Batching(engine, batches, model)
        self._reader = BatchReader(engine, batches, shop, model, clock, self._outages)

    def claim(self, owner: str) -> BatchClaim | None:
        """Form the batches whose time has come; the next batch to post.

        None when none is due, or a system is down.
        """
        self._batching.form()
        return super().claim(owner)

    def _post(self, claim: BatchClaim, site: SitePolicy) -> Outcome:
        booked = self._look(claim)
        orders: Sequence[Order] = ()
        if booked is not None and booked.sale.authorised:
            sale = self._as_mapped(claim, site, booked)
        else:
            try:
                sale, orders = self._merged(claim, site, booked)
            except Changed as change:
                if booked is not None:
                    self._booking.void(claim, booked)
                return self._dissolve(claim, str(change))
        try:
            order = self._book(claim, site, sale, booked, orders)
        except NeedsPerson as stop:
            self._take_back(claim, stop)
            raise
        return self._acknowledge(claim, site, order.sale_order_number)

    # The sale

    def _look(self, claim: BatchClaim) -> Booked | None:
        try:
            return self._booking.look(claim)
        except NeedsPerson as stop:
            if [reason.code for reason in stop.reasons] != ["sale-voided"]:
                raise
            # Somebody voided the sale, but none of its orders was cancelled.
            self._batches.record(
                claim, "voided", {"by": "somebody"}, sale_id=None, sale_number=None,
                authorised_at=None,
            )  # fmt: skip
            raise

    def _merged(
        self, claim: BatchClaim, site: SitePolicy, booked: Booked | None
    ) -> tuple[Sale, list[Order]]:
        """The sale of all orders as the storefront shows them now, its map kept; and the orders.

        Raises:
            Changed: they cannot be one sale, or not the one whose header is already there.
        """
        read = self._reader.read(claim, site, fixed=booked is not None)
        candidates = [each.candidate for each in read]
        shares = share_map(claim.key, candidates, site.charges.rounding)
        if shares is None:
            raise Changed("no unit price comes near what its orders paid")
        sale = consolidated_sale(claim.key, site.id, shares, common(site, candidates[0].sale))
        if differences := list(discrepancies(sale, shares)):
            raise Changed("; ".join(differences))
        sales = {each.order_key: each.sale for each in candidates}
        money = {key: (own.total, own.tax, own.duty) for key, own in sales.items()}
        self._batches.save_shares(claim, shares, money)
        return sale, [each.order for each in read]

    def _as_mapped(self, claim: BatchClaim, site: SitePolicy, booked: Booked) -> Sale:
        """The sale that an earlier attempt authorised: what its map says, whatever came since."""
        shown = booked.sale.shipping_address
        alike = Common(
            customer=booked.sale.customer,
            location=booked.sale.location,
            currency=booked.sale.customer_currency or site.currency,
            currency_rate=booked.sale.currency_rate,  # of its day, whatever it is by now
            tax_inclusive=site.taxation == "gross",
            totals_with_tax=site.line_total == "with-tax",
            order_date=self._clock.now(),
            addressee=Address(
                name=shown.contact,
                company=shown.company,
                line1=shown.line1,
                line2=shown.line2,
                city=shown.city,
                state=shown.state,
                postcode=shown.postcode,
                country=shown.country,
                phone="",
            ),
            shipping_notes="",
        )
        shares = self._batches.shares(claim.key)
        return consolidated_sale(claim.key, site.id, shares, alike)

    def _take_back(self, claim: BatchClaim, stop: NeedsPerson) -> None:
        """Void a sale without any payment, the first of which was refused: alone, each order says
        why."""
        refused = any(reason.code == "payment-refused" for reason in stop.reasons)
        if not refused or self._batches.last(claim.key, "paid") is not None:
            return
        now = replace(claim, sale_id=self._batches.sale_id(claim.key))
        booked = self._booking.look(now)
        if booked is not None and not self._booking.is_paid(booked):
            self._booking.void(now, booked, stop.reasons)

    # The end of it

    def _acknowledge(self, claim: BatchClaim, site: SitePolicy, number: str) -> Outcome:
        """Tell the storefront, order by order; one that it refuses is the only one to wait."""
        again: Later | None = None
        for row in self._batches.orders_of(claim.key):
            if row.state != OrderState.BATCHED:
                continue
            try:
                exported_at = self._tell(claim, site, row.order_no, number)
            except ApiError as error:
                match self._failures.of(error, claim, "order"):
                    case Stop(reasons):
                        self._review_order(claim, row, reasons)
                    case Later() as later:
                        again = again or later
                        if later.counter == "throttled" or self._outages.lasts():
                            break  # the others would fare no better
            else:
                self._acknowledge_order(claim, row, exported_at)
        if again is not None:
            return self._again(claim, again)
        self._finish(claim, BatchState.ACKNOWLEDGED, "posted")
        return Outcome.ACKNOWLEDGED

    def _acknowledge_order(self, claim: BatchClaim, row: Row[Any], exported_at: datetime) -> None:
        with self._engine.begin() as connection:
            self._batches.settle(
                connection,
                claim,
                row.order_key,
                OrderState.ACKNOWLEDGED,
                {},
                exported_at=exported_at,
                problem=None,
            )
            close_items(connection, row.order_key, self._clock.now(), "posted")

    def _review_order(self, claim: BatchClaim, row: Row[Any], reasons: Sequence[Reason]) -> None:
        codes = joined(reasons)
        with self._engine.begin() as connection:
            self._batches.settle(
                connection,
                claim,
                row.order_key,
                OrderState.IN_REVIEW,
                {"codes": codes},
                problem=codes,
                **refusals_counted(codes),
            )
            self._file(connection, claim, row.order_key, reasons)
        self._report(claim, [row.order_no], codes)

    def _stopped(self, claim: BatchClaim, reasons: Sequence[Reason]) -> Outcome:
        """Dissolve the batch if nothing of it stands in the ERP; else a person has to look."""
        if self._nothing_stands(claim):
            return self._dissolve(claim, joined(reasons))
        return super()._stopped(claim, reasons)

    def _orders_in_review(self, claim: BatchClaim) -> list[str]:
        rows = self._batches.orders_of(claim.key)
        return [row.order_no for row in rows if row.state == OrderState.BATCHED]

    def _nothing_stands(self, claim: BatchClaim) -> bool:
        begun = self._batches.open_intent(claim.key, *CREATION)
        return begun is None and self._batches.sale_id(claim.key) is None

    def _dissolve(self, claim: BatchClaim, because: str) -> Outcome:
        log.warning("%s is dissolved: %s", claim.key, because)
        with self._engine.begin() as connection:
            self._batches.dissolve(connection, claim, because)
            close_items(connection, claim.key, self._clock.now(), "dissolved")
        return Outcome.DISSOLVED
