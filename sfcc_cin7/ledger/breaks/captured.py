"""The storefront's leg of an order, taken from its document (Salesforce Commerce API, Orders).

Lenient, unlike the translation that books the order: whatever can be read is held against the other
legs, whether or not the order could be booked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sfcc_cin7.merchant.ledger import LedgerPolicy
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import quantum, round_half_up

CERTIFICATE = "GIFT_CERTIFICATE"
"""The payment method of a gift certificate that was spent."""
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Payment:
    """One payment instrument; `gateway` is None where no gateway settles its method."""

    id: str
    gateway: str | None
    method: str
    reference: str
    amount: Decimal | None
    most_fee: Decimal | None


@dataclass(frozen=True)
class Captured:
    """Figures in the order's currency; `tax` is None where the document does not say it."""

    tax: Decimal | None
    certificates_sold: Decimal
    certificates_spent: Decimal
    payments: tuple[Payment, ...]


def captured(
    document: str, site: str, currency: str, total: Decimal, policy: LedgerPolicy
) -> Captured:
    """What was captured. A document that cannot be read has no figures and no payments."""
    try:
        order = decimal_json.loads(document)
    except ValueError:
        order = None
    if not isinstance(order, dict):
        return Captured(None, NOTHING, NOTHING, ())
    payments = tuple(_payments(order, site, currency, policy))
    spent = sum(
        (each.amount or NOTHING for each in payments if each.method == CERTIFICATE), NOTHING
    )
    sold = sum(
        (_amount(item.get("price")) or NOTHING for item in _items(order, "giftCertificateItems")),
        NOTHING,
    )
    if len([each for each in payments if each.method != CERTIFICATE]) == 1:
        payments = tuple(_with_the_rest(each, total - spent, policy, currency) for each in payments)
    return Captured(_amount(order.get("taxTotal")), sold, spent, payments)


def _payments(
    order: Mapping[str, Any], site: str, currency: str, policy: LedgerPolicy
) -> Iterator[Payment]:
    seen: set[str] = set()
    for position, item in enumerate(_items(order, "paymentInstruments")):
        transaction = item.get("paymentTransaction")
        transaction = transaction if isinstance(transaction, dict) else {}
        method = str(item.get("paymentMethodId") or "")
        gateway = gateway_of(policy, site, method)
        amount = _amount(transaction.get("amount")) or None
        identity = str(item.get("paymentInstrumentId") or position)
        identity = f"{identity}#{position}" if identity in seen else identity
        seen.add(identity)
        yield Payment(
            id=identity,
            gateway=gateway,
            method=method,
            reference=str(transaction.get("transactionId") or ""),
            amount=amount,
            most_fee=most_fee(policy, gateway, amount, currency),
        )


def _with_the_rest(payment: Payment, rest: Decimal, policy: LedgerPolicy, currency: str) -> Payment:
    """Providers may keep the amount to themselves: the only one there is pays what is left."""
    if payment.method == CERTIFICATE or payment.amount is not None:
        return payment
    fee = most_fee(policy, payment.gateway, rest, currency)
    return Payment(payment.id, payment.gateway, payment.method, payment.reference, rest, fee)


def gateway_of(policy: LedgerPolicy, site: str, method: str) -> str | None:
    """The gateway that settles a payment method of a site."""
    return next(
        (
            name
            for name, gateway in policy.gateways.items()
            if method in gateway.methods and (not gateway.sites or site in gateway.sites)
        ),
        None,
    )


def most_fee(
    policy: LedgerPolicy, gateway: str | None, amount: Decimal | None, currency: str
) -> Decimal | None:
    """What the gateway may keep of a payment, with one smallest unit for its rounding."""
    if gateway is None or amount is None:
        return None
    agreed = policy.gateways[gateway]
    if agreed.most_fee_share is None:
        return None
    exact = amount * agreed.most_fee_share + agreed.most_fee_fixed
    return round_half_up(exact, quantum(currency)) + quantum(currency)


def _items(order: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = order.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 15 else None
