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
from typing import Any, Literal

from sqlalchemy import Engine, Row

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.orders.consolidation.forming import Forming
from sfcc_cin7.orders.consolidation.grouping import Common, common, consolidated_sale, share_map
from sfcc_cin7.orders.document.model import Address
from sfcc_cin7.orders.document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.posting.batch_orders import Changed, Members
from sfcc_cin7.orders.posting.booking import Booked, Booking, denied
from sfcc_cin7.orders.posting.findings import findings
from sfcc_cin7.orders.posting.membership import read_shares
from sfcc_cin7.orders.posting.outage import Outages
from sfcc_cin7.orders.posting.troubles import Later, Stop, Troubles
from sfcc_cin7.orders.records.batches import BatchClaim, BatchQueue
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.translation.proof import expect
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.shares import discrepancies
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, OutOfBudget, Throttled, Unavailable
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

BatchOutcome = Literal["acknowledged", "dissolved", "in_review", "postponed", "lost"]
log = logging.getLogger(__name__)


class Consolidation:
    """Everything that is needed to post orders together. Threads may share it."""

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
        self.forming = Forming(engine, batches, model)
        self._engine = engine
        self._batches = batches
        self._shop = shop
        self._booking = Booking(erp, batches, model.posting.lease_seconds)
        self._outages = Outages(
            Circuits(engine, clock),
            {"cin7": erp.is_up, "sfcc": lambda: shop.is_up(model.sites[0].id)},
        )
        self._members = Members(engine, batches, shop, model, clock, self._outages)
        self._troubles = Troubles(self._outages, model.posting.most_attempts, chance)
        self._model = model
        self._clock = clock

    def claim(self, owner: str) -> BatchClaim | None:
        """Form the batches whose time has come; the next batch to post.

        None when none is due, or a system is down.
        """
        self.forming.form()
        if not self._batches.has_batches() or not self._outages.admit():
            return None
        return self._batches.claim(owner, self._model.posting.lease_seconds)

    def post(self, claim: BatchClaim) -> BatchOutcome:
        """Take a claimed batch as far as it goes now. Raises nothing that an order can cause."""
        try:
            return self._attempt(claim)
        except LeaseLost:
            return "lost"

    def _attempt(self, claim: BatchClaim) -> BatchOutcome:
        try:
            return self._post(claim)
        except Exception as error:
            match self._troubles.of(error, claim, "sale"):
                case Stop(reasons):
                    return self._stopped(claim, reasons)
                case Later() as later:
                    return self._again(claim, later)

    def _post(self, claim: BatchClaim) -> BatchOutcome:
        booked = self._look(claim)
        site = self._site(claim)
        if booked is not None and booked.sale.authorised:
            sale = self._as_mapped(claim, site, booked)
        else:
            try:
                sale = self._merged(claim, site, booked)
            except Changed as change:
                if booked is not None:
                    self._booking.void(claim, booked)
                return self._dissolve(claim, str(change))
        try:
            order = self._booking.book(
                claim,
                sale,
                expect(sale),
                booked,
                prepaid=site.prepayment == "before-authorisation",
            )
        except NeedsPerson as stop:
            self._take_back(claim, stop)
            raise
        return self._acknowledge(claim, site, order.sale_order_number)

    # The sale

    def _site(self, claim: BatchClaim) -> SitePolicy:
        try:
            return self._model.site(claim.site)
        except ConfigurationError as error:  # a site that left the operating model
            raise NeedsPerson([Reason("site-unknown", str(error))]) from None

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

    def _merged(self, claim: BatchClaim, site: SitePolicy, booked: Booked | None) -> Sale:
        """The sale of all orders as the storefront shows them now, its map kept.

        Raises:
            Changed: they cannot be one sale, or not the one whose header is already there.
        """
        members = self._members.read(claim, site, fixed=booked is not None)
        shares = share_map(claim.key, members, site.charges.rounding)
        if shares is None:
            raise Changed("no unit price comes near what its orders paid")
        sale = consolidated_sale(claim.key, site.id, shares, common(site, members[0].sale))
        if differences := list(discrepancies(sale, shares)):
            raise Changed("; ".join(differences))
        money = {each.order_key: (each.sale.total, each.sale.tax) for each in members}
        self._batches.save_shares(claim, [vars(share) for share in shares], money)
        return sale

    def _as_mapped(self, claim: BatchClaim, site: SitePolicy, booked: Booked) -> Sale:
        """The sale that an earlier attempt authorised: what its map says, whatever came since."""
        shown = booked.sale.shipping_address
        alike = Common(
            customer=booked.sale.customer,
            location=booked.sale.location,
            currency=site.currency,
            currency_rate=site.currency_rate,
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
        shares = read_shares(self._batches, claim.key)
        return consolidated_sale(claim.key, site.id, shares, alike)

    def _take_back(self, claim: BatchClaim, stop: NeedsPerson) -> None:
        """Void a sale of which the first payment was refused: alone, each order says why."""
        refused = any(reason.code == "payment-refused" for reason in stop.reasons)
        if not refused or self._batches.last(claim.key, "paid") is not None:
            return
        now = replace(claim, sale_id=self._batches.sale_id(claim.key))
        booked = self._booking.look(now)
        if booked is not None:
            self._booking.void(now, booked)

    # The end of it

    def _acknowledge(self, claim: BatchClaim, site: SitePolicy, number: str) -> BatchOutcome:
        """Tell the storefront, order by order; one that it refuses is the only one to wait."""
        stuck: list[tuple[Row[Any], ApiError]] = []
        for row in self._batches.members(claim.key):
            if row.state != "batched":
                continue
            try:
                self._tell(claim, site, row, number)
            except (Throttled, OutOfBudget):
                raise
            except (Ambiguous, Unavailable) as error:
                if self._outages.failed(error):
                    raise
                stuck.append((row, error))
            except ApiError as error:
                if denied(error):
                    raise
                self._review_order(claim, row.order_key, Reason("refused", str(error)))
        if stuck and claim.unavailable + 1 < self._model.posting.most_attempts:
            raise stuck[0][1]
        for row, failure in stuck:
            self._review_order(claim, row.order_key, Reason("keeps-failing", str(failure)))
        with self._engine.begin() as connection:
            self._batches.finish(connection, claim, "acknowledged", problem=None)
            close_items(connection, claim.key, self._clock.now(), "posted")
        return "acknowledged"

    def _tell(self, claim: BatchClaim, site: SitePolicy, row: Row[Any], number: str) -> None:
        self._renew(claim)
        if site.report_status:
            self._shop.set_external_status(site.id, row.order_no, number)
        exported_at = self._clock.now()  # before the call: earlier is the careful side for stock
        self._shop.set_export_status(site.id, row.order_no, "exported")
        self._batches.settle(
            claim, row.order_key, "acknowledged", {}, exported_at=exported_at, problem=None
        )

    def _stopped(self, claim: BatchClaim, reasons: Sequence[Reason]) -> BatchOutcome:
        """Dissolve the batch if nothing of it stands in the ERP; else a person has to look."""
        codes = ", ".join(dict.fromkeys(reason.code for reason in reasons))
        if self._nothing_stands(claim):
            return self._dissolve(claim, codes)
        now = self._clock.now()
        with self._engine.begin() as connection:
            self._batches.finish(connection, claim, "in_review", {"codes": codes}, problem=codes)
            open_items(connection, self._findings(claim, claim.key, reasons), now)
            kept = {reason.code for reason in reasons}
            close_items(connection, claim.key, now, "another reason now", keep=kept)
        return "in_review"

    def _nothing_stands(self, claim: BatchClaim) -> bool:
        begun = self._batches.open_intent(claim.key, "creating", "create-refused", "voided")
        return begun is None and self._batches.sale_id(claim.key) is None

    def _dissolve(self, claim: BatchClaim, because: str) -> BatchOutcome:
        log.warning("%s is dissolved: %s", claim.key, because)
        self._batches.dissolve(claim, because)
        with self._engine.begin() as connection:
            close_items(connection, claim.key, self._clock.now(), "dissolved")
        return "dissolved"

    def _review_order(self, claim: BatchClaim, order_key: str, reason: Reason) -> None:
        self._renew(claim)
        with self._engine.begin() as connection:
            open_items(connection, self._findings(claim, order_key, [reason]), self._clock.now())
        about = {"codes": reason.code}
        self._batches.settle(claim, order_key, "in_review", about, problem=reason.code)

    def _findings(
        self, claim: BatchClaim, subject: str, reasons: Sequence[Reason]
    ) -> list[Finding]:
        return findings(subject, claim.site, reasons, self._model.owners)

    # Another time

    def _again(self, claim: BatchClaim, later: Later) -> BatchOutcome:
        unavailable = later.counter == "unavailable"
        at = self._batches.retry_later(claim, later.delay, later.problem, unavailable=unavailable)
        log.warning("%s is tried again at %s: %s", claim.key, at.isoformat(), later.problem)
        return "postponed"

    def _renew(self, claim: BatchClaim) -> None:
        self._batches.renew(claim, self._model.posting.lease_seconds)
