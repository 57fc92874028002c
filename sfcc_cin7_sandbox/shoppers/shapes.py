"""Every shape a storefront order can have, by name; a shape changes a draft basket.

They are applied in the order of `SHAPES`, so that discounts see everything they discount. The
`PLANTED` ones are troubles that only somebody at the ERP can resolve.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from sfcc_cin7_sandbox.shoppers.basket import Certificate, Option, Payment, Promotion, quantum
from sfcc_cin7_sandbox.shoppers.draft import SHIPPING, Draft

ROUND_SUMS = {"GBP": (10, 25, 50), "USD": (20, 50, 100), "JPY": (3000, 5000)}


def plain(draft: Draft) -> None:
    """Nothing special."""


def several_units(draft: Draft) -> None:
    """More than one unit of the first line."""
    draft.take_more(0, draft.dice.randint(1, 5))


def unit_rounding(draft: Draft) -> None:
    """Tax is rounded for each unit: a line's tax may be off its rate by several cents."""
    draft.rounding = "unit"
    draft.take_more(0, draft.dice.randint(2, 6))


def several_lines(draft: Draft) -> None:
    """Up to four further products."""
    for _ in range(draft.dice.randint(1, 4)):
        draft.add(draft.offer.ordinary, draft.dice.choice((1, 1, 2)))


def untaxed_line(draft: Draft) -> None:
    """A product that carries no tax anywhere on this site."""
    draft.add(draft.offer.untaxed, draft.dice.randint(1, 3))


def bundle(draft: Draft) -> None:
    """A product made of others; its price is its own."""
    draft.add(draft.offer.bundles)


def same_sku_twice(draft: Draft) -> None:
    """The second unit is a gift, on a line of its own."""
    first = draft.items[0]
    again = [sku for sku in draft.offer.ordinary if sku.id == first.product_id]
    draft.add(again, gift_message="Für Dich — alles Gute! 🏔")


def unknown_sku(draft: Draft) -> None:
    """Planted: the ERP does not know the product."""
    draft.add(draft.offer.unknown_to_erp)


def missing_tax_rule(draft: Draft) -> None:
    """Planted: the ERP has no tax rule for the line's rate."""
    draft.add(draft.offer.without_tax_rule, draft.dice.randint(1, 4))


def option(draft: Draft) -> None:
    """Separately priced extras of the first line, now and then discounted."""
    chosen = draft.dice.sample(draft.offer.options, draft.dice.choice((1, 1, 2)))
    options = []
    for sku in chosen:
        price = sku.prices[draft.site.currency]
        discounted = draft.dice.random() < 0.2
        _, option_id, *value = sku.id.lower().split("-", 2)
        options.append(
            Option(
                option_id=option_id,
                value_id=value[0] if value else "yes",
                product_id=sku.id,
                name=sku.name,
                unit_price=price,
                discounts=(draft.promotion("option-week", price),) if discounted else (),
            )
        )
    draft.change(0, options=tuple(options))


def surcharge(draft: Draft) -> None:
    """Bulky goods cost extra to ship."""
    unit = quantum(draft.site.currency)
    draft.change(0, surcharge=draft.dice.choice((250, 499, 1250)) * unit)


def several_shipments(draft: Draft) -> None:
    """The first product goes home, the others to a friend, perhaps in another state."""
    if len(draft.items) < 2:
        draft.add(draft.offer.ordinary)
    here = {item.product_id for item in draft.items[:1]}
    elsewhere = draft.delivery("gift")
    draft.deliveries.append(elsewhere)
    for position, item in enumerate(draft.items):
        if item.product_id not in here:
            draft.send(position, elsewhere)


def bonus(draft: Draft) -> None:
    """A free product: full price, and as much off."""
    item = draft.add(draft.offer.ordinary, bonus=True)
    draft.change(-1, discounts=(Promotion("gift-with-purchase", item.unit_price, "bonus"),))


