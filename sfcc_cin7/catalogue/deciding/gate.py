"""The gate for new SKUs: what one still lacks on a site, whose that is, and what follows.

Only SKUs that appeared after the catalogues were first read stand at the gate, and each is opened
once for a site: what a merchandiser takes offline again stays offline. Nothing that lacks something
is ever put online (docs/decisions/60-products.md).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sfcc_cin7.merchant.catalogue import GatePolicy, Need, Side
from sfcc_cin7.values.gtin import is_gtin

PriceKnown = Literal["proved", "unproved", "held", "absent"]
Step = Literal["wait", "ready", "open", "on-sale", "failing", "close", "leave"]
OWNER: Mapping[Need, Side] = {
    "active": "erp",
    "sellable": "erp",
    "stock-product": "erp",
    "tax-class": "storefront",
    "price": "erp",
    "stock-record": "erp",
    "category": "storefront",
    "picture": "storefront",
    "barcode": "erp",
    "weight": "erp",
}


@dataclass(frozen=True)
class ErpFacts:
    """What the ERP shows of a SKU."""

    status: str
    kind: str
    is_sellable: bool
    has_weight: bool
    barcode: str


@dataclass(frozen=True)
class ShopFacts:
    """What the storefront shows of a SKU."""

    has_tax_class: bool
    has_category: bool
    has_picture: bool


@dataclass(frozen=True)
class Candidate:
    """A SKU before the gate of one site. `prices` are by book; None stands for a system that does
    not have it."""

    sku: str
    site: str
    erp: ErpFacts | None
    shop: ShopFacts | None
    prices: Mapping[str, PriceKnown]
    has_stock_record: bool
    barcode_is_shared: bool


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, and whose it is to add it."""

    need: Need
    owner: Side
    what: str


def lacks(candidate: Candidate, needs: Collection[Need]) -> tuple[Lack, ...]:
    """What keeps a SKU from being sold on the site, in the order in which people add it."""
    found = [*_of_the_erp(candidate), *_of_the_storefront(candidate), *_of_both(candidate)]
    return tuple(lack for lack in found if lack.need in needs or lack.need in _ALWAYS)


_ALWAYS = frozenset({"active"})
"""A SKU that a system does not know is never sold, whatever the merchant asks for."""


def _of_the_erp(candidate: Candidate) -> Iterator[Lack]:
    erp = candidate.erp
    if erp is None:
        yield Lack("active", "erp", "the ERP does not know it")
        return
    if erp.status.casefold() != "active":
        yield Lack("active", "erp", f"it is {erp.status or 'of no status'} in the ERP")
    if not erp.is_sellable:
        yield _lack("sellable", "it is not sellable in the ERP")
    if erp.kind != "Stock":
        yield _lack("stock-product", f"it is of the type {erp.kind or 'nothing'} in the ERP")
    if not erp.has_weight:
        yield _lack("weight", "it has no weight to ship by")
    if not is_gtin(erp.barcode):
        yield _lack("barcode", "its barcode is no valid GTIN" if erp.barcode else "no barcode")
    elif candidate.barcode_is_shared:
        yield _lack("barcode", "another SKU has its barcode too")


def _of_the_storefront(candidate: Candidate) -> Iterator[Lack]:
    shop = candidate.shop
    if shop is None:
        yield Lack("active", "storefront", "the storefront does not have it")
        return
    if not shop.has_tax_class:
        yield _lack("tax-class", "no tax class")
    if not shop.has_category:
        yield _lack("category", "it is in no category")
    if not shop.has_picture:
        yield _lack("picture", "no picture")


def _of_both(candidate: Candidate) -> Iterator[Lack]:
    if not candidate.prices:
        yield _lack("price", "the operating model names no price book of the site")
    for book, known in sorted(candidate.prices.items()):
        if known != "proved":
            yield _lack("price", f"{_PRICES[known]} in {book}")
    if not candidate.has_stock_record:
        yield _lack("stock-record", "no stock figure was published yet")


_PRICES: Mapping[PriceKnown, str] = {
    "absent": "no price",
    "unproved": "a price that the storefront does not show yet",
    "held": "a price that waits for a person",
    "proved": "a price",
}


def _lack(need: Need, what: str) -> Lack:
    return Lack(need, OWNER[need], what)


def step(
    policy: GatePolicy, missing: Collection[Lack], *, is_online: bool, was_opened: bool
) -> Step:
    """What is done about a new SKU on a site.

    `wait`: it lacks something. `ready`: it lacks nothing, and a person puts it online. `open`: so
    does the gate. `on-sale`: it is online and lacks nothing. `failing`: it is online and lacks
    something. `close`: so the gate takes it offline again. `leave`: the gate opened it, and
    somebody took it offline.
    """
    if is_online:
        if not missing:
            return "on-sale"
        closes = policy.closing == "close" and was_opened and any(map(_is_gone, missing))
        return "close" if closes else "failing"
    if was_opened:
        return "leave"
    if missing:
        return "wait"
    return "open" if policy.opening == "open" else "ready"


def _is_gone(lack: Lack) -> bool:
    """A price that waits for a person, or was not read back, is still the old one."""
    return lack.need != "price" or lack.what.startswith(_PRICES["absent"])
