"""The ledger map of a consolidated sale: which part of each line, charge and payment is whose.

The sale is the plain sum of its shares. An order's shares are its own translated sale to the last
digit, so the order can be rebuilt from them. Where one unit price cannot hit what the orders of a
SKU paid together, the difference moves to a rounding charge; that movement is the sale's own: two
shares under the sale's key that cancel out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sfcc_cin7.orders.translation.goods import unit_price
from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine, SalePayment
from sfcc_cin7.values.money import ZERO, quantum

Kind = Literal["line", "charge", "payment"]


@dataclass(frozen=True, kw_only=True)
class Share:
    """What an order has of one entry of the sale, in the sale's currency.

    `name` is a line's SKU, a charge's description or a payment's account; `remark` the comment of
    the order's own line or charge, or the reference of its own payment. Payments have no tax.
    """

    order_key: str
    kind: Kind
    name: str
    tax_rule: str
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    remark: str = ""

    @property
    def entry(self) -> tuple[str, str, str]:
        """The entry of the sale that this is a part of."""
        return self.kind, self.name, self.tax_rule


@dataclass(frozen=True)
class RebuiltOrder:
    """What one order contributed to a sale: the money its own sale would have held."""

    lines: tuple[SaleLine, ...]
    charges: tuple[SaleCharge, ...]
    payments: tuple[SalePayment, ...]
    tax: Decimal
    total: Decimal


def shares_of(order_key: str, sale: Sale) -> list[Share]:
    """The shares of an order whose own sale this would be."""
    lines = [
        Share(
            order_key=order_key,
            kind="line",
            name=line.sku,
            tax_rule=line.tax_rule,
            quantity=line.quantity,
            amount=line.amount,
            tax=line.tax,
            remark=line.comment,
        )
        for line in sale.lines
    ]
    charges = [
        Share(
            order_key=order_key,
            kind="charge",
            name=charge.description,
            tax_rule=charge.tax_rule,
            quantity=Decimal(1),
            amount=charge.amount,
            tax=charge.tax,
            remark=charge.comment,
        )
        for charge in sale.charges
    ]
    payments = [
        Share(
            order_key=order_key,
            kind="payment",
            name=payment.account,
            tax_rule="",
            quantity=Decimal(1),
            amount=payment.amount,
            tax=ZERO,
            remark=payment.reference,
        )
        for payment in sale.payments
    ]
    return lines + charges + payments


def sums(shares: Iterable[Share]) -> dict[tuple[str, str, str], Share]:
    """All shares of each entry together, entries in the sequence in which they first appear."""
    total: dict[tuple[str, str, str], list[Share]] = defaultdict(list)
    for share in shares:
        total[share.entry].append(share)
    return {
        entry: Share(
            order_key="",
            kind=same[0].kind,
            name=same[0].name,
            tax_rule=same[0].tax_rule,
            quantity=sum((share.quantity for share in same), ZERO),
            amount=sum((share.amount for share in same), ZERO),
            tax=sum((share.tax for share in same), ZERO),
        )
        for entry, same in total.items()
    }


def reconstruct(sale: Sale, shares: Sequence[Share], order_key: str) -> RebuiltOrder:
    """One order's lines, charges, payments, tax and total, from the consolidated sale and its map.

    Raises:
        ValueError: the map gives the order a line or charge that the sale does not have.
    """
    own = [share for share in shares if share.order_key == order_key]
    held = {("line", line.sku, line.tax_rule) for line in sale.lines}
    held |= {("charge", charge.description, charge.tax_rule) for charge in sale.charges}
    for share in own:
        if share.kind != "payment" and share.entry not in held:
            raise ValueError(f"the sale has no {share.kind} {share.name}")
    lines = tuple(_line(share, sale.currency) for share in own if share.kind == "line")
    charges = tuple(
        SaleCharge(
            description=share.name,
            amount=share.amount,
            tax=share.tax,
            tax_rule=share.tax_rule,
            comment=share.remark,
        )
        for share in own
        if share.kind == "charge"
    )
    payments = tuple(
        SalePayment(account=share.name, amount=share.amount, reference=share.remark)
        for share in own
        if share.kind == "payment"
    )
    total, tax = money_of(own, tax_inclusive=sale.tax_inclusive)
    return RebuiltOrder(lines, charges, payments, tax, total)


def money_of(shares: Iterable[Share], *, tax_inclusive: bool) -> tuple[Decimal, Decimal]:
    """(total, tax) of some shares of a sale: what their shoppers pay."""
    entries = [share for share in shares if share.kind != "payment"]
    tax = sum((share.tax for share in entries), ZERO)
    amount = sum((share.amount for share in entries), ZERO)
    return (amount if tax_inclusive else amount + tax), tax


def discrepancies(sale: Sale, shares: Sequence[Share]) -> Iterator[str]:
    """Where the shares do not come to the sale: entry by entry, tax, total and payments."""
    whole: dict[tuple[str, str, str], tuple[Decimal, ...]] = {
        ("line", line.sku, line.tax_rule): (line.amount, line.tax, line.quantity)
        for line in sale.lines
    }
    for charge in sale.charges:
        whole["charge", charge.description, charge.tax_rule] = (charge.amount, charge.tax)
    for payment in sale.payments:
        whole["payment", payment.account, ""] = (payment.amount, ZERO)
    parts = {
        entry: (part.amount, part.tax, *([part.quantity] if part.kind == "line" else []))
        for entry, part in sums(shares).items()
    }
    for entry in sorted(whole.keys() | parts.keys()):
        if parts.get(entry) != whole.get(entry):
            yield f"{entry[0]} {entry[1]}: the shares do not come to what the sale holds"
    if money_of(shares, tax_inclusive=sale.tax_inclusive) != (sale.total, sale.tax):
        yield "total and tax: the shares do not come to what the sale holds"


def _line(share: Share, currency: str) -> SaleLine:
    priced = unit_price(share.amount, share.quantity, quantum(currency))
    if priced is None or priced[1] != share.amount:
        raise ValueError(f"no unit price hits the share of {share.name}")
    return SaleLine(
        sku=share.name,
        quantity=share.quantity,
        price=priced[0],
        amount=share.amount,
        tax=share.tax,
        tax_rule=share.tax_rule,
        comment=share.remark,
    )
