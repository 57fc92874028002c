"""What the integration says that cannot be seen from outside, as `sandbox verify` is given it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simplejson

from sfcc_cin7_sandbox.truth.verify import Share


@dataclass(frozen=True)
class Claims:
    """Both claims of `verify`; `reported` is None where nothing is said about it."""

    shares: Mapping[str, Share]
    reported: Collection[str] | None


NO_CLAIMS = Claims({}, None)


def read_claims(text: str) -> Claims:
    """`{"shares": {order: {"sale", "total", "tax", "quantities"}}, "reported": [order, ..]}`.

    `quantities` are units by SKU. Either claim may be left out.

    Raises:
        ValueError: it is anything else.
    """
    try:
        content = simplejson.loads(text, use_decimal=True)
        shares = {str(key): _share(row) for key, row in content.get("shares", {}).items()}
        reported = content.get("reported")
        return Claims(shares, None if reported is None else {str(key) for key in reported})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ValueError("The claims are not what `sfcc-cin7 claims` prints.") from None


def _share(row: Mapping[str, Any]) -> Share:
    quantities = {str(sku): Decimal(units) for sku, units in row["quantities"].items()}
    return Share(str(row["sale"]), Decimal(row["total"]), Decimal(row["tax"]), quantities)
