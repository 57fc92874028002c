"""Books one sale in the ERP, so that whatever crashes, times out or repeats, it is there once.

    look -> create (header) -> authorise (lines) -> prove -> pay

Each step first renews the lease and is recorded when it is done. A step whose outcome is not known
is never repeated blind: the error leaves, the next attempt looks at what the ERP holds and goes on
from the step that is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.db.erp_documents import prove, prove_more
from sfcc_cin7.db.leases import Lease, Leases
from sfcc_cin7.db.sales import save_sale
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.posting.own_writes import OwnWrites
from sfcc_cin7.orders.translation import sale_documents
from sfcc_cin7.orders.translation.delivery import misdirected
from sfcc_cin7.orders.translation.proof import backordered, expect, mismatches
from sfcc_cin7.orders.translation.sale import Sale, SalePayment
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument, SaleDocument
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.systems.http.errors import ApiError, Refused, Throttled, Unavailable

LISTING_SETTLES = timedelta(seconds=180 + 150)
"""How long after its beginning a write may be invisible although it happened: a listing was seen to
lag by about three minutes, and the call itself may wait for a slot and then for its answer."""

CREATION = ("creating", "create-refused", "voided")
"""Events of a sale's creation: that it began, and those after which the ERP holds nothing of it."""
VOIDING = ("voiding", "voided", "void-refused")
"""Events of a sale's voiding: that it began, and how it ended."""


