"""What the integration says that cannot be seen from outside, as `sandbox verify` is given it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

import simplejson

from sfcc_cin7_sandbox.truth.shipping import Told
from sfcc_cin7_sandbox.truth.verify import Share


@dataclass(frozen=True)
class Claims:
    """The claims of `verify`; `reported` is None where nothing is said about it."""

    shares: Mapping[str, Share]
    reported: Collection[str] | None
    told: Mapping[str, Collection[Told]]


NO_CLAIMS = Claims({}, None, {})


def read_claims(text: str) -> Claims:
    """`{"shares": {order: {"sale", "total", "tax", "quantities"}}, "reported": [order, ..],
    "told": {site: ["shipments", "refunds"]}}`.

    `quantities` are units by SKU. Any claim may be left out.

    Raises:
        ValueError: it is anything else.
    """
    try:
        content = simplejson.loads(text, use_decimal=True)
        shares = {str(key): _share(row) for key, row in content.get("shares", {}).items()}
        reported = content.get("reported")
        known = None if reported is None else {str(key) for key in reported}
        return Claims(shares, known, {str(k): _told(v) for k, v in content.get("told", {}).items()})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ValueError("The claims are not what `sfcc-cin7 claims` prints.") from None


def _told(names: Collection[str]) -> Collection[Told]:
    told: list[Told] = [name for name in get_args(Told) if name in names]
    if len(told) != len(names):
        raise ValueError(names)
    return told


def _share(row: Mapping[str, Any]) -> Share:
    quantities = {str(sku): Decimal(units) for sku, units in row["quantities"].items()}
    return Share(str(row["sale"]), Decimal(row["total"]), Decimal(row["tax"]), quantities)
