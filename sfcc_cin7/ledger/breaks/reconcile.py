"""What an order and its sales in the ERP should have in common, and the break where they do not.

The storefront's leg is what the shopper was charged (`orderTotal`, `taxTotal`; Salesforce Commerce
API, Orders); the ERP's is what its sale order holds (Cin7 API reference, Sale Order). Amounts are
in the order's currency; a sale is in its customer's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.ledger.breaks.break_classes import Break, Verdict, first
from sfcc_cin7.merchant.ledger import BreakClass
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.states import UNPOSTED, OrderState

AUTHORISED = frozenset({"AUTHORISED", "AUTH_NO_ALLOC", "FULFILLED", "CLOSED"})
"""Order statuses in which a sale counts; a draft is not booked yet."""
EDITED, VOIDED, REOPENED, TYPED_AGAIN, GONE = (
    "edited in the ERP",
    "voided in the ERP",
    "reopened in the ERP",
    "typed again in the ERP",
    "gone from the ERP",
)
EDITED_IN_SHOP = "edited in the storefront"


@dataclass(frozen=True)
class CapturedOrder:
    """The storefront's leg. `tax` is None where the document does not say it.

    `day` is the order's day of creation, `due_at` when the ERP should have it at the latest,
    `cancelled_at` when the storefront last changed it, if it is cancelled,
    `sale_id` the sale that it was posted as, and `proved` the total and tax that this sale was
    proved to have when it was posted.
    """

    key: str
    day: str
    site: str
    currency: str
    total: Decimal
    tax: Decimal | None
    state: str
    cancelled: bool
    due_at: datetime
    cancelled_at: datetime | None = None
    sale_id: str | None = None
    proved: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True)
class ErpSale:
    """A sale with the order's ExternalID, as the ERP last showed it."""

    id: str
    number: str
    status: str
    order_status: str
    currency: str
    total: Decimal
    tax: Decimal
    updated: datetime
    credited: Decimal = ZERO

    @property
    def live(self) -> bool:
        return "VOIDED" not in (self.status.upper(), self.order_status.upper())

    @property
    def booked(self) -> bool:
        return self.live and self.order_status.upper() in AUTHORISED

    @property
    def returned(self) -> bool:
        """Whether all of it was credited, as of goods that had shipped and came back."""
        return self.credited > 0 and self.credited == self.total


def erp_verdict(order: CapturedOrder, sales: Sequence[ErpSale], at: datetime) -> Verdict:
    """The break of an order's ERP leg at an instant. An order in review has none by itself: it
    waits for a person."""
    found = first(list(_findings(order, sales, at)))
    waiting = order.state in UNPOSTED and not order.cancelled
    return Verdict(found, order.due_at if waiting and at < order.due_at else None)


def _findings(order: CapturedOrder, sales: Sequence[ErpSale], at: datetime) -> Iterator[Break]:
    live = [sale for sale in sales if sale.live]
    if order.cancelled:
        booked = [sale for sale in live if sale.booked and not sale.returned]
        if booked:
            total = sum((sale.total - sale.credited for sale in booked), ZERO)
            sentence = f"Cancelled in the storefront, but booked as {_numbers(booked)}."
            yield _break(order, "state", sentence, total)
        return
    own = next((sale for sale in live if sale.id == order.sale_id), live[0] if live else None)
    if len(live) > 1:
        surplus = sum((sale.total for sale in live if sale is not own), ZERO)
        sentence = f"The ERP holds it more than once: {_numbers(live)}."
        yield _break(order, "duplicate", sentence, surplus, TYPED_AGAIN)
    if own is None or not own.booked:
        yield from _not_booked(order, own, sales, at)
    elif own.currency != order.currency:
        sentence = f"Charged in {order.currency}, but {own.number} is in {own.currency}."
        yield _break(order, "currency", sentence, order.total, _who_edited(order))
    else:
        yield from _money(order, own)


def _money(order: CapturedOrder, own: ErpSale) -> Iterator[Break]:
    cause = _who_edited(order)
    told = f" ({cause})" if cause else ""  # when is not known: a sale is touched by much else
    if own.total != order.total:
        sentence = (
            f"The shopper was charged {figure(order.total, order.currency)}, but {own.number} holds"
            f" {figure(own.total, own.currency)}{told}."
        )
        yield _break(order, "amount", sentence, abs(own.total - order.total), cause)
    if order.tax is not None and own.tax != order.tax:
        sentence = (
            f"The tax charged is {figure(order.tax, order.currency)}, but {own.number} holds"
            f" {figure(own.tax, own.currency)}{told}."
        )
        yield _break(order, "tax", sentence, abs(own.tax - order.tax), cause)


def _who_edited(order: CapturedOrder) -> str | None:
    """Posting proved the sale equal to the order; whichever left those figures was edited."""
    if order.proved is None or order.tax is None:
        return None
    return EDITED if order.proved == (order.total, order.tax) else EDITED_IN_SHOP


def _not_booked(
    order: CapturedOrder, own: ErpSale | None, sales: Sequence[ErpSale], at: datetime
) -> Iterator[Break]:
    if order.state == OrderState.ACKNOWLEDGED and own is not None:
        sentence = (
            f"{own.number} was authorised, but somebody reopened it: its order is"
            f" {own.order_status} now."
        )
        yield _break(order, "state", sentence, order.total, REOPENED)
    elif order.state == OrderState.ACKNOWLEDGED and sales:
        sentence = f"{_numbers(sales)} was voided in the ERP, but the storefront's order stands."
        yield _break(order, "missing-erp", sentence, order.total, VOIDED)
    elif order.state == OrderState.ACKNOWLEDGED:
        sentence = "Posted and acknowledged, but the ERP has no sale with its ExternalID."
        yield _break(order, "missing-erp", sentence, order.total, GONE)
    elif order.state == OrderState.DECLINED and own is None:
        sentence = (
            "A person declined to have it posted: book it by hand under its ExternalID, or cancel"
            " it in the storefront."
        )
        yield _break(order, "missing-erp", sentence, order.total)
    elif order.state in UNPOSTED and at >= order.due_at:
        sentence = "The ERP should have it by now, and it is not in review: see stalled_posting."
        yield _break(order, "missing-erp", sentence, order.total)


def _break(
    order: CapturedOrder, kind: BreakClass, sentence: str, amount: Decimal, cause: str | None = None
) -> Break:
    return Break(order.key, order.day, kind, sentence, amount, order.currency, cause=cause)


def without_order(external_id: str, sales: Sequence[ErpSale]) -> Break:
    """The break of sales that name an order which we never received from the storefront."""
    total = sum((sale.total for sale in sales), ZERO)
    return Break(
        order_key=external_id,
        day=f"{sales[0].updated:%Y-%m-%d}",
        kind="missing-shop",
        sentence=(
            f"{_numbers(sales)} names an order that was not read from the storefront: backfill"
            " sfcc_orders for its day; if it does not exist there either, void the sale."
        ),
        amount=total,
        currency=sales[0].currency,
    )


def _numbers(sales: Sequence[ErpSale]) -> str:
    return ", ".join(sorted(sale.number or sale.id for sale in sales))
