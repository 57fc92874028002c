"""Posts one claimed order, so that whatever crashes, times out or repeats, it is booked once.

    read -> translate -> create (header) -> authorise (lines) -> prove -> pay -> acknowledge

Each step first renews the lease and is recorded when it is done. A step whose outcome is not known
is never repeated blind: the order goes back to the queue, and the next attempt looks at what the
ERP holds and goes on from the step that is missing. The storefront learns last.
"""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.cin7.client import Cin7Client
from sfcc_cin7.cin7.documents import OrderDocument
from sfcc_cin7.clock import Clock
from sfcc_cin7.http.errors import Ambiguous, ApiError, NotFound, Refused, Throttled, Unavailable
from sfcc_cin7.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.orders import sale_documents
from sfcc_cin7.orders.model import MalformedOrder, parse_order
from sfcc_cin7.orders.proof import backordered, mismatches
from sfcc_cin7.orders.reason import Reason
from sfcc_cin7.orders.receiving import Receiver
from sfcc_cin7.orders.sale import Sale
from sfcc_cin7.orders.text import fit
from sfcc_cin7.orders.translate import Accepted, Rejected, translate
from sfcc_cin7.problems import ConfigurationError
from sfcc_cin7.review.inbox import Finding, close_items, open_items
from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.store.catalogue import known_tax_rules, unknown_skus
from sfcc_cin7.store.orders import Claim, LeaseLost, OrderQueue, save_sale

LISTING_SETTLES = timedelta(seconds=180 + 150)
"""How long after its beginning a write may be invisible although it happened: a listing was seen to
lag by about three minutes, and the call itself may wait for a slot and then for its answer."""
FIRST_LOOK = 10.0
LONGEST_BACKOFF = 900.0
LONGEST_WORDS = 2000
"""Characters of a reason that the inbox keeps."""
REPORTED = 256
"""Characters that the storefront's external status holds."""
log = logging.getLogger(__name__)

Outcome = Literal["acknowledged", "in_review", "cancelled", "postponed", "lost"]


