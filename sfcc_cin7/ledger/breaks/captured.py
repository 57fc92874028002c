"""The storefront's leg of an order, taken from its document.

Lenient, unlike the translation that books the order: whatever can be read is held against the other
legs, whether or not the order could be booked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sfcc_cin7.merchant.ledger import LedgerPolicy
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.parsing import salvage_order
from sfcc_cin7.order_document.tax_choice import duties
from sfcc_cin7.order_document.tax_figures import TaxFigures, shipments_of
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import ZERO, quantum, round_half_up

CERTIFICATE = "GIFT_CERTIFICATE"
"""The payment method of a gift certificate that was spent."""


@dataclass(frozen=True)
class Tender:
    """What was paid by one payment instrument, and who settles it: `gateway` is None where no
    gateway settles its method, `amount` where the document does not say it."""

    id: str
    gateway: str | None
    method: str
    reference: str
    amount: Decimal | None
    most_fee: Decimal | None


@dataclass(frozen=True)
class Captured:
    """Figures in the order's currency; `tax` is None where the document does not say it, and
    without `duty`, which is what was booked as such, or before that what `duties` says. `place` is
    the country, or country and state, that its first line goes to.

    `taxes` is the tax of lines and freight by the rate that is stated beside it, as its words
    (empty: none is stated), with what it is on: (base, tax), after discounts.

    `certificates_sold` is what bought gift certificates cost without tax, which is owed to whoever
    spends them; `certificates_spent` what was paid by such.
    """

    tax: Decimal | None
    duty: Decimal
    certificates_sold: Decimal
    certificates_spent: Decimal
    payments: tuple[Tender, ...]
    place: str | None = None
    # how the tax is made up, as far as lines can be read: two that differ in it alone are equal
    taxes: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict, compare=False)


def captured(
    document: str,
    site: str,
    currency: str,
    total: Decimal,
    policy: LedgerPolicy,
    shop: SitePolicy | None = None,
    booked_duty: Decimal | None = None,
) -> Captured:
    """What was captured, of a site whose policy is `shop` where the operating model has it. A
    document that cannot be read has no figures and no payments.

    `booked_duty` is how much of its tax was booked as duty, once it was booked: the operating model
    may have changed since, and the sale has not."""
    try:
        salvaged = salvage_order(decimal_json.loads(document))
    except ValueError:
        return Captured(None, ZERO, ZERO, ZERO, ())
    order = salvaged.order
    tenders = tuple(_tenders(order, site, currency, policy))
    spent = sum((each.amount or ZERO for each in tenders if each.method == CERTIFICATE), ZERO)
    if len([each for each in tenders if each.method != CERTIFICATE]) == 1:
        tenders = tuple(_with_the_rest(each, total - spent, policy, currency) for each in tenders)
    duty = booked_duty
    if duty is None:
        duty = sum(duties(order, shop), ZERO) if shop else ZERO
    home = shop.country if shop else ""
    return Captured(
        tax=None if salvaged.trouble("taxTotal") else order.tax_total - duty,
        duty=duty,
        certificates_sold=sum((each.net for each in order.gift_certificates), ZERO),
        certificates_spent=spent,
        payments=tenders,
        place=TaxFigures(order, home).place(shipments_of(order)[0]).words or None,
        taxes=_by_rate(order),
    )


def _by_rate(order: Order) -> dict[str, tuple[Decimal, Decimal]]:
    found: dict[str, tuple[Decimal, Decimal]] = {}
    parts = [
        *((line.rate, line.after_order, line.adjusted_tax) for line in order.lines),
        *(
            (line.rate, option.adjusted_amount, option.adjusted_tax)
            for line in order.lines
            for option in line.options
        ),
        *((item.rate, item.after_item, item.adjusted_tax) for item in order.shipping_items),
    ]
    for rate, amount, tax in parts:
        words = "" if rate is None else format(rate.normalize(), "f")
        without = amount - tax if order.taxation == "gross" else amount
        base, so_far = found.get(words, (ZERO, ZERO))
        if amount or tax:
            found[words] = (base + without, so_far + tax)
    return found


def _tenders(order: Order, site: str, currency: str, policy: LedgerPolicy) -> Iterator[Tender]:
    seen: set[str] = set()
    for position, instrument in enumerate(order.payments):
        gateway = gateway_of(policy, site, instrument.method)
        amount = instrument.stated_in(currency) or None
        twice = instrument.id in seen
        seen.add(instrument.id)
        yield Tender(
            id=f"{instrument.id}#{position}" if twice else instrument.id,
            gateway=gateway,
            method=instrument.method,
            reference=instrument.transaction_id,
            amount=amount,
            most_fee=most_fee(policy, gateway, amount, currency),
        )


def _with_the_rest(tender: Tender, rest: Decimal, policy: LedgerPolicy, currency: str) -> Tender:
    """Providers may keep the amount to themselves: the only one there is pays what is left."""
    if tender.method == CERTIFICATE or tender.amount is not None:
        return tender
    fee = most_fee(policy, tender.gateway, rest, currency)
    return replace(tender, amount=rest, most_fee=fee)


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
