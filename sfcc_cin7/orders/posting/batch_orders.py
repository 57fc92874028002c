"""The orders of a batch as the storefront shows them now, and which of them still fit together."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import NeedsPerson
from sfcc_cin7.orders.consolidation.grouping import Candidate, grouped, unfit
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.intake.row import as_received
from sfcc_cin7.orders.posting.booking import denied
from sfcc_cin7.orders.posting.outage import Outages
from sfcc_cin7.orders.records.batches import BatchClaim, BatchQueue
from sfcc_cin7.systems.http.errors import ApiError, NotFound, OutOfBudget, Throttled
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

log = logging.getLogger(__name__)


class Changed(Exception):
    """The orders of a batch cannot be the sale that was begun; the message says why."""


class Unfit(Exception):
    """One order cannot be part of the batch; the message says why."""


@dataclass(frozen=True)
class BatchOrder:
    """An order of a batch as it is now, and what it would be alone."""

    order: Order
    candidate: Candidate


class BatchReader:
    """Reads the orders of a batch anew, one storefront call each."""

    def __init__(
        self,
        engine: Engine,
        batches: BatchQueue,
        shop: SfccClient,
        model: OperatingModel,
        clock: Clock,
        outages: Outages,
    ) -> None:
        self._acceptance = Acceptance(engine, model.brand)
        self._batches = batches
        self._shop = shop
        self._model = model
        self._clock = clock
        self._outages = outages

    def read(self, claim: BatchClaim, site: SitePolicy, *, fixed: bool) -> list[BatchOrder]:
        """The orders of the sale, at least two.

        Unless membership is `fixed`, orders that do not fit are left out and posted alone.

        Raises:
            Changed: a fixed membership does not hold any more, or hardly anything is left of it.
            ApiError: an order could not be read, and may be later.
            ConfigurationError: the site's file of currency rates cannot be read.
        """
        read = []
        for row in self._batches.orders_of(claim.key):
            self._batches.renew(claim, self._model.posting.lease_seconds)
            try:
                read.append(self._order(claim, site, row, fixed=fixed))
            except Unfit as reason:
                self._leave_out(claim, row.order_key, str(reason), fixed=fixed)
        kept = self._together(claim, site, read, fixed=fixed)
        if len(kept) < 2:
            raise Changed("fewer than two orders are left of it")
        return kept

    def _order(
        self, claim: BatchClaim, site: SitePolicy, row: Row[Any], *, fixed: bool
    ) -> BatchOrder:
        document = self._document(site, row.order_no, fixed=fixed)
        order = as_received(self._model.brand, site, document, self._clock.now())
        if fixed and order.shown_version != row.taken_version:
            raise Unfit("it was changed in the storefront")
        if document.get("status") == "cancelled":
            raise Unfit("it was cancelled")
        if document.get("exportStatus") != site.export_gate:
            raise Unfit(f"its export status is {document.get('exportStatus')}")
        try:
            accepted = self._acceptance.of(document, site)
        except NeedsPerson as stop:
            raise Unfit(f"it cannot be booked: {stop}") from None
        except (SQLAlchemyError, ConfigurationError):  # nothing that an order could help
            raise
        except Exception as error:
            log.exception("%s could not be handled", row.order_key)
            raise Unfit(f"it could not be handled: {type(error).__name__}") from None
        self._batches.take_order(claim, order)
        candidate = Candidate(row.order_key, accepted.sale, len(accepted.order.shipments))
        return BatchOrder(accepted.order, candidate)

    def _document(self, site: SitePolicy, order_no: str, *, fixed: bool) -> dict[str, Any]:
        try:
            return self._shop.order(site.id, order_no, attempts=1)
        except NotFound:
            raise Unfit("the storefront no longer has it") from None
        except (Throttled, OutOfBudget):
            raise
        except ApiError as error:
            # Unless the storefront is down, this order has a trouble of its own.
            if fixed or denied(error) or self._outages.failed(error):
                raise
            raise Unfit(f"it could not be read: {error}") from None

    def _together(
        self, claim: BatchClaim, site: SitePolicy, read: list[BatchOrder], *, fixed: bool
    ) -> list[BatchOrder]:
        policy = site.consolidation
        if policy is None:
            raise Changed("its site does not consolidate any more")
        candidates = [each.candidate for each in read]
        for each in candidates:
            if reason := unfit(each, policy):
                self._leave_out(claim, each.order_key, reason, fixed=fixed)
        fit = [each for each in candidates if not unfit(each, policy)]
        groups = sorted(grouped(fit, policy), key=lambda group: -len(group.candidates))
        for group in groups[1:]:
            for each in group.candidates:
                reason = "it does not fit together with the others any more"
                self._leave_out(claim, each.order_key, reason, fixed=fixed)
        kept = {each.order_key for each in groups[0].candidates} if groups else set()
        return [each for each in read if each.candidate.order_key in kept]

    def _leave_out(self, claim: BatchClaim, order_key: str, because: str, *, fixed: bool) -> None:
        if fixed:
            raise Changed(f"{order_key}: {because}")
        self._batches.leave_out(claim, order_key, because)
