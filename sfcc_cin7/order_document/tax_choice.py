"""Which of a site's tax rules hold what an order sells: docs/decisions/24-tax-rules-by-place.md.

What bears no tax takes an untaxed rule, whatever rate is written beside it; what bears tax takes a
rule that explains it, or a carrier, and never an untaxed one.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.tax_figures import (
    SAME_RATE,
    Bearer,
    TaxFigures,
    explains,
    joined,
)
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.tax_shares import tax_inside


class TaxChoice:
    """The rules for one order of a site, whose policy is that for the order's currency."""

    def __init__(self, order: Order, site: SitePolicy) -> None:
        self._order = order
        self._site = site
        self.figures = TaxFigures(order, site.country, site.goods_classes)

    def rule(self, bearers: Sequence[Bearer]) -> TaxMapping | None:
        """The one rule that holds all of these; None where there is none, or nothing has money.

        It holds each of them, or explains what they come to together. Of several the first for the
        greatest amount counts; see `holding`.
        """
        money = sorted((each for each in bearers if each.has_money), key=lambda each: -each.amount)
        if not money:
            return None
        first, *others = [self.holding(each) for each in money]
        names = [{mapping.rule for mapping in held} for held in others]
        for mapping in first:
            if all(mapping.rule in held for held in names):
                return mapping
        together = joined(money) if others else None
        if together is None or not together.tax:
            return None
        return next((each for each in self.holding(together) if each.kind == "explains"), None)

    def holding(self, bearer: Bearer) -> list[TaxMapping]:
        """Every rule that can hold this, the best first.

        The narrowest place comes first, then the narrower class of goods. There, what explains the
        tax comes before a carrier; of several that explain it, the one of the very rate that is
        stated, then the one that explains more of the order, then the one that is nearer to the
        stated tax, then the one that is written first.
        """
        covering = [
            each for each in self._site.tax_rules if each.covers(bearer.place, bearer.classes)
        ]
        covering.sort(key=lambda each: each.narrowness, reverse=True)  # stable: as written
        if not bearer.tax:
            return [each for each in covering if each.kind == "untaxed"]
        found: list[TaxMapping] = []
        for _, alike in groupby(covering, key=lambda each: each.narrowness):
            level = list(alike)
            explaining = [
                each for each in level if each.kind == "explains" and self._explains(each, bearer)
            ]
            if len(explaining) > 1:
                explaining.sort(key=lambda each: self._rank(each, bearer))
            found += [*explaining, *(each for each in level if each.kind == "carrier")]
        return found

    def maps(self, bearer: Bearer) -> bool:
        """Whether a rule has the rate that is stated for this, whatever tax is stated beside it."""
        return any(
            each.kind == "explains"
            and self._is_stated(each, bearer)
            and each.covers(bearer.place, bearer.classes)
            for each in self._site.tax_rules
        )

    def whatever(self, bearer: Bearer) -> TaxMapping | None:
        """A rule for what has no money in an order that has none: untaxed, else the narrowest."""
        free = self.holding(bearer)
        covering = [
            each for each in self._site.tax_rules if each.covers(bearer.place, bearer.classes)
        ]
        narrowest = max(covering, key=lambda each: each.narrowness, default=None)
        return free[0] if free else narrowest

    def _explains(self, mapping: TaxMapping, bearer: Bearer) -> bool:
        return explains(mapping.own_rate, bearer, self._order.taxation, self._order.currency)

    def _rank(self, mapping: TaxMapping, bearer: Bearer) -> tuple[bool, int, Decimal]:
        rate = mapping.own_rate
        exact = tax_inside(bearer.amount, rate, self._order.taxation)
        return (
            not self._is_stated(mapping, bearer),
            -self._explained[rate],
            abs(exact - bearer.tax),
        )

    def _is_stated(self, mapping: TaxMapping, bearer: Bearer) -> bool:
        return bearer.rate is not None and abs(bearer.rate - mapping.own_rate) < SAME_RATE

    @cached_property
    def _explained(self) -> dict[Decimal, int]:
        """Of the lines and freight that state a tax, how many each rate explains."""
        taxation, stated = self._order.taxation, self.figures.stated()
        rates = {each.own_rate for each in self._site.tax_rules if each.kind == "explains"}
        return {
            rate: sum(explains(rate, each, taxation, self._order.currency) for each in stated)
            for rate in rates
        }


def duties(order: Order, site: SitePolicy) -> list[Decimal]:
    """How much of the tax of each shipping item is duty, where the site has a charge for duties.

    Cross-border services state duties and import taxes as tax of the freight. It is known for what
    it is where it is more than the freight itself, or where nothing else of the order is taxed and
    no tax rule of the site holds it. The books ask here too, so that both mean the same.
    """
    site = site.in_currency(order.currency)
    if site.charges.duties is None:
        return [ZERO] * len(order.shipping_items)
    choice = TaxChoice(order, site)
    found = []
    for item in order.shipping_items:
        tax = item.adjusted_tax
        is_duty = tax > item.after_item
        if tax > 0 and not is_duty and not order.merchandise_tax:
            is_duty = not choice.holding(choice.figures.freight(item, item.after_item, tax))
        found.append(tax if tax > 0 and is_duty else ZERO)
    return found
