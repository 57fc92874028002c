"""An order of a consolidated sale that comes back, because the storefront changed it.

The sale holds other orders too, so it is never voided for one of them, and Cin7 cannot change an
authorised sale line by line through its API. A person takes out what is this order's; when the sale
shows that, the order is on its own again: a cancelled one is done with, an edited one is posted
alone as it is now.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from sqlalchemy import Row, select

from sfcc_cin7.db.schema import orders
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.order_document.version import version
from sfcc_cin7.orders.records.batches import ALONE, BatchQueue
from sfcc_cin7.orders.records.queue import Claim, OrderQueue
from sfcc_cin7.orders.translation.shares import Share, money_of, sums
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import OrderDocument, SaleDocument
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.states import OrderState

WITHDRAWN = "withdrawn"
"""The event of an order that is on its own again."""
MOST_TOGETHER = 8
"""Of more orders that came back, either all or none are thought to be taken out besides one: every
choice of them would be too many to try."""
_BACK = (OrderState.RECEIVED, OrderState.POSTING, OrderState.IN_REVIEW)


class Withdrawal:
    """What became of the orders of consolidated sales."""

    def __init__(self, queue: OrderQueue, erp: Cin7Client) -> None:
        self._queue = queue
        self._batches = BatchQueue(queue.engine, queue.clock)
        self._erp = erp

    def standing(self, claim: Claim, document: Mapping[str, Any]) -> str | None:
        """The number of the consolidated sale that holds the order as the storefront shows it.

        None when the order has been taken out of it by hand: nothing in the ERP is this order's.

        Raises:
            NeedsPerson: it was cancelled or changed, and is still part of the sale.
        """
        batch_key = claim.batch_key or ""
        if version(document) == self._posted_version(claim.key):
            return claim.sale_number or ""
        sale_id = self._batches.sale_id(batch_key)
        sale = self._erp.sale(sale_id) if sale_id else None
        inclusive = document.get("taxation") == "gross"
        shares = self._batches.shares(batch_key)
        # Orders of a sale are judged one at a time: two that are alike, of which one was taken out,
        # would else both be thought to be gone, and both be posted alone.
        with self._queue.engine.begin() as connection:
            self._batches.lock(connection, batch_key)
            others = [
                row for row in self._batches.orders_of(batch_key) if row.order_key != claim.key
            ]
            if _is_gone(sale, shares, others, tax_inclusive=inclusive):
                detail = {"batch": batch_key}
                self._queue.record_in(connection, claim, WITHDRAWN, detail, **ALONE)
                return None
        own = [each for each in shares if each.order_key == claim.key]
        cancelled = document.get("status") == "cancelled"
        what = take_out(own, claim.sale_number or "", str(document.get("currency")), inclusive)
        if cancelled:
            raise NeedsPerson([Reason("cancelled-in-consolidated-sale", f"Cancelled. {what}")])
        raise NeedsPerson([Reason("changed-in-consolidated-sale", f"Changed. {what}")])

    def _posted_version(self, order_key: str) -> str | None:
        query = select(orders.c.batched_version).where(orders.c.order_key == order_key)
        with self._queue.engine.connect() as connection:
            return connection.scalar(query)


def _is_gone(
    sale: SaleDocument | None,
    shares: Sequence[Share],
    others: Sequence[Row[Any]],
    *,
    tax_inclusive: bool,
) -> bool:
    """Whether a sale holds nothing but orders besides the one that is asked about."""
    if sale is None or sale.status == "VOIDED":
        return True
    order = sale.order
    return order is not None and any(
        holds(
            [each for each in shares if each.order_key in held], order, tax_inclusive=tax_inclusive
        )
        for held in _may_be_held(others)
    )


def _may_be_held(others: Sequence[Row[Any]]) -> Iterator[set[str]]:
    """The orders that a sale may hold without the one that is asked about: those that are done with
    stay, any others that came back may have been taken out with it."""
    back = [row.order_key for row in others if row.state in _BACK]
    staying = {row.order_key for row in others} - set(back)
    sizes = range(len(back) + 1) if len(back) <= MOST_TOGETHER else (0, len(back))
    for size in sizes:
        for gone in combinations(back, size):
            yield staying | (set(back) - set(gone))


def holds(shares: Sequence[Share], order: OrderDocument, *, tax_inclusive: bool) -> bool:
    """Whether a sale order has exactly these units, and their money in total and tax.

    Lines may be priced otherwise: a person who takes an order out cannot always hit each line.
    """
    wanted = {
        part.name.casefold(): part.quantity for part in sums(shares).values() if part.kind == "line"
    }
    shown = {line.sku.casefold(): line.quantity for line in order.lines if line.quantity}
    return shown == wanted and (order.total, order.tax) == money_of(
        shares, tax_inclusive=tax_inclusive
    )


def take_out(own: Sequence[Share], number: str, currency: str, tax_inclusive: bool) -> str:
    """What a person has to take out of which sale, in one sentence."""

    def said(share: Share) -> str:
        what = {
            "line": f"{share.quantity.normalize():f} x {share.name}",
            "charge": f"charge {share.name}",
            "payment": f"payment on account {share.name}",
        }[share.kind]
        tax = f" with tax {figure(share.tax, currency)}" if share.kind != "payment" else ""
        return f"{what} ({figure(share.amount, currency)}{tax})"

    total, tax = money_of(own, tax_inclusive=tax_inclusive)
    parts = "; ".join(said(share) for share in own if share.amount or share.quantity > Decimal(0))
    return (
        f"The order is part of the consolidated sale {number}. Take out of it: {parts}; altogether"
        f" {figure(total, currency)}, of it tax {figure(tax, currency)}. Never void the sale, it"
        " holds other orders too. Then retry this order."
    )