class NotListedYet(Exception):
    """A write that may have happened is not to be seen; only after `wait` is that a proof."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("What was sent to Cin7 is not listed there, but may be soon.")
        self.wait = wait


@dataclass(frozen=True)
class Booked:
    """A sale that the ERP holds. `resumed` when an earlier attempt created it."""

    sale: SaleDocument
    resumed: bool


@dataclass(frozen=True)
class Authorised:
    """An order as the ERP holds it; `known_until` is the ERP's latest possible stamp of what it
    shows, None where nobody can say. It is `ours` where our own write was answered with it."""

    order: OrderDocument
    known_until: datetime | None
    ours: bool = True


class Booking:
    """The ERP's side of posting. It holds nothing about a sale and may be shared by threads."""

    def __init__(self, erp: Cin7Client, work: Leases, lease_seconds: float) -> None:
        self._erp = erp
        self._work = work
        self._lease_seconds = lease_seconds

    # What is there

    def look(self, lease: Lease) -> Booked | None:
        """The live sale that earlier attempts left in the ERP; a first attempt costs no call.

        Raises:
            NeedsPerson: there are several, or somebody voided it.
            NotListedYet: one may have been created, but is not to be seen.
        """
        sale_id = lease.sale_id or self._find(lease)
        if sale_id is None:
            return None
        sale = self._erp.sale(sale_id)
        if sale.status != "VOIDED":
            return Booked(sale, resumed=True)
        lost = lease.sale_id is not None and self.lost(lease) is not None
        if lost and (anew := self._find(lease)):  # after a void that a restore has lost
            return Booked(self._erp.sale(anew), resumed=True)
        if self._work.last(lease.key, *VOIDING, "authorised") in _WANTED_VOID:
            self._forget(lease, sale_id)  # as we wanted it, whoever did it
            return None
        raise NeedsPerson([Reason("sale-voided", f"Sale {lease.sale_number or ''} was voided.")])

    def _find(self, lease: Lease) -> str | None:
        """The sale that an earlier attempt may have created, by its ExternalID."""
        age = self._youngest(self._work.open_intent(lease.key, *CREATION), self.lost(lease))
        if age is None:
            return None
        rows = [row for row in self._erp.sales(external_id=lease.key) if row.status != "VOIDED"]
        if len(rows) > 1:
            numbers = ", ".join(row.order_number for row in rows)
            raise NeedsPerson([Reason("duplicate-sale", _DUPLICATE_SALE, "1 sale", numbers)])
        if rows:
            self._work.record(lease, "found", sale_id=rows[0].sale_id)
            return rows[0].sale_id
        self._settle(age)
        self._work.record(lease, "create-refused", {"because": "never listed"})
        return None

    def is_paid(self, booked: Booked) -> bool:
        """Whether the ERP holds any payment of the sale, whoever saw it booked."""
        return bool(self._erp.payments(booked.sale.id))

    # Writing

    def book(
        self,
        lease: Lease,
        sale: Sale,
        booked: Booked | None,
        *,
        prepaid: bool,
    ) -> OrderDocument:
        """Go on from what is booked until the sale is authorised, proved and paid.

        `prepaid` books the payments before the order is authorised instead of after.

        Raises:
            NeedsPerson: the ERP refuses the sale or holds something else; what we have just made
                of it is voided.
            NotListedYet: a void of the sale may be on its way.
        """
        if booked is not None:
            begun = self._work.open_intent(lease.key, *VOIDING)
            self._settle(self._youngest(begun, self._work.lost_intent(lease.key, "authorised")))
        if booked is not None and misdirected(sale, _shipping_address(booked.sale)):
            if booked.sale.authorised:
                raise NeedsPerson([Reason("address-changed-after-posting", _MISDIRECTED)])
            self.void(lease, booked)
            booked = None
        writes = OwnWrites(self._work.clock)
        if booked is None:
            booked = self._create(lease, sale, writes)
        if prepaid:
            self._pay(lease, sale, booked, writes)
        if booked.sale.authorised and booked.sale.order:
            found = Authorised(booked.sale.order, None, ours=False)
        else:
            found = self._authorise(lease, sale, booked, writes)
        self._prove(lease, sale, booked, found)
        if not prepaid:
            self._pay(lease, sale, booked, writes)
        return found.order

    def void(self, lease: Lease, booked: Booked, because: Sequence[Reason] = ()) -> None:
        """Void a sale of which nothing has been fulfilled; `because` is told if that cannot be.

        Raises:
            NeedsPerson: something is picked, packed, shipped or invoiced already, or Cin7 refuses,
                as it may when payments are booked.
        """
        if booked.sale.fulfilment_begun:
            raise NeedsPerson([Reason("fulfilment-begun", _FULFILMENT_BEGUN), *because])
        about = {"sale": booked.sale.id}
        earlier = self._work.open_intent(lease.key, *VOIDING)
        self._renew(lease)
        try:
            self._erp.void_sale(booked.sale.id, fence=lambda: self._begin(lease, "voiding", about))
        except Refused as error:
            self._not_voided(lease, about, earlier)
            if denied(error):
                raise
            number = lease.sale_number or booked.sale.id
            sentence = f"Sale {number} must be voided, but Cin7 refuses: {error}"
            raise NeedsPerson([Reason("void-refused", sentence), *because]) from None
        except (Throttled, Unavailable):
            self._not_voided(lease, about, earlier)
            raise
        self._forget(lease, booked.sale.id)

    def _not_voided(
        self, lease: Lease, about: Mapping[str, str], earlier: timedelta | None
    ) -> None:
        """This void came to nothing. One begun `earlier` may still arrive: then the intention stays
        open, so that whoever goes on with the sale waits until it cannot."""
        if earlier is None or earlier >= LISTING_SETTLES:
            self._work.record(lease, "void-refused", about)

    def _create(self, lease: Lease, sale: Sale, writes: OwnWrites) -> Booked:
        self._renew(lease)
        try:
            created = self._erp.create_sale(
                sale_documents.header(sale),
                fence=lambda: self._begin(lease, "creating", writes=writes),
            )
        except Refused as error:
            self._work.record(lease, "create-refused", {"because": "refused"})
            raise _refusal(error) from None
        except (Throttled, Unavailable):
            self._work.record(lease, "create-refused", {"because": "not sent"})
            raise
        writes.answered(created.last_modified_on)
        self._work.record(lease, "created", {"sale": created.id}, sale_id=created.id)
        return Booked(created, resumed=False)

    def _authorise(self, lease: Lease, sale: Sale, booked: Booked, writes: OwnWrites) -> Authorised:
        self._renew(lease)
        try:
            order = self._erp.save_order(
                sale_documents.order(sale, booked.sale.id),
                fence=lambda: self._fence(lease, writes),
            )
            return Authorised(order, writes.answered())
        except Refused as error:
            reasons = _refusal(error)
            if isinstance(reasons, NeedsPerson):
                now = self._erp.sale(booked.sale.id)
                if now.authorised and now.order:  # an earlier attempt's lines arrived late
                    return Authorised(now.order, None, ours=False)
                self.void(lease, booked, reasons.reasons)
            raise reasons from None

    def _prove(self, lease: Lease, sale: Sale, booked: Booked, found: Authorised) -> None:
        order = found.order
        answered = order.model_dump(by_alias=True)
        differences = mismatches(expect(sale), answered)
        currency = booked.sale.customer_currency
        if currency and currency != sale.currency:
            sentence = "Cin7 booked the sale in another currency: see the customer's card."
            differences.append(Reason("erp-currency-mismatch", sentence, sale.currency, currency))
        if differences:
            if booked.resumed and (lease.authorised_at or order.status != "AUTHORISED"):
                raise NeedsPerson([Reason("changed-after-posting", _CHANGED), *differences])
            self.void(lease, booked, differences)
            raise NeedsPerson(differences)
        self._record_proof(lease, sale, booked, found, backordered(answered))

    def _record_proof(
        self,
        lease: Lease,
        sale: Sale,
        booked: Booked,
        found: Authorised,
        short: Mapping[str, Decimal],
    ) -> None:
        order, now = found.order, self._work.clock.now()
        with self._work.engine.begin() as connection:
            self._work.record_in(
                connection,
                lease,
                "authorised",
                {"sale": order.sale_order_number, "short": {k: str(v) for k, v in short.items()}},
                sale_number=order.sale_order_number,
                sale_total=order.total,
                sale_tax=order.tax,
                authorised_at=lease.authorised_at or now,
            )
            number, until = order.sale_order_number, found.known_until
            if found.ours:  # else others may have worked on it since, and that has to be read
                prove(connection, SALE.name, booked.sale.id, number, lease.key, now, until)
            save_sale(connection, _image(lease, sale, booked, order, short, now))

    def _pay(self, lease: Lease, sale: Sale, booked: Booked, writes: OwnWrites) -> None:
        if not sale.payments:
            return
        there = (
            {payment.reference for payment in self._erp.payments(booked.sale.id)}
            if booked.resumed
            else set()
        )
        for payment in sale.payments:
            if payment.reference not in there:
                self._pay_once(lease, sale, payment, booked, writes)

    def _pay_once(
        self, lease: Lease, sale: Sale, payment: SalePayment, booked: Booked, writes: OwnWrites
    ) -> None:
        about = {"payment": payment.reference}
        age = self._work.open_intent(
            lease.key, "paying", "paid", "pay-refused", payment=payment.reference
        )
        paid = ("paying", "pay-refused")
        self._settle(self._youngest(age, self._work.lost_intent(lease.key, *paid)))
        self._renew(lease)
        body = sale_documents.payment(sale, payment, booked.sale.id, self._work.clock.now())
        try:
            self._erp.add_payment(body, fence=lambda: self._begin(lease, "paying", about, writes))
        except Refused as error:
            self._work.record(lease, "pay-refused", about)
            raise _refusal(error, "payment-refused") from None
        except (Throttled, Unavailable):
            self._work.record(lease, "pay-refused", about)
            raise
        self._work.record(lease, "paid", about)
        until = writes.answered()
        if until is not None and writes.at_once:
            with self._work.engine.begin() as connection:
                prove_more(connection, SALE.name, booked.sale.id, until)

    def lost(self, lease: Lease) -> timedelta | None:
        """How long ago a restore has lost what may have been written of this sale."""
        return self._work.lost_intent(lease.key, "found", *CREATION)

    @staticmethod
    def _youngest(*ages: timedelta | None) -> timedelta | None:
        return min((age for age in ages if age is not None), default=None)

    def _settle(self, age: timedelta | None) -> None:
        """Wait until a write that was begun so long ago, and is not to be seen, never happened."""
        if age is not None and age < LISTING_SETTLES:
            raise NotListedYet(LISTING_SETTLES - age)

    def _forget(self, lease: Lease, sale_id: str) -> None:
        self._work.record(
            lease, "voided", {"sale": sale_id}, sale_id=None, sale_number=None, authorised_at=None
        )

    def _begin(
        self,
        lease: Lease,
        kind: str,
        about: Mapping[str, str] | None = None,
        writes: OwnWrites | None = None,
    ) -> None:
        """Keep the intention of a call that has its slot and goes out next: whoever dies while it
        waits for the slot has begun nothing, and nobody has to wait until that is certain."""
        self._work.begin(lease, self._lease_seconds, kind, about)
        if writes is not None:
            writes.sent()

    def _fence(self, lease: Lease, writes: OwnWrites) -> None:
        self._renew(lease)
        writes.sent()

    def _renew(self, lease: Lease) -> None:
        """A call may wait for its slot and then take long: the lease has to outlive both."""
        self._work.renew(lease, self._lease_seconds)


