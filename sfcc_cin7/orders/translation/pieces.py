"""The money of what was sold on the SKUs that it is booked under (see `booking_rule`).

Whatever the site's policy for bundles and options, all pieces and options left over hold together
exactly the amount and tax of what was sold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from sfcc_cin7.order_document.booking_rule import BookedUnits, BookingRule, booking_rule
from sfcc_cin7.order_document.model import Line
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import Piece, SoldLine, SoldOption
from sfcc_cin7.orders.translation.text import listed
from sfcc_cin7.values.money import share_out

MOST_TRIED = 6
"""Priced options of one line of which each selection is tried."""
BUNDLE_LENGTH = 200
"""Of a comment's 256 characters: a bundle's other remarks need room too."""


def pieces(draft: Draft, lines: Iterable[SoldLine]) -> tuple[list[Piece], list[SoldOption]]:
    """The pieces for the sale's lines, and the options that are still to be charged."""
    rule = booking_rule(draft.site)
    booked: list[Piece] = []
    charged: list[SoldOption] = []
    for sold in lines:
        inside = _inside(draft, rule, sold)
        booked += _goods(draft, rule, sold, inside)
        booked += _option_skus(rule, sold)
        if rule.options != "sku":
            charged += [each for each in sold.options if each not in inside]
    return booked, charged


def _inside(draft: Draft, rule: BookingRule, sold: SoldLine) -> Sequence[SoldOption]:
    """The options that are booked within their product's line.

    An option may be taxed otherwise than its product, as a warranty is. Within the line is only
    what one tax rule holds with it; the others are charges, under a rule of their own. The other
    way round, a product whose tax includes that of its options cannot be held without them.
    """
    priced = [each for each in sold.options if each.bearer.has_money]
    free = [each for each in sold.options if not each.bearer.has_money]
    if rule.options == "parent":
        alike = [each for each in priced if bool(each.tax) == bool(sold.tax)]
        for inside in (priced, alike):
            if _one_rule(draft, sold, inside):
                return [*inside, *free]
        return [*_joining(draft, sold, priced), *free]
    if rule.options == "sku" or _one_rule(draft, sold, []):
        return []
    return _joining(draft, sold, priced)


def _joining(draft: Draft, sold: SoldLine, priced: Sequence[SoldOption]) -> Sequence[SoldOption]:
    """The options whose tax their product bears: all of them, or the only ones with which one rule
    holds it. None where that is not clear."""
    if _one_rule(draft, sold, priced):
        return priced
    if len(priced) > MOST_TRIED:
        return []
    some = [each for count in range(1, len(priced)) for each in combinations(priced, count)]
    fitting = [each for each in some if _one_rule(draft, sold, each)]
    return fitting[0] if len(fitting) == 1 else []


def _one_rule(draft: Draft, sold: SoldLine, inside: Sequence[SoldOption]) -> bool:
    """Whether a tax rule holds the line with these options, or nothing of it has money."""
    bearers = [sold.bearer, *(each.bearer for each in inside)]
    has_money = any(each.has_money for each in bearers)
    return not has_money or draft.tax.rule(bearers) is not None


def _goods(
    draft: Draft, rule: BookingRule, sold: SoldLine, inside: Sequence[SoldOption]
) -> list[Piece]:
    line = sold.line
    piece = Piece(
        sku=line.product_id,
        quantity=line.quantity,
        amount=sum((option.amount for option in inside), sold.amount),
        tax=sum((option.tax for option in inside), sold.tax),
        bearers=(sold.bearer, *(option.bearer for option in inside)),
        remarks=tuple(_remarks(draft, sold, inside)),
    )
    return _components(draft, piece, rule.goods(line)) if rule.splits(line) else [piece]


def _components(draft: Draft, bundle: Piece, parts: list[BookedUnits]) -> list[Piece]:
    """The components of a bundle, which bear its money by their worth in the operating model where
    each has one, else every unit the same; the tax follows the amounts."""
    if bundle.quantity and any(part.quantity % bundle.quantity for part in parts):
        sentence = f"The components of {bundle.sku} are no whole number for each bundle."
        draft.refuse("bundle-quantity-unclear", sentence, bundle.quantity)
    prices = draft.site.component_prices
    priced = all(part.sku in prices for part in parts)
    weights = [part.quantity * (prices[part.sku] if priced else Decimal(1)) for part in parts]
    amounts = share_out(bundle.amount, weights, draft.step)
    taxes = share_out(bundle.tax, amounts, draft.step)
    remark = f"Part of {_count(bundle.quantity)} x {bundle.sku}"
    return [
        replace(
            bundle,
            sku=part.sku,
            quantity=part.quantity,
            amount=amount,
            tax=tax,
            remarks=(remark, *bundle.remarks),
        )
        for part, amount, tax in zip(parts, amounts, taxes, strict=True)
    ]


def _option_skus(rule: BookingRule, sold: SoldLine) -> Iterator[Piece]:
    """Options that are booked under SKUs of their own; any other is only a remark on its line."""
    line = sold.line
    for option in sold.options:
        units = rule.option(line, option.option)
        if units is not None:
            yield Piece(
                sku=units.sku,
                quantity=units.quantity,
                amount=option.amount,
                tax=option.tax,
                bearers=(option.bearer,),
                remarks=(f"For {_count(line.quantity)} x {line.product_id}",),
            )


def _remarks(draft: Draft, sold: SoldLine, inside: Sequence[SoldOption]) -> Iterator[str]:
    line: Line = sold.line
    if line.bonus:
        yield "Includes a bonus product"
    if line.bundled and draft.site.bundles == "parent":
        parts = [f"{_count(part.quantity)} x {part.product_id}" for part in line.bundled]
        yield listed([f"Bundle of {parts[0]}", *parts[1:]], BUNDLE_LENGTH, ", ")
    for each in sold.options:
        option = each.option
        remark = f"With option {option.option_id or option.product_id} {option.value_id}".strip()
        if each in inside and each.amount:
            remark += f" for {each.amount:f} {draft.order.currency}"
        yield remark


def _count(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
