"""Whether tax rules hold what they are said to hold.

A mapping that explains was proved for each order against the percent that the model names; that
this is the percent of the rule in the ERP is judged here. A carrier has no percent: of it only the
sums can be told, for each place and month.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.tax_rules import place
from sfcc_cin7.values.money import figure


@dataclass(frozen=True)
class WrongRule:
    """A tax rule whose percent (0-100) in the ERP is not what the model books under it; None: the
    ERP has no such rule for sales, or not in use."""

    site: str
    place: str
    rule: str
    wanted: Decimal
    found: Decimal | None

    @property
    def sentence(self) -> str:
        """For people."""
        if self.found is None:
            return (
                f"The ERP has no tax rule {self.rule!r} in use for sales: no order of {self.place}"
                " that needs it can be booked."
            )
        return (
            f"{self.rule!r} is {_percent(self.found)} in the ERP, but what is booked under it for"
            f" {self.place} was charged {_percent(self.wanted)}."
        )


@dataclass(frozen=True)
class MonthOfTax:
    """The tax of a site's booked orders to one place (country, or country and state) in a month.

    `place` is None for orders that were captured before it was kept. Duties that have a charge of
    their own are no tax in either sum.
    """

    site: str
    place: str | None
    month: str
    currency: str
    orders: int
    stated: Decimal
    booked: Decimal

    @property
    def sentence(self) -> str:
        """For people."""
        stated, booked = figure(self.stated, self.currency), figure(self.booked, self.currency)
        return f"Shoppers were charged {stated} of tax, but the ERP holds {booked}."


def wrong_rules(model: OperatingModel, percents: Mapping[str, Decimal]) -> Iterator[WrongRule]:
    """Each mapping that the ERP contradicts, or has no rule for; `percents` are those of its rules
    in use, by name. A carrier has no percent of its own."""
    for site in model.sites:
        seen = set()
        for mapping in (each for policy in site.in_each_currency for each in policy.tax_rules):
            found, wanted = percents.get(mapping.rule), mapping.own_rate * 100
            is_right = found == wanted or (mapping.kind == "carrier" and found is not None)
            if is_right or mapping in seen:
                continue
            seen.add(mapping)
            where = f"{mapping.country}/{mapping.state}" if mapping.state else mapping.country
            yield WrongRule(site.id, where, mapping.rule, wanted, found)


def carrying_sites(model: OperatingModel) -> list[str]:
    """The sites that have a carrier anywhere."""
    return [
        site.id
        for site in model.sites
        if any(each.kind == "carrier" for own in site.in_each_currency for each in own.tax_rules)
    ]


def carried(model: OperatingModel, months: Iterable[MonthOfTax]) -> list[MonthOfTax]:
    """Those of places where a carrier may hold the tax, and those of which no place is known."""
    return [each for each in months if each.place is None or _is_carried(model, each)]


def _is_carried(model: OperatingModel, month: MonthOfTax) -> bool:
    country, _, state = (month.place or "").partition("/")
    there = place(country, state, "")
    policy = model.site(month.site).in_currency(month.currency)
    return any(
        mapping.kind == "carrier"
        and mapping.model_copy(update={"postcode": None, "goods": None}).covers(there, frozenset())
        for mapping in policy.tax_rules
    )


def _percent(percent: Decimal) -> str:
    return f"{percent.normalize():f} %"
