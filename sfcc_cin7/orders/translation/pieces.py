"""Under which SKUs what was sold is booked: bundles and options as the site's policy has them.

Whatever the choice, all pieces and options left over hold together exactly the amount and tax of
what was sold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from sfcc_cin7.order_document.model import NOTHING, BundledProduct, Line
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import Piece, SoldLine, SoldOption
from sfcc_cin7.orders.translation.text import listed
from sfcc_cin7.values.money import share_out

BUNDLE_LENGTH = 200
"""Of a comment's 256 characters: a bundle's other remarks need room too."""


def pieces(draft: Draft, lines: Iterable[SoldLine]) -> tuple[list[Piece], list[SoldOption]]:
    """The pieces for the sale's lines, and the options that are still to be charged."""
    booked: list[Piece] = []
    charged: list[SoldOption] = []
    for sold in lines:
        booked += _goods(draft, sold)
        if draft.site.option_booking == "sku":
            booked += _option_skus(draft, sold)
        elif draft.site.option_booking == "charge":
            charged += sold.options
    return booked, charged


def service_or_sku(draft: Draft, sold: SoldOption) -> str | None:
    """What the operating model maps an option to: by option and value, else by its product."""
    mapped, option = draft.site.options, sold.option
    return mapped.get(f"{option.option_id}:{option.value_id}") or mapped.get(option.product_id)


def _goods(draft: Draft, sold: SoldLine) -> list[Piece]:
    line = sold.line
    amount, tax = sold.amount, sold.tax
    if draft.site.option_booking == "parent":
        amount += sum((option.amount for option in sold.options), NOTHING)
        tax += sum((option.tax for option in sold.options), NOTHING)
    piece = Piece(
        sku=line.product_id,
        quantity=line.quantity,
        amount=amount,
        tax=tax,
        rate=line.rate,
        shipment_id=line.shipment_id,
        remarks=tuple(_remarks(draft, sold)),
    )
    if line.bundled and draft.site.bundles == "components":
        return _components(draft, piece, line.bundled)
    return [piece]


def _components(draft: Draft, bundle: Piece, parts: tuple[BundledProduct, ...]) -> list[Piece]:
    """The components of a bundle, which bear its money by their worth in the operating model where
    each has one, else every unit the same; the tax follows the amounts."""
    if bundle.quantity and any(part.quantity % bundle.quantity for part in parts):
        sentence = f"The components of {bundle.sku} are no whole number for each bundle."
        draft.refuse("bundle-quantity-unclear", sentence, bundle.quantity)
    prices = draft.site.component_prices
    priced = all(part.product_id in prices for part in parts)
    weights = [
        part.quantity * (prices[part.product_id] if priced else Decimal(1)) for part in parts
    ]
    amounts = share_out(bundle.amount, weights, draft.step)
    taxes = share_out(bundle.tax, amounts, draft.step)
    remark = f"Part of {_count(bundle.quantity)} x {bundle.sku}"
    return [
        replace(
            bundle,
            sku=part.product_id,
            quantity=part.quantity,
            amount=amount,
            tax=tax,
            remarks=(remark, *bundle.remarks),
        )
        for part, amount, tax in zip(parts, amounts, taxes, strict=True)
    ]


def _option_skus(draft: Draft, sold: SoldLine) -> Iterator[Piece]:
    """Options as SKUs: those they are mapped to, else their own product. One that costs nothing and
    is not mapped ("no engraving") is only a remark on its line."""
    line = sold.line
    for option in sold.options:
        sku = service_or_sku(draft, option)
        if sku or option.option.amount:
            yield Piece(
                sku=sku or option.option.product_id,
                quantity=line.quantity,
                amount=option.amount,
                tax=option.tax,
                rate=line.rate,
                shipment_id=line.shipment_id,
                remarks=(f"For {_count(line.quantity)} x {line.product_id}",),
            )


def _remarks(draft: Draft, sold: SoldLine) -> Iterator[str]:
    line: Line = sold.line
    if line.bonus:
        yield "Includes a bonus product"
    if line.bundled and draft.site.bundles == "parent":
        parts = [f"{_count(part.quantity)} x {part.product_id}" for part in line.bundled]
        yield listed([f"Bundle of {parts[0]}", *parts[1:]], BUNDLE_LENGTH, ", ")
    for each in sold.options:
        option = each.option
        remark = f"With option {option.option_id or option.product_id} {option.value_id}".strip()
        if draft.site.option_booking == "parent" and each.amount:
            remark += f" for {each.amount:f} {draft.order.currency}"
        yield remark


def _count(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
