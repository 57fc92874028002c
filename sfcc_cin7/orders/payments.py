"""Payments to book with a sale, where the operating model wants them."""

from decimal import Decimal

from sfcc_cin7.orders.draft import Draft
from sfcc_cin7.orders.model import NOTHING
from sfcc_cin7.orders.sale import SalePayment

CENT = Decimal("0.01")


def payments(draft: Draft) -> list[SalePayment]:
    """One payment for each instrument with an amount; together they must come to the order's total.

    Empty when the operating model maps no payment method at all. A gift certificate that was spent
    is a payment like any other.
    """
    accounts = draft.site.payment_accounts
    if not accounts:
        return []
    order = draft.order
    amounts = [payment.amount or NOTHING for payment in order.payments]
    paid = sum(amounts, NOTHING)
    if paid != order.total:
        if any(payment.amount is None for payment in order.payments):
            draft.refuse("payment-amount-missing", "A payment does not state its amount.")
        else:
            sentence = "The payments do not come to the order's total."
            draft.refuse("payments-mismatch", sentence, order.total, paid)
    booked = []
    for payment, amount in zip(order.payments, amounts, strict=True):
        if not amount:
            continue
        if amount % CENT:
            sentence = "A payment has more than the two decimals that Cin7 takes."
            draft.refuse("payment-too-precise", sentence, actual=amount)
        account = accounts.get(payment.method)
        if account is None:
            sentence = f"The operating model maps no account to payment method {payment.method!r}."
            draft.refuse("payment-method-unmapped", sentence)
            continue
        booked.append(
            SalePayment(account=account, amount=amount, reference=f"{order.number}:{payment.id}")
        )
    return booked
