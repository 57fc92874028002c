"""Payments to book with a sale, where the operating model wants them."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.sale import SalePayment
from sfcc_cin7.orders.translation.sale_documents import PAYMENT_RATE_STEP
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.values.money import ZERO, round_half_up

CENT = Decimal("0.01")
REFERENCE_LENGTH = 256


def payments(draft: Draft, rate: Decimal) -> list[SalePayment]:
    """One payment for each instrument with an amount; together they must come to the order's total.

    An amount that is not stated, because only the gateway knows it, is what the others leave of the
    total. Empty when the operating model maps no payment method at all. A gift certificate that was
    spent is a payment like any other. `rate` is the sale's currency rate.
    """
    accounts = draft.site.payment_accounts
    if not accounts:
        return []
    order = draft.order
    amounts = _amounts(draft)
    if not round_half_up(rate, PAYMENT_RATE_STEP):
        sentence = f"A rate of {order.currency} vanishes in the four decimals of a payment's rate."
        draft.refuse("payment-rate-too-small", sentence, rate)
    twice = [id_ for id_, count in Counter(each.id for each in order.payments).items() if count > 1]
    if twice:
        # their references would be equal, so the second would pass for the first, booked already
        sentence = "Two payments have one id, so they could not be told apart."
        draft.refuse("payment-duplicated", sentence, actual=", ".join(twice))
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
        reference = f"{order.number}:{payment.id}"
        if fit(reference, REFERENCE_LENGTH) != reference:
            sentence = "A payment's id does not fit into its reference."
            draft.refuse("payment-reference-unusable", sentence)
        booked.append(SalePayment(account=account, amount=amount, reference=reference))
    return booked


def _amounts(draft: Draft) -> list[Decimal]:
    """What each instrument pays, in the order's currency; refuses what does not come to the total.

    What several unstated amounts come to together is known, but not which of them is how much.
    """
    order = draft.order
    stated = [each.stated_in(order.currency) for each in order.payments]
    paid = sum((amount for amount in stated if amount is not None), ZERO)
    missing = order.total - paid
    unstated = _unstated(stated, missing)
    if len(unstated) > 1 and missing > 0:
        methods = ", ".join(repr(order.payments[at].method) for at in unstated)
        sentence = (
            f"The payments by {methods} do not state their amounts in {order.currency};"
            " together they are what the others leave of the order's total."
        )
        draft.refuse("payment-amount-missing", sentence, missing)
    elif missing and (missing < 0 or not unstated):
        sentence = "The payments do not come to the order's total."
        draft.refuse("payments-mismatch", sentence, order.total, paid)
    return [
        missing if unstated == [at] and missing > 0 else amount or ZERO
        for at, amount in enumerate(stated)
    ]


def _unstated(stated: Sequence[Decimal | None], missing: Decimal) -> list[int]:
    """Whose amounts are not stated. Where all are, but leave something open, a zero is no amount
    either: gateways that keep it leave a zero in its place."""
    unstated = [at for at, amount in enumerate(stated) if amount is None]
    if unstated or missing <= 0:
        return unstated
    return [at for at, amount in enumerate(stated) if amount == 0]
