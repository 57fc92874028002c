"""The currencies that a site sells in beside its own, and where dated rates are kept."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from sfcc_cin7.merchant.policy import Name, Policy
from sfcc_cin7.merchant.tax_rules import TaxMapping


class CurrencyRatesPolicy(Policy):
    """Where a site's currency rates are kept, and how old one may be."""

    file: Path
    """CSV with the columns date,currency,rate; a relative path begins at the operating model."""
    max_age_days: Annotated[int, Field(ge=0, le=366)]
    """How many days before the order the newest rate may be dated."""

    @field_validator("file")
    @classmethod
    def _beside_the_operating_model(cls, file: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / file


class CurrencyPolicy(Policy):
    """What differs where a site sells in another currency than its own; the rest is the site's.

    Cin7 gives a sale the currency of its customer, so each currency has a customer of its own, and
    a shopper who buys in two has a card in each.
    """

    customer: Name
    """The Cin7 customer, in this currency, that web orders are booked to."""
    tax_rules: list[TaxMapping] | None = None
    payment_accounts: dict[str, str] | None = None
    price_tier: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    """The price tier of shoppers' new cards, where they get cards."""
    currency_rate: Annotated[Decimal, Field(gt=0, decimal_places=5)] = Decimal(1)
    currency_rates: CurrencyRatesPolicy | None = None

    @model_validator(mode="after")
    def _one_rate(self) -> "CurrencyPolicy":
        one_rate(self)
        return self


def one_rate(policy: Policy) -> None:
    """Raises ValueError where a constant and a file of rates are both given."""
    if {"currency_rate", "currency_rates"} <= policy.model_fields_set:
        raise ValueError("currency_rate and currency_rates: only one of them may be given")