class _Stop(Exception):
    """The order cannot be booked as it is; a person has to look."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class _Booked:
    """A sale that the ERP holds: its id, and its order part where there is one."""

    sale_id: str
    order: OrderDocument | None
    resumed: bool
    currency: str


class OrderPosting:
    """Everything that is needed to post orders; used by one worker at a time."""

    def __init__(
        self,
        engine: Engine,
        queue: OrderQueue,
        shop: SfccClient,
        erp: Cin7Client,
        receiver: Receiver,
        model: OperatingModel,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._shop = shop
        self._erp = erp
        self._receiver = receiver
        self._model = model
        self._clock = clock
        self._jitter = jitter

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
            return self._post(claim, site)
        except _Stop as stop:
            return self._to_review(claim, site, stop.reasons)
        except (Ambiguous, Unavailable, Throttled) as error:
            return self._postpone(claim, str(error), throttled=isinstance(error, Throttled))
        except ApiError as error:
            if _denied(error):
                return self._postpone(claim, str(error), throttled=False)
            return self._to_review(claim, site, [Reason("refused", str(error))])
        except (LeaseLost, SQLAlchemyError):
            raise
        except Exception as error:  # one order that we cannot handle must not stop the others
            log.exception("%s could not be handled", claim.order_key)
            sentence = f"The order could not be handled ({type(error).__name__}): report this."
            return self._to_review(claim, site, [Reason("internal-error", sentence)])

    def _post(self, claim: Claim, site: SitePolicy) -> Outcome:
        document = self._read(claim, site)
        cancelled = document["status"] == "cancelled"
        booked = self._look(claim, cancelled=cancelled)
        if cancelled:
            return self._cancelled(claim, booked)
        if booked is None and document.get("exportStatus") == "exported":
            raise _Stop([Reason("exported-without-sale", _EXPORTED_WITHOUT_SALE)])
        if booked is None and document.get("exportStatus") != site.export_gate:
            shown = str(document.get("exportStatus"))
            raise _Stop([Reason("not-released", _NOT_RELEASED, site.export_gate, shown)])
        accepted = self._translate(document, site)
        sale = accepted.sale
        if booked is None:
            booked = self._create(claim, sale)
        if site.prepayment == "before-authorisation":
            self._pay(claim, sale, booked)
        order = booked.order if _is_authorised(booked.order) else None
        if order is None:
            order = self._authorise(claim, sale, booked)
        self._prove(claim, accepted, booked, order)
        if site.prepayment == "after-authorisation":
            self._pay(claim, sale, booked)
        self._acknowledge(claim, site, order)
        return "acknowledged"

    # Before anything is written

    def _read(self, claim: Claim, site: SitePolicy) -> dict[str, Any]:
        """The order as it is now: lists lag, and shoppers and agents change their minds."""
        try:
            document = self._shop.order(claim.site, claim.order_no)
        except NotFound:
            raise _Stop([Reason("missing-in-storefront", _MISSING_IN_STOREFRONT)]) from None
        received = self._receiver.as_received(site, document)
        self._queue.take_document(claim, received, status_only=claim.authorised_at is not None)
        return document

    def _look(self, claim: Claim, *, cancelled: bool) -> _Booked | None:
        """What the ERP already holds of this order; a fresh order costs no call."""
        sale_id = claim.sale_id
        if sale_id is None:
            began = self._queue.open_intent(claim.order_key)
            if began is None:
                return None
            sale_id = self._find(claim, began)
            if sale_id is None:
                return None
        sale = self._erp.sale(sale_id)
        if sale.status == "VOIDED":
            if self._queue.last(claim.order_key, "voiding", "voided") == "voiding":
                self._forget(claim, sale_id)  # our own void, whose answer was lost
                return None
            if cancelled:
                return None
            raise _Stop([Reason("sale-voided", f"Sale {claim.sale_number or ''} was voided.")])
        return _Booked(sale.id, sale.order, resumed=True, currency=sale.customer_currency)

    def _find(self, claim: Claim, began: datetime) -> str | None:
        """The sale that an earlier attempt may have created, by its ExternalID."""
        rows = [
            row for row in self._erp.sales(external_id=claim.order_key) if row.status != "VOIDED"
        ]
        if len(rows) > 1:
            numbers = ", ".join(row.order_number for row in rows)
            raise _Stop([Reason("duplicate-sale", _DUPLICATE_SALE, "1 sale", numbers)])
        if rows:
            self._queue.record(claim, "found", sale_id=rows[0].sale_id)
            return rows[0].sale_id
        if self._clock.now() < began + LISTING_SETTLES:
            raise Unavailable(
                "cin7", "GET /saleList", None, "the sale is not listed, but may be soon"
            )
        self._queue.record(claim, "create-refused", {"because": "never listed"})
        return None

    def _translate(self, document: Mapping[str, Any], site: SitePolicy) -> Accepted:
        with self._engine.connect() as connection:
            rules = known_tax_rules(connection)
        try:
            result = translate(parse_order(document), site, self._model.brand, rules)
        except MalformedOrder as error:
            raise _Stop([error.reason]) from None
        if isinstance(result, Rejected):
            raise _Stop(result.reasons)
        with self._engine.connect() as connection:
            unknown = unknown_skus(connection, {line.sku for line in result.sale.lines})
        if unknown:
            raise _Stop(
                [
                    Reason("sku-unknown", f"The ERP has no product {sku}: create it there.", sku)
                    for sku in sorted(unknown)
                ]
            )
        return result

    # Writing to the ERP

    def _create(self, claim: Claim, sale: Sale) -> _Booked:
        self._renew(claim)
        self._queue.record(claim, "creating")
        try:
            created = self._erp.create_sale(sale_documents.header(sale))
        except Ambiguous:
            raise
        except (Throttled, Unavailable):
            self._queue.record(claim, "create-refused", {"because": "not sent"})
            raise
        except Refused as error:
            self._queue.record(claim, "create-refused", {"because": "refused"})
            if _denied(error):
                raise
            raise _Stop([Reason("erp-refused", str(error))]) from None
        self._queue.record(claim, "created", {"sale": created.id}, sale_id=created.id)
        return _Booked(created.id, None, resumed=False, currency=created.customer_currency)

    def _authorise(self, claim: Claim, sale: Sale, booked: _Booked) -> OrderDocument:
        self._renew(claim)
        try:
            return self._erp.save_order(sale_documents.order(sale, booked.sale_id))
        except Refused as error:
            if _denied(error):
                raise
            self._void(claim, booked.sale_id)
            raise _Stop([Reason("erp-refused", str(error))]) from None

    def _prove(
        self, claim: Claim, accepted: Accepted, booked: _Booked, order: OrderDocument
    ) -> None:
        answered = order.model_dump(by_alias=True)
        differences = mismatches(accepted.proof, answered)
        if booked.currency and booked.currency != accepted.sale.currency:
            sentence = "Cin7 booked the sale in another currency: see the customer's card."
            wanted = accepted.sale.currency
            differences.append(Reason("erp-currency-mismatch", sentence, wanted, booked.currency))
        if differences:
            if booked.resumed and (claim.authorised_at or order.status != "AUTHORISED"):
                raise _Stop([Reason("changed-after-posting", _CHANGED), *differences])
            self._void(claim, booked.sale_id)
            raise _Stop(differences)
        short = backordered(answered)
        now = self._clock.now()
        with self._engine.begin() as connection:
            self._queue.record_in(
                connection,
                claim,
                "authorised",
                {"sale": order.sale_order_number, "short": {k: str(v) for k, v in short.items()}},
                sale_number=order.sale_order_number,
                sale_total=order.total,
                sale_tax=order.tax,
                authorised_at=claim.authorised_at or now,
            )
            self._save_sale(connection, claim, accepted.sale, booked.sale_id, order, short, now)

    def _save_sale(
        self,
        connection: Connection,
        claim: Claim,
        sale: Sale,
        sale_id: str,
        order: OrderDocument,
        short: Mapping[str, Decimal],
        now: datetime,
    ) -> None:
        save_sale(
            connection,
            {
                "sale_id": sale_id,
                "external_id": claim.order_key,
                "order_number": order.sale_order_number,
                "status": "BACKORDERED" if short else "ORDERED",
                "order_status": order.status,
                "currency": sale.currency,
                "total": order.total,
                "tax": order.tax,
                "backordered": sum(short.values(), Decimal(0)),
                "updated": now,
                "read_at": now,
            },
        )

    def _pay(self, claim: Claim, sale: Sale, booked: _Booked) -> None:
        if not sale.payments:
            return
        booked_already = (
            {payment.reference for payment in self._erp.payments(booked.sale_id)}
            if booked.resumed
            else set()
        )
        for payment in sale.payments:
            if payment.reference in booked_already:
                continue
            began = self._queue.last_at(claim.order_key, "paying") if booked.resumed else None
            if began is not None and self._clock.now() < began + LISTING_SETTLES:
                raise Unavailable("cin7", "GET /sale/payment", None, "may be booked soon")
            self._renew(claim)
            self._queue.record(claim, "paying", {"payment": payment.reference})
            body = sale_documents.payment(sale, payment, booked.sale_id, self._clock.now())
            try:
                self._erp.add_payment(body)
            except Refused as error:
                if _denied(error):
                    raise
                raise _Stop([Reason("payment-refused", str(error))]) from None
            self._queue.record(claim, "paid", {"payment": payment.reference})

    def _void(self, claim: Claim, sale_id: str) -> None:
        self._renew(claim)
        self._queue.record(claim, "voiding", {"sale": sale_id})
        self._erp.void_sale(sale_id)
        self._forget(claim, sale_id)

    def _forget(self, claim: Claim, sale_id: str) -> None:
        self._queue.record(
            claim, "voided", {"sale": sale_id}, sale_id=None, sale_number=None, authorised_at=None
        )

    def _renew(self, claim: Claim) -> None:
        """A call may wait for its slot and then take long: the lease has to outlive both."""
        self._queue.renew(claim, self._model.posting.lease_seconds)

    # The end of it

    def _acknowledge(self, claim: Claim, site: SitePolicy, order: OrderDocument) -> None:
        self._renew(claim)
        if site.report_status:
            self._shop.set_external_status(claim.site, claim.order_no, order.sale_order_number)
        exported_at = self._clock.now()  # before the call: earlier is the careful side for stock
        self._shop.set_export_status(claim.site, claim.order_no, "exported")
        with self._engine.begin() as connection:
            self._queue.finish(
                connection, claim, "acknowledged", exported_at=exported_at, problem=None
            )
            close_items(connection, claim.order_key, self._clock.now(), "posted")

    def _cancelled(self, claim: Claim, booked: _Booked | None) -> Outcome:
        if booked is not None:
            self._void(claim, booked.sale_id)
        with self._engine.begin() as connection:
            self._queue.finish(connection, claim, "cancelled", problem=None)
            close_items(connection, claim.order_key, self._clock.now(), "cancelled")
        return "cancelled"

    def _to_review(
        self, claim: Claim, site: SitePolicy | None, reasons: Sequence[Reason]
    ) -> Outcome:
        codes = ", ".join(dict.fromkeys(reason.code for reason in reasons))
        now = self._clock.now()
        with self._engine.begin() as connection:
            self._queue.finish(connection, claim, "in_review", {"codes": codes}, problem=codes)
            findings = [
                Finding(
                    subject=claim.order_key,
                    code=code,
                    sentence=fit(" ".join(reason.sentence for reason in same), LONGEST_WORDS),
                    owner=self._model.owners.orders,
                    site=claim.site,
                    expected=_words(same[0].expected),
                    actual=_words(same[0].actual),
                    currency=site.currency if site else None,
                )
                for code, same in _by_code(reasons).items()
            ]
            open_items(connection, findings, now)
            close_items(
                connection,
                claim.order_key,
                now,
                "another reason now",
                keep={reason.code for reason in reasons},
            )
        if site and site.report_status:
            self._report_review(claim, codes)
        return "in_review"

    def _report_review(self, claim: Claim, codes: str) -> None:
        """Tell the storefront's agents; that they are not told must not change the outcome."""
        try:
            text = f"review: {codes}"[:REPORTED]
            self._shop.set_external_status(claim.site, claim.order_no, text)
        except ApiError as error:
            log.warning("%s: the review reason was not reported: %s", claim.order_key, error)

    def _postpone(self, claim: Claim, problem: str, throttled: bool) -> Outcome:
        """Exponential back-off with full jitter, from a first look after some seconds."""
        exponent = min(claim.attempts - 1 + claim.throttled, 10)
        longest = min(FIRST_LOOK * 2**exponent, LONGEST_BACKOFF)
        delay = FIRST_LOOK / 2 + self._jitter() * (longest - FIRST_LOOK / 2)
        at = self._clock.now().astimezone(UTC) + timedelta(seconds=delay)
        log.warning("%s is tried again at %s: %s", claim.order_key, at.isoformat(), problem)
        self._queue.retry_later(claim, at, problem, throttled=throttled)
        return "postponed"


def _by_code(reasons: Sequence[Reason]) -> dict[str, list[Reason]]:
    grouped: dict[str, list[Reason]] = {}
    for reason in reasons:
        grouped.setdefault(reason.code, []).append(reason)
    return grouped


def _words(figure: str | None) -> str | None:
    return None if figure is None else fit(figure, LONGEST_WORDS)


def _denied(error: ApiError) -> bool:
    """Whether our credentials or rights were refused: no order's fault, so none goes to review."""
    return error.status in (401, 403)


def _is_authorised(order: OrderDocument | None) -> bool:
    return order is not None and order.status not in ("DRAFT", "NOT AVAILABLE", "")


_MISSING_IN_STOREFRONT = "The storefront no longer has this order: ask who deleted it."
_EXPORTED_WITHOUT_SALE = (
    "The storefront says that the order was exported, but not by us:"
    " find out whether the ERP has it."
)
_DUPLICATE_SALE = "The ERP holds this order more than once: void all but one."
_NOT_RELEASED = "The storefront has not released this order for export."
_CHANGED = "The sale or the order was changed after it was posted."
