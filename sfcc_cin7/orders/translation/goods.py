"""What was sold, with its final money, and the sale lines that hold it: one for each SKU."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.order_document.final_prices import final_prices
from sfcc_cin7.order_document.model import Line, Option
from sfcc_cin7.order_document.tax_figures import Bearer, with_groups
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.sale import SaleCharge, SaleLine
from sfcc_cin7.orders.translation.text import is_plain, length, listed
from sfcc_cin7.values.money import ZERO, round_half_up

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.0001")
MOST_MISSED = 1000
"""How many of a currency's smallest amounts a rounding charge may come to on one line."""
SKU_LENGTH = 50
COMMENT_LENGTH = 256


@dataclass(frozen=True)
class SoldOption:
    """An option's amount after all discounts and the tax it bears."""

    line: Line
    option: Option
    amount: Decimal
    tax: Decimal
    bearer: Bearer


@dataclass(frozen=True)
class SoldLine:
    """A line's amount after all discounts and the tax it bears, both without its options."""

    line: Line
    amount: Decimal
    tax: Decimal
    bearer: Bearer
    options: tuple[SoldOption, ...]


@dataclass(frozen=True)
class Piece:
    """What goes on a sale's line: units of a SKU, their money, what a tax rule has to hold (of a
    bundle's component the whole bundle) and what to remark."""

    sku: str
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    bearers: tuple[Bearer, ...]
    remarks: tuple[str, ...]


def sold(draft: Draft) -> list[SoldLine]:
    """Lines and options with their final amounts and the whole product tax spread over them."""
    order, figures = draft.order, draft.tax.figures
    prices = final_prices(order, draft.step)
    taxes = draft.attribute(order.merchandise_tax, prices, "product")
    elements: list[tuple[Line, Line | Option]] = [(line, line) for line in order.lines]
    elements += [(line, option) for line in order.lines for option in line.options]
    final = [(price.amount, tax) for price, tax in zip(prices, taxes, strict=True)]
    bearers = with_groups(
        [figures.product(*each, *money) for each, money in zip(elements, final, strict=True)]
    )
    money = [(*each, bearer) for each, bearer in zip(final, bearers, strict=True)]
    count = len(order.lines)
    extras = iter(money[count:])
    return [
        SoldLine(
            line,
            *of_line,
            tuple(SoldOption(line, option, *next(extras)) for option in line.options),
        )
        for line, of_line in zip(order.lines, money[:count], strict=True)
    ]


def sale_lines(draft: Draft, pieces: Sequence[Piece]) -> tuple[list[SaleLine], list[SaleCharge]]:
    """One line for each SKU, and a rounding charge per tax rule for what unit prices cannot hit.

    A rounding charge bears no tax: all tax stays on the lines.
    """
    by_sku: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_sku[piece.sku].append(piece)
    _check_spelling(draft, by_sku)
    merged = []
    left_over: dict[str, Decimal] = defaultdict(Decimal)
    for sku, same in by_sku.items():
        line = _merge(draft, sku, same)
        if line is not None:
            merged.append(line)
            left_over[line.tax_rule] += sum((each.amount for each in same), -line.amount)
    return merged, [
        SaleCharge(
            description=draft.site.charges.rounding,
            amount=amount,
            tax=ZERO,
            tax_rule=rule,
            comment="What unit prices of four decimals cannot hit",
            rounding=True,
        )
        for rule, amount in left_over.items()
        if amount
    ]


def _check_spelling(draft: Draft, skus: Iterable[str]) -> None:
    """Cin7 resolves a SKU without regard to case, so two spellings would be one product twice."""
    spellings: dict[str, str] = {}
    for sku in skus:
        if length(sku) > SKU_LENGTH:
            draft.refuse("sku-too-long", f"SKU {sku} is longer than {SKU_LENGTH} characters.")
        if not is_plain(sku):
            draft.refuse("sku-unreadable", "A SKU holds characters that cannot be sent or stored.")
        known = spellings.setdefault(sku.casefold(), sku)
        if known != sku:
            sentence = f"SKUs {known} and {sku} differ only in case, so Cin7 takes them for one."
            draft.refuse("sku-case-clash", sentence, known, sku)


def _merge(draft: Draft, sku: str, same: list[Piece]) -> SaleLine | None:
    if not all(each.quantity for each in same):
        draft.refuse("quantity-not-positive", f"A line of {sku} has no quantity.")
        return None
    quantity = sum((each.quantity for each in same), ZERO)
    if quantity % PRICE_STEP:
        sentence = f"The quantity of {sku} has more than four decimals."
        draft.refuse("quantity-too-precise", sentence, actual=quantity)
        return None
    amount = sum((each.amount for each in same), ZERO)
    tax = sum((each.tax for each in same), ZERO)
    most = MOST_MISSED if draft.rounding is None else int(draft.rounding / draft.step)
    priced = unit_price(amount, quantity, draft.step, most)
    if priced is None or priced[1] < tax:
        sentence = f"No unit price of {sku} comes near the price of all its units."
        draft.refuse("price-inexact", sentence, amount)
        return None
    price, extension = priced
    rule = draft.rule(*(bearer for each in same for bearer in each.bearers))
    remarks = dict.fromkeys(remark for each in same for remark in each.remarks)
    return SaleLine(
        sku=sku,
        quantity=quantity,
        price=price,
        amount=extension,
        tax=tax,
        tax_rule=rule,
        comment=listed(list(remarks), COMMENT_LENGTH, "; "),
    )


def unit_price(
    amount: Decimal, quantity: Decimal, step: Decimal, most_missed: int = MOST_MISSED
) -> tuple[Decimal, Decimal] | None:
    """A unit price of up to four decimals and its extension over a positive quantity.

    The extension is rounded as Cin7 does, to two decimals or the currency's. It is the amount
    itself, or else the nearest amount below it that a price can hit in whole `step`s (the
    currency's smallest amount), so that what is left over never is a negative charge. None when
    nothing near is hit, which takes thousands of units on one line.
    """
    places = min(step, CENT)
    for missed in range(min(most_missed, int(amount / step)) + 1):
        extension = amount - missed * step
        for fineness in (places, PRICE_STEP):
            price = round_half_up(extension / quantity, fineness)
            if round_half_up(price * quantity, places) == extension:
                return price, extension
    return None
