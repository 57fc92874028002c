"""Where a person opens what a row is about."""

from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator

from sfcc_cin7.merchant.policy import Policy

PLACES = ("site", "number", "id")


def _an_address(template: str) -> str:
    try:
        filled = template.format(**dict.fromkeys(PLACES, "x"))
    except (KeyError, IndexError, ValueError):
        raise ValueError(f"{template!r} may hold {{site}}, {{number}} and {{id}} alone") from None
    if template and not filled.startswith(("https://", "http://")):
        raise ValueError(f"{template!r} is no address of a page: it begins with https://")
    return template


Address = Annotated[str, AfterValidator(_an_address)]
"""An address with places to fill in; empty: there is no such page."""


class LinksPolicy(Policy):
    """The pages of your own instances; what is left out is not linked."""

    order: Address = ""
    """An order in Business Manager; `{site}` and `{number}` are filled in."""
    sale: Address = ""
    """A sale in Cin7 by its `{id}`, e.g. `https://inventory.dearsystems.com/Sale#{id}`."""
    product: Address = ""
    """A product in Cin7 by its `{id}`, e.g. `https://inventory.dearsystems.com/Product#{id}`."""


def filled(template: str, **given: str | None) -> str | None:
    """The address with what is given in it, escaped; None where either of them is missing."""
    wanted = {name: quote(value, safe="") for name, value in given.items() if value}
    try:
        return template.format(**wanted) if template else None
    except KeyError:
        return None
