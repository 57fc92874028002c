"""Under which SKUs of the ERP, and in which units, an order's bundles and options are booked.

The queue holds these units back, the sale takes them and the margin asks their cost, so all three
ask here: where they disagreed, stock would be offered that is sold.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Line, Option


class BookedUnits(NamedTuple):
    """So many units of a SKU of the ERP."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True)
class BookingRule:
    """What a merchant decided about bundles and options; see `SitePolicy` for the choices.

    `mapped` maps an option (`optionId:optionValueId`, or its product) to a SKU, or to a service
    where options are charged. `renamed` are products of one order and the SKU that a person
    corrected each to.
    """

    bundles: Literal["parent", "components"] = "parent"
    options: Literal["charge", "sku", "parent"] = "charge"
    mapped: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def splits(self, line: Line) -> bool:
        """Whether a line is booked as what is in it; a bundle that names nothing never is."""
        return bool(line.bundled) and self.bundles == "components"

    def goods(self, line: Line) -> list[BookedUnits]:
        """The units of a line without its options: its own SKU's, or those of its components."""
        sold = line.bundled if self.splits(line) else [line]
        return [
            BookedUnits(self.renamed.get(part.product_id, part.product_id), part.quantity)
            for part in sold
        ]

    def option(self, line: Line, option: Option) -> BookedUnits | None:
        """The units of an option, as many as its line has; None where it takes nothing from stock.

        That is where options are charges or part of their product, and where one that is mapped to
        no SKU costs nothing ("no engraving").
        """
        if self.options != "sku":
            return None
        sku = self.mapping(option) or ("" if costs_nothing(option) else option.product_id)
        return BookedUnits(sku, line.quantity) if sku else None

    def mapping(self, option: Option) -> str | None:
        """What the operating model maps an option to: by option and value, else by its product."""
        chosen = f"{option.option_id}:{option.value_id}"
        return self.mapped.get(chosen) or self.mapped.get(option.product_id)

    def corrected(self, corrections: Iterable[tuple[str, str, str]]) -> "BookingRule":
        """The rule for an order of which people said what else it is booked as: (kind, name, value)
        of each correction. Those of the kinds `sku` and `option` change it."""
        found: dict[str, dict[str, str]] = {"sku": {}, "option": {}}
        for kind, name, value in corrections:
            found.setdefault(kind, {})[name] = value
        return replace(
            self,
            mapped={**self.mapped, **found["option"]},
            renamed={**self.renamed, **found["sku"]},
        )


@dataclass(frozen=True)
class BookedLines:
    """An order's lines, and the rule by which its site books them."""

    lines: tuple[Line, ...]
    rule: BookingRule

    def units(self, corrections: Iterable[tuple[str, str, str]] = ()) -> Iterator[BookedUnits]:
        """What the ERP takes, as people corrected it; see `BookingRule.corrected`."""
        rule = self.rule.corrected(corrections)
        for line in self.lines:
            options = (rule.option(line, option) for option in line.options)
            yield from rule.goods(line)
            yield from (each for each in options if each is not None)


def booking_rule(site: SitePolicy | None) -> BookingRule:
    """The rule of a site; for one that is not in the operating model, the choices' defaults."""
    return BookingRule(site.bundles, site.option_booking, site.options) if site else BookingRule()


def costs_nothing(option: Option) -> bool:
    """Whether an option is a mere remark: no figure of it and none of its adjustments is an amount.

    - One that a discount brings to zero was priced: it is sold and leaves the shelf like a bonus
      product, so it is booked.
    - One without a price that a surcharge is laid on brings in money, which has to be booked.
    - The price of one unit counts too: it may round to nothing for few units.
    - Where net and gross disagree about it, it is taken to cost something: no sale comes of such an
      order until a person looked at it, and units held back in vain are offered again later, while
      units that were not held back are sold twice.
    """
    priced = (option, *option.adjustments)
    return not any(figure for each in priced for figure in (each.base, each.net, each.gross))