def denied(error: ApiError) -> bool:
    """Whether our credentials or rights were refused: no order's fault, so none goes to review."""
    return error.status in (401, 403)


def _refusal(error: Refused, code: str = "erp-refused") -> Exception:
    """What a refused write means: a person has to look, unless it was us who were refused."""
    return error if denied(error) else NeedsPerson([Reason(code, str(error))])


def _shipping_address(sale: SaleDocument) -> Mapping[str, object]:
    return sale.shipping_address.model_dump(by_alias=True)


def _image(
    lease: Lease,
    sale: Sale,
    booked: Booked,
    order: OrderDocument,
    short: Mapping[str, Decimal],
    now: datetime,
) -> dict[str, object]:
    """The sale as the ledger keeps it."""
    return {
        "sale_id": booked.sale.id,
        "external_id": lease.key,
        "order_number": order.sale_order_number,
        "status": "BACKORDERED" if short else "ORDERED",
        "order_status": order.status,
        "currency": sale.currency,
        "total": order.total,
        "tax": order.tax,
        "backordered": sum(short.values(), Decimal(0)),
        "rounding": sum((each.amount for each in sale.charges if each.rounding), Decimal(0)),
        "updated": now,
        "read_at": now,
    }


_WANTED_VOID = ("voiding", "void-refused")
"""Latest events of a void that we wanted and did not see happen; once its sale was proved after
that, nobody wants it any more."""
_DUPLICATE_SALE = "The ERP holds this order more than once: void all but one."
_MISDIRECTED = (
    "Where the order ships to was changed after its sale was authorised:"
    " correct the address in Cin7, or tell the warehouse if it has shipped."
)
_FULFILMENT_BEGUN = (
    "The sale cannot be voided any more: something of it is picked, packed, shipped or invoiced."
    " Stop the shipment, or book a return."
)
_CHANGED = "The sale or the order was changed after it was posted."
