"""The merchant's decisions about prices: which tier of the ERP is which price book.

A tier of Cin7 has no currency, and does not say whether tax is in it; a price book has a currency
and says nothing of tax either. Both are therefore decided here (docs/decisions/61-prices.md).
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy
from sfcc_cin7.values.money import ZERO

Tier = Annotated[int, Field(ge=1, le=10)]
"""The number of a price tier, as in `PriceTier3`: names of tiers may be equal, numbers are not."""
Taxed = Literal["net", "gross"]
Rate = Annotated[Decimal, Field(ge=0, lt=1)]
Share = Annotated[Decimal, Field(gt=0)]


class PriceRounding(Policy):
    """Which prices there are: `ending`, and then one in every `step`.

    `{step: 1, ending: 0.99}` has 18.99 and 19.99; `{step: 0.05}` has 18.90 and 18.95; `{step: 10}`
    has 1980 and 1990.
    """

    step: Annotated[Decimal, Field(gt=0)]
    ending: Annotated[Decimal, Field(ge=0)] = ZERO
    to: Literal["nearest", "up", "down"] = "nearest"
    """Which of the two that a price lies between; halfway the nearest is the higher."""

    @model_validator(mode="after")
    def _ends_within_a_step(self) -> "PriceRounding":
        if self.ending >= self.step:
            raise ValueError("ending must be below step")
        return self


class PriceBookPolicy(Policy):
    """One price book of the storefront, and the tier that its prices come from."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^\S(.*\S)?$")]
    tier: Tier
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """Of the book, and of the tier: nothing is converted."""
    sites: Annotated[list[Name], Field(min_length=1)]
    """The storefronts that sell from it; it is read back there."""
    prices: Taxed
    """What the book's prices are: as the taxation of its sites is."""
    tier_prices: Taxed | None = None
    """What the tier's prices are; left out: the same."""
    tax_rate: Rate | None = None
    """The region's tax (0.2 is 20 %), where the two differ or the book is gross: a margin is one of
    net prices."""
    tax_rates: dict[Name, Rate] = {}
    """The same for products of one of the ERP's sale tax rules, by its name."""
    rounding: PriceRounding | None = None
    """Left out: to the smallest unit of the currency."""
    kind: Literal["base", "sale"] = "base"
    """A base price is always there; a sale price from `from` to before `until`."""
    begins: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = None
    parent: Name | None = None
    """The book below, by which storefronts show what a sale price was before."""
    quantities: dict[Annotated[int, Field(ge=2)], Tier] = {}
    """Prices by least quantity: `{10: 4}` asks the price of tier 4 from ten units on."""
    margin_floor: Annotated[Decimal, Field(gt=-1, lt=1)] | None = None
    """The least share of its net price that a product has to earn; below it the price waits for a
    person. Left out: no price waits for its margin."""
    largest_change: Share = Decimal("0.25")
    """A price that moves by more than this share, up or down, waits for a person."""
    gone: Literal["keep", "remove"] = "keep"
    """What becomes of a price that the tier has no more: told of, or removed from the book."""

    @model_validator(mode="after")
    def _says_what_it_takes(self) -> "PriceBookPolicy":
        if (self.kind == "sale") != (self.begins is not None and self.until is not None):
            raise ValueError(f"price book {self.id}: a sale, and nothing else, has from and until")
        if self.begins and self.until and self.until <= self.begins:
            raise ValueError(f"price book {self.id}: until must come after from")
        differs = self.tier_prices not in (None, self.prices)
        if self.tax_rate is None and (differs or (self.prices == "gross" and self.margin_floor)):
            raise ValueError(f"price book {self.id}: tax_rate is needed")
        return self


class PricesPolicy(Policy):
    """Which price books are ours, and how they are written."""

    books: list[PriceBookPolicy] = []
    """Empty: prices are nobody's business here."""
    job: Name = "import-price-books"
    """The job of one step ImportPriceBook in mode MERGE that imports from `folder`."""
    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_/-]*$")] = "pricebook"
    """Below IMPEX/src."""
    file_parameter: Name | None = "FileNamePattern"
    """The parameter of the job that names the file; null where the job has none."""
    index_job: Name | None = None
    """The job that rebuilds the search index, run once after an import; none: the storefront's own
    schedule does."""
    read_only: bool | None = None
    """Whether books are imported as read-only, which nobody can edit; left out: as they are."""
    give_up_minutes: Annotated[float, Field(gt=0, le=60)] = 8
    """How long a job may take."""
    shrink_guard: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.1")
    """A reading of the ERP in which more than this share of a book's prices is gone is not
    believed: nothing of it is removed."""
    read_all_hours: Annotated[float, Field(gt=0, le=168)] = 24
    """How often every product is read; in between those that the ERP says were modified."""
    read_back: Annotated[int, Field(ge=0, le=5000)] = 240
    """Prices of a site that are read back in a pass, 24 in a call."""
    visible_minutes: Annotated[float, Field(ge=0, le=1440)] = 15
    """For how long shoppers may still see a price after another was imported; then it is drift."""

    @model_validator(mode="after")
    def _each_book_once(self) -> "PricesPolicy":
        names = [book.id for book in self.books]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"prices: book {twice} is there twice")
        return self

    def book(self, book_id: str) -> PriceBookPolicy | None:
        """The policy of one book; None where it is not ours."""
        return next((book for book in self.books if book.id == book_id), None)
