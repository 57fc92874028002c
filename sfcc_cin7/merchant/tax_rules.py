"""Which ERP tax rule holds what: by place, by whether tax was charged, and by class of goods."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy
from sfcc_cin7.values.money import ZERO

ELSEWHERE = "elsewhere"
"""In the place of a country: every place."""
Kind = Literal["explains", "carrier", "untaxed"]
BUILT_IN = ("options", "freight", "gift-certificates", "duties")
"""Classes of what is charged beside the products; no product is in one of them."""
Classes = dict[Name, Annotated[list[Name], Field(min_length=1)]]


class Place(NamedTuple):
    """Where goods go, in capitals; the postcode without spaces. Unknown parts are empty."""

    country: str
    state: str
    postcode: str

    @property
    def is_known(self) -> bool:
        """Whether the country is a code: `USA` or `United States` need not be elsewhere."""
        return re.fullmatch("[A-Z]{2}", self.country) is not None

    @property
    def words(self) -> str:
        """`US/NY`, or the country alone."""
        return f"{self.country}/{self.state}" if self.state else self.country


class TaxMapping(Policy):
    """A Cin7 tax rule, and which stated tax it holds; docs/decisions/24-tax-rules-by-place.md."""

    country: Annotated[str, Field(pattern=f"^([A-Z]{{2}}|{ELSEWHERE})$")]
    state: str | None = None
    postcode: str | None = None
    """Only where the postcode begins so."""
    goods: str | None = None
    """Only for a class of goods: one of the site's `goods_classes`, or `options`, `freight`,
    `gift-certificates` or `duties`."""
    rate: Annotated[Decimal, Field(ge=0, lt=1)] | None = None
    """The rule's percent as a share: 0.2 is 20 %. Only what explains has one."""
    kind: Kind = "explains"
    """`explains`: the rate gives the stated tax, figure by figure. `carrier`: holds stated tax of
    any rate. `untaxed`: holds what bears no tax. Where it is left out, a rate above 0 explains and
    the rate 0 is untaxed."""
    rule: Annotated[str, Field(min_length=1, max_length=50)]

    @model_validator(mode="before")
    @classmethod
    def _kind_of_a_rate(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kind") is None:
            try:
                rate = Decimal(str(values.get("rate")))
            except ArithmeticError:
                raise ValueError(
                    "say which tax the rule holds: `rate: 0.2`, or `kind: carrier` for tax of any"
                    " rate, or `kind: untaxed`"
                ) from None
            return {**values, "kind": "explains" if rate else "untaxed"}
        return values

    @model_validator(mode="after")
    def _what_explains_has_a_rate(self) -> "TaxMapping":
        if self.kind == "explains" and not self.rate:
            raise ValueError("a rule that explains the tax needs its `rate`, above 0")
        if self.kind != "explains" and self.rate:
            raise ValueError(f"a rule of kind {self.kind} has no rate: leave it out")
        if self.country == ELSEWHERE and (self.state or self.postcode):
            raise ValueError(f"{ELSEWHERE} has no state and no postcode")
        return self

    @property
    def own_rate(self) -> Decimal:
        """The rate that it explains by; 0 for any other."""
        return self.rate or ZERO

    @property
    def narrowness(self) -> tuple[int, int, int, int]:
        """How narrow the place is, then the class of goods; greater is narrower."""
        return (
            len(_plain(self.postcode)),
            bool(self.state),
            self.country != ELSEWHERE,
            self.goods is not None,
        )

    def covers(self, place: Place, classes: frozenset[str]) -> bool:
        """Whether it is about goods of these classes that go there."""
        return (
            (
                country_code(self.country) == place.country
                or (self.country == ELSEWHERE and place.is_known)
            )
            and (not self.state or self.state.upper() == place.state)
            and place.postcode.startswith(_plain(self.postcode))
            and (self.goods is None or self.goods in classes)
        )


def country_code(country: str) -> str:
    """A country as it is compared: in capitals, and `UK`, which ISO 3166 only reserves, as GB."""
    land = country.strip().upper()
    return "GB" if land == "UK" else land


def place(country: str, state: str, postcode: str) -> Place:
    """A place as mappings are compared with. Older storefronts write countries in lower case, and
    some write states as ISO 3166-2 does: `US-NY` is NY."""
    land = country_code(country)
    return Place(land, state.strip().upper().removeprefix(f"{land}-"), _plain(postcode))


def classes_of(sku: str, classes: Classes) -> frozenset[str]:
    """The classes that a product is in; `*` in one stands for anything."""
    return frozenset(
        name
        for name, patterns in classes.items()
        if any(fnmatchcase(sku.casefold(), pattern.casefold()) for pattern in patterns)
    )


def checked(rules: Sequence[TaxMapping], classes: Classes) -> None:
    """Raises ValueError where two mappings answer one question, or a class is nowhere."""
    seen: set[tuple[object, ...]] = set()
    for each in rules:
        if each.goods is not None and each.goods not in (*classes, *BUILT_IN):
            known = ", ".join((*classes, *BUILT_IN))
            raise ValueError(f"tax_rules: no class of goods {each.goods!r}; there is: {known}")
        state = (each.state or "").upper()
        where = (each.country, state, _plain(each.postcode), each.goods)
        question = (*where, each.kind, each.own_rate)
        if question in seen:
            there = f"{each.country}/{state}" if state else each.country
            about = f"the rate {each.rate}" if each.kind == "explains" else f"what is {each.kind}"
            raise ValueError(f"tax_rules: {there} has two rules for {about}")
        seen.add(question)


def _plain(postcode: str | None) -> str:
    return "".join((postcode or "").split()).upper()