def item_discount(draft: Draft) -> None:
    """One or two promotions on the first line."""
    item = draft.items[0]
    full = item.unit_price * item.quantity
    discounts = [draft.promotion("summer-sale", full)]
    rest = full - discounts[0].amount
    if rest and draft.dice.random() < 0.3:
        discounts.append(draft.promotion("members-extra", rest, "MEMBERS"))
    draft.change(0, discounts=tuple(discounts))


def order_discount(draft: Draft) -> None:
    """A promotion on the whole order, with or without a coupon."""
    coupon = draft.dice.choice((None, "WELCOME10"))
    if price := draft.merchandise():
        draft.order_discounts.append(draft.promotion("welcome", price, coupon))


def shipping_discount(draft: Draft) -> None:
    """Free or cheaper shipping."""
    delivery = draft.deliveries[0]
    price = delivery.price or Decimal(SHIPPING[draft.site.currency][-1])
    free = Promotion("free-shipping", price, "free")
    promotion = free if draft.dice.random() < 0.5 else draft.promotion("shipping-week", price)
    draft.deliveries[0] = replace(delivery, price=price, discounts=(promotion,))


def certificate_bought(draft: Draft) -> None:
    """A gift certificate for somebody else."""
    amount = Decimal(draft.dice.choice(ROUND_SUMS[draft.site.currency]))
    draft.certificates.append(
        Certificate(
            amount=amount.quantize(quantum(draft.site.currency)),
            recipient_name="Bjørk Østergård",
            recipient_email="bjork@example.com",
            message="Til lykke med fødselsdagen",
        )
    )


def certificate_spent(draft: Draft) -> None:
    """A certificate pays as far as its balance goes."""
    balance = Decimal(draft.dice.choice(ROUND_SUMS[draft.site.currency]))
    balance += draft.dice.randint(0, 99) * quantum(draft.site.currency)
    code = f"ALPENGLOW{draft.dice.randint(0, 9999):04d}"
    draft.payments.append(Payment("GIFT_CERTIFICATE", balance, certificate_code=code))


def several_instruments(draft: Draft) -> None:
    """Two certificates, and a card or wallet for the rest."""
    certificate_spent(draft)
    certificate_spent(draft)


def rate_group_rounding(draft: Draft) -> None:
    """Tax is rounded once for all lines of a rate: the total is not the sum of the lines."""
    draft.rounding = "rate-group"
    for _ in range(draft.dice.randint(2, 5)):
        draft.add(draft.offer.ordinary)


def payment_without_amount(draft: Draft) -> None:
    """The payment provider keeps the amount to itself."""
    draft.told = "nothing"


def payment_of_zero(draft: Draft) -> None:
    """The payment provider leaves the amount at zero."""
    draft.told = "zero"


SHAPES: dict[str, Callable[[Draft], None]] = {
    "plain": plain,
    "several-units": several_units,
    "unit-rounding": unit_rounding,
    "several-lines": several_lines,
    "untaxed-line": untaxed_line,
    "bundle": bundle,
    "same-sku-twice": same_sku_twice,
    "option": option,
    "surcharge": surcharge,
    "bonus": bonus,
    "several-shipments": several_shipments,
    "unknown-sku": unknown_sku,
    "missing-tax-rule": missing_tax_rule,
    "item-discount": item_discount,
    "order-discount": order_discount,
    "shipping-discount": shipping_discount,
    "certificate-bought": certificate_bought,
    "certificate-spent": certificate_spent,
    "several-instruments": several_instruments,
}
RARE: dict[str, Callable[[Draft], None]] = {
    "rate-group-rounding": rate_group_rounding,
    "payment-without-amount": payment_without_amount,
    "payment-of-zero": payment_of_zero,
}
"""Shapes of shops that are set up otherwise: the crowd never has them, they come when called."""
PLANTED = ("unknown-sku", "missing-tax-rule")
ORDINARY = tuple(name for name in SHAPES if name not in PLANTED)
