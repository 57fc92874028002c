"""A sale in the making: the order, the merchant's decisions, and what stands against it so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.order_document.tax_choice import TaxChoice
from sfcc_cin7.order_document.tax_figures import Bearer, shipments_of
from sfcc_cin7.values.money import ZERO, quantum
from sfcc_cin7.values.tax_shares import Taxed, attribute


@dataclass
class Draft:
    """What every part of the translation reads, and where it says why it cannot go on.

    `known_rules` are the names of the ERP's tax rules; None leaves their existence to the ERP.
    `duty` is how much of the tax of each shipping item is duty.
    `rounding` is the largest rounding of one SKU where a person has accepted one. `services` are
    the SKUs that the ERP keeps as Service products, with their Names.
    """

    order: Order
    site: SitePolicy
    known_rules: Collection[str] | None
    duty: Sequence[Decimal] = ()
    rounding: Decimal | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    tax: TaxChoice = field(init=False)

    def __post_init__(self) -> None:
        self.tax = TaxChoice(self.order, self.site)

    @property
    def step(self) -> Decimal:
        """The smallest amount of the order's currency."""
        return quantum(self.order.currency)

    def refuse(
        self, code: str, sentence: str, expected: object = None, actual: object = None
    ) -> None:
        """Note a reason; the order will not be booked, but further reasons are still looked for."""
        figures = [None if figure is None else str(figure) for figure in (expected, actual)]
        self.reasons.append(Reason(code, sentence, *figures))

    def rule(self, *bearers: Bearer) -> str:
        """The tax rule that holds these, which are booked together.

        Empty where they have no money, which any rule of the order holds, and once it is refused.
        """
        if not any(each.has_money for each in bearers):
            return ""
        mapping = self.tax.rule(bearers)
        if mapping is None:
            self._unmapped([each for each in bearers if each.has_money])
            return ""
        return self.known(mapping.rule)

    def known(self, rule: str) -> str:
        """The name of a rule, which Cin7 has to have."""
        if self.known_rules is not None and rule not in self.known_rules:
            self.refuse("tax-rule-unknown", f"Cin7 has no tax rule {rule!r}.")
        return rule

    def rule_of_nothing(self) -> str:
        """The tax rule of an order in which nothing has money."""
        nothing = self.tax.figures.untaxed(shipments_of(self.order)[0], "", ZERO)
        mapping = self.tax.whatever(nothing)
        if mapping is None:
            self._unmapped([nothing])
            return ""
        return self.known(mapping.rule)

    def _unmapped(self, bearers: Sequence[Bearer]) -> None:
        """That no rule holds one of these, in the words of a mapping that would, or them all."""
        homeless = [each for each in bearers if not self.tax.holding(each)]
        if homeless:
            [first, *_] = homeless
            where, taxed = first.place.words, "taxed" if first.tax else "untaxed"
            what = self._words(first) or f"what is {taxed}"
            sentence = f"The operating model maps no tax rule to {what} in {where}."
            figures = f"{first.tax} on {first.amount}" if first.tax else None
            self.refuse("tax-rule-unmapped", sentence, f"{where}/{taxed}", figures)
            return
        sentence = "What Cin7 takes on one line only falls under different tax rules."
        figures = ", ".join(f"{each.tax} on {each.amount}" for each in bearers if each.has_money)
        self.refuse("tax-rules-differ", sentence, actual=figures)

    def _words(self, bearer: Bearer) -> str | None:
        """The tax by its stated percent, if that says anything; one that is mapped is not what is
        missing."""
        percent = _percent_of(bearer)
        if percent and self.tax.maps(bearer):
            return f"tax that is not the stated {percent}"
        return percent

    def attribute(
        self, total: Decimal, parts: Sequence[Taxed], what: str, hint: str = ""
    ) -> list[Decimal]:
        """The tax of each part, adding up to what the storefront states in total."""
        taxes = attribute(total, parts, self.order.taxation, self.step)
        if taxes is None:
            sentence = f"The {what} tax does not fit within the prices it is charged on.{hint}"
            self.refuse("tax-not-attributable", sentence, actual=total)
            return [ZERO] * len(parts)
        return taxes


def _percent_of(bearer: Bearer) -> str | None:
    """The stated rate in words where it is one that somebody set, and not a tax by its price: what
    is missing should be called the same for every order that lacks it."""
    if not bearer.tax or not bearer.rate:
        return None
    rate = bearer.rate.quantize(Decimal("0.00001"))
    set_by_somebody = abs(rate - bearer.rate) < Decimal("1e-12")
    return f"{(rate * 100).normalize():f} %" if set_by_somebody else None
