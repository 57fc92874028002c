"""Orders that break whoever reads them, made of good ones.

Each is a document that a storefront should never show and one day does: after an import, a faulty
cartridge, a hook. `planted` in the truth says that nobody is to blame for not booking it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.control.mistakes import MISTAKES
from sfcc_cin7_sandbox.sfcc.problems import timestamp

Document = dict[str, Any]

UNFINISHED = "broken-json"
GIANT_LINES = 10_000
GIANT_NOTE = "Für Åse, zum Geburtstag. " * 20
"""With it ten thousand lines are more than the 10 MB that the API answers at most."""
ODD_NUMBER = "№ 42 | Åse: bestillning, 御注文  0007".ljust(49, ".") + "!"
"""Fifty characters, as many as an order number may have."""


def as_placed(order: Mapping[str, Any], number: str, now: datetime) -> Document:
    """A priced order as the API shows it right after its placing."""
    moment = timestamp(now)
    return {
        **order,
        "orderNo": number,
        "creationDate": moment,
        "placeDate": moment,
        "lastModified": moment,
        "invoiceNo": number,
        "status": "new",
        "exportStatus": "ready",
        "confirmationStatus": "confirmed",
        "shippingStatus": "not_shipped",
        "shipments": [{**each, "shipmentNo": f"{number}01"} for each in order["shipments"]],
    }


def poisoned(order: Document, poison: str) -> Document:
    """The order with one poison, or one of the `mistakes`. Raises ValueError for an unknown one."""
    known = {**POISONS, **MISTAKES}
    if poison not in known:
        raise ValueError(f"There is no poison {poison!r}; there are: {', '.join(known)}.")
    return known[poison](order)


def found_by(order: Mapping[str, Any], number: str) -> str:
    """The number by which the order is found: its own, if it shows one."""
    own = order.get("orderNo")
    return own if isinstance(own, str) else number


def _but(**changes: Any) -> Callable[[Document], Document]:
    return lambda order: {**order, **changes}


def _without(name: str) -> Callable[[Document], Document]:
    return lambda order: {key: value for key, value in order.items() if key != name}


def _line(change: Callable[[Document], Document]) -> Callable[[Document], Document]:
    """The order with another first line."""

    def changed(order: Document) -> Document:
        first, *others = order["productItems"]
        return {**order, "productItems": [{**first, **change(first)}, *others]}

    return changed


def _negative(document: Mapping[str, Any], *names: str) -> Document:
    return {name: -document[name] for name in names}


def _giant(order: Document) -> Document:
    line = {**order["productItems"][0], "gift": True, "giftMessage": GIANT_NOTE}
    lines = [
        {**line, "itemId": f"{line['itemId']}-{n}", "position": n}
        for n in range(1, GIANT_LINES + 1)
    ]
    return {**order, "productItems": lines}


POISONS: dict[str, Callable[[Document], Document]] = {
    UNFINISHED: dict,
    "giant": _giant,
    "negative-total": lambda order: {**order, **_negative(order, "orderTotal", "productTotal")},
    "negative-line": _line(lambda line: _negative(line, "basePrice", "grossPrice", "netPrice")),
    "negative-quantity": _line(lambda line: _negative(line, "quantity")),
    "huge-total": _but(orderTotal=Decimal("1E+40")),
    "unknown-currency": _but(currency="XQZ"),
    "wrong-tax": lambda order: {**order, "taxTotal": order["orderTotal"] + 1},
    "off-by-a-cent": lambda order: {**order, "orderTotal": order["orderTotal"] + Decimal("0.01")},
    "no-total": _without("orderTotal"),
    "no-currency": _without("currency"),
    "no-items": _without("productItems"),
    "no-number": _without("orderNo"),
    "no-dates": lambda order: _without("creationDate")(_without("lastModified")(order)),
    "null-items": _but(productItems=None),
    "null-line": _but(productItems=[None]),
    "text-for-total": _but(orderTotal="twelve pounds"),
    "object-for-items": _but(productItems={"0": {}}),
    "list-for-address": _but(billingAddress=[]),
    "number-for-number": _but(orderNo=42),
    "not-a-time": _but(creationDate="yesterday"),
    "other-site": _but(siteId="nowhere"),
    "odd-number": _but(orderNo=ODD_NUMBER),
}
"""By name. `odd-number` is a perfectly good order whose number is merely hard to carry."""
