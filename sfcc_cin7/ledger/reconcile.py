"""What an order's two legs should have in common, and the breaks where they do not.

The storefront's leg is what the shopper was charged (`orderTotal`, `taxTotal`; Salesforce Commerce
API, Orders); the ERP's is what its sale order holds (Cin7 API reference, Sale Order). Amounts are
in the order's currency; a sale is in its customer's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.money import figure

MONEY_BREAKS = ("amount", "tax", "currency")
ORDER_BREAKS = ("missing-erp", "missing-shop", "duplicate", "state")
AUTHORISED = frozenset({"AUTHORISED", "AUTH_NO_ALLOC", "FULFILLED", "CLOSED"})
"""Order statuses in which a sale counts; a draft is not booked yet."""


@dataclass(frozen=True)
class CapturedOrder:
    """The storefront's leg. `tax` is None where the document does not say it.

    `day` is the order's day of creation, `due_at` when the ERP should have it at the latest, and
    `sale_id` the sale that it was posted as.
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
    sale_id: str | None = None


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

    @property
    def live(self) -> bool:
        return "VOIDED" not in (self.status.upper(), self.order_status.upper())

    @property
    def booked(self) -> bool:
        return self.live and self.order_status.upper() in AUTHORISED


@dataclass(frozen=True)
class Break:
    """One difference between the legs; `amount` is the money at risk."""

    order_key: str
    day: str
    kind: str
    sentence: str
    amount: Decimal
    currency: str


def breaks(order: CapturedOrder, sales: Sequence[ErpSale], at: datetime) -> Iterator[Break]:
    """The breaks of one order at an instant. An order in review is none: it waits for a person."""

    def found(kind: str, sentence: str, amount: Decimal) -> Break:
        return Break(order.key, order.day, kind, sentence, amount, order.currency)

    live = [sale for sale in sales if sale.live]
    if order.cancelled:
        booked = [sale for sale in live if sale.booked]
        if booked:
            total = sum((sale.total for sale in booked), Decimal(0))
            yield found(
                "state", f"Cancelled in the storefront, but booked as {_numbers(booked)}.", total
            )
        return
    own = next((sale for sale in live if sale.id == order.sale_id), live[0] if live else None)
    if len(live) > 1:
        surplus = sum((sale.total for sale in live if sale is not own), Decimal(0))
        yield found("duplicate", f"The ERP holds it more than once: {_numbers(live)}.", surplus)
    if own is None or not own.booked:
        yield from _not_booked(order, own, sales, at)
    elif own.currency != order.currency:
        yield found(
            "currency",
            f"Charged in {order.currency}, but {own.number} is in {own.currency}.",
            order.total,
        )
    else:
        if own.total != order.total:
            yield found(
                "amount",
                f"The shopper was charged {figure(order.total, order.currency)}, but {own.number}"
                f" holds {figure(own.total, own.currency)}.",
                abs(own.total - order.total),
            )
        if order.tax is not None and own.tax != order.tax:
            yield found(
                "tax",
                f"The tax charged is {figure(order.tax, order.currency)}, but {own.number} holds"
                f" {figure(own.tax, own.currency)}.",
                abs(own.tax - order.tax),
            )


def _not_booked(
    order: CapturedOrder, own: ErpSale | None, sales: Sequence[ErpSale], at: datetime
) -> Iterator[Break]:
    if order.state == "acknowledged" and own is not None:
        sentence = f"{own.number} was authorised, but its order is {own.order_status} now."
        yield Break(order.key, order.day, "state", sentence, order.total, order.currency)
    elif order.state == "acknowledged":
        sentence = (
            f"{_numbers(sales)} was voided in the ERP, but the storefront's order stands."
            if sales
            else "Posted and acknowledged, but the ERP has no sale with its ExternalID."
        )
        yield Break(order.key, order.day, "missing-erp", sentence, order.total, order.currency)
    elif order.state in ("received", "posting", "batched") and at > order.due_at:
        sentence = "The ERP should have it by now, and it is not in review: see stalled_posting."
        yield Break(order.key, order.day, "missing-erp", sentence, order.total, order.currency)


def without_order(external_id: str, sales: Sequence[ErpSale]) -> Break:
    """The break of sales that name an order which we never received from the storefront."""
    total = sum((sale.total for sale in sales), Decimal(0))
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
