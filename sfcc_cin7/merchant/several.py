"""Brands beside each other: what two of one deployment cannot both decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.problems import ConfigurationError


@dataclass(frozen=True)
class Decided:
    """A brand's decisions, its Cin7 account and its storefront (any names that tell them apart)."""

    brand: str
    model: OperatingModel
    account: str
    storefront: str


def refuse_what_clashes(brands: Sequence[Decided]) -> None:
    """Return if these brands can work beside each other.

    Raises:
        ConfigurationError: two post the orders of one site, or share a Cin7 account and cannot tell
            their sales apart, offer one stock twice, or count its calls differently.
    """
    for one, other in combinations(brands, 2):
        names = f"{one.brand or 'the first brand'} and {other.brand}"
        sites = {site.id for site in one.model.sites} & {site.id for site in other.model.sites}
        if one.storefront == other.storefront and sites:
            raise ConfigurationError(
                f"{names} both have the site {min(sites)}: its orders would be posted twice."
            )
        if one.account != other.account:
            continue
        if one.model.brand == other.model.brand:
            raise ConfigurationError(
                f"{names} share a Cin7 account and are both `brand: {one.model.brand}` there: give"
                " each a name of its own, by which its sales are told apart."
            )
        if shared := _locations(one.model) & _locations(other.model):
            raise ConfigurationError(
                f"{names} both sell what is at {min(shared)}: its stock would be offered twice."
            )
        if one.model.calls.limit_scope != other.model.calls.limit_scope:
            raise ConfigurationError(
                f"{names} share a Cin7 account: `calls.limit_scope` must say the same in both."
            )


def _locations(model: OperatingModel) -> set[str]:
    return {location for each in model.inventory_lists for location in each.locations}
