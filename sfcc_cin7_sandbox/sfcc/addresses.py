"""Addresses of orders as the Orders API takes them (Orders API: Address)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sfcc_cin7_sandbox.sfcc.problems import Problem

MOST_CHARACTERS = 256
FIELDS = frozenset(
    {
        "address1", "address2", "city", "companyName", "countryCode", "firstName", "fullName",
        "jobTitle", "lastName", "phone", "postBox", "postalCode", "salutation", "secondName",
        "stateCode", "suffix", "suite", "title",
    }
)  # fmt: skip
COUNTRY = re.compile("[A-Z][A-Z]")


def read_address(body: Mapping[str, Any]) -> dict[str, Any]:
    """The address that a body holds, null fields left out.

    Raises Problem 400 for no address at all, an unknown field that is no custom attribute, and a
    value that is no text of at most 256 characters, the country being two capitals.
    """
    if not body:
        raise Problem(400, "validation", "The body must be an address.")
    for name, value in body.items():
        if name.startswith("c_") or value is None:
            continue
        if name not in FIELDS:
            raise Problem(400, "validation", f"An address has no '{name}'.")
        if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
            raise Problem(
                400, "validation", f"'{name}' must be a text of {MOST_CHARACTERS} characters."
            )
        if name == "countryCode" and not COUNTRY.fullmatch(value):
            raise Problem(400, "validation", "'countryCode' must be two capital letters.")
    return {name: value for name, value in body.items() if value is not None}


def readdressed(
    shipments: Iterable[Mapping[str, Any]], shipment: str, address: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The shipments, one of them with another address."""
    return [
        {**each, "shippingAddress": dict(address)}
        if each.get("shipmentId") == shipment
        else dict(each)
        for each in shipments
    ]
