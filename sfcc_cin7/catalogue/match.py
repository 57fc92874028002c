"""Which products are the same in both systems, and where the two disagree about them.

A storefront product id and an ERP SKU mean the same thing when they are equal to the letter: the
order line carries the product id, and Cin7 asks for the SKU exactly as it is stored (Cin7 API
reference, Product; Salesforce Commerce API, Products).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

UNKNOWN, DEPRECATED = "sku-unknown-in-erp", "sku-deprecated-in-erp"
EAN, CASE = "ean-differs", "sku-case-differs"
SPELLING, RENAMED = "sku-spelling-differs", "sku-under-another-name"
TWICE, NO_GOODS = "ean-on-two-skus", "sku-without-stock-in-erp"
SKU_CODES = (UNKNOWN, DEPRECATED, EAN, CASE, SPELLING, RENAMED, TWICE, NO_GOODS)
GOODS, SERVICE, NOT_OURS = "Stock", "Service", "not ours"
"""Kinds of products: what stock is published of, what has none, and what the merchant calls so."""
CYRILLIC = (
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455"
)
GREEK = "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
MINUS = "\u2212"
LOOK_ALIKE = str.maketrans(CYRILLIC + GREEK + MINUS, "abekmhopctyxijs" + "abezhikmnoptyx" + "-")
"""Letters, in small, whose capitals print as Latin ones do."""
DECIMAL = re.compile(r"(\d+)\.0+")


NOTHING_RENAMED: Mapping[str, str] = {}


@dataclass(frozen=True)
class ShopSku:
    """What an order line of the storefront may name."""

    sku: str
    name: str
    ean: str = ""
    online: bool = True


@dataclass(frozen=True)
class ErpSku:
    """A product of the ERP: `kind` is Stock or Service, `status` Active or Deprecated, say. Goods
    that are always drop-shipped or made to order are of a kind of their own."""

    sku: str
    name: str
    id: str
    kind: str = "Stock"
    status: str = "Active"
    barcode: str = ""
    category: str = ""
    average_cost: Decimal | None = None
    components: Mapping[str, str] | None = None
    is_assembled: bool = False


@dataclass(frozen=True)
class SkuMatch:
    """One SKU, known to either system or both."""

    sku: str
    in_shop: bool
    in_erp: bool
    online: bool
    shop_name: str | None
    erp_name: str | None
    erp_id: str | None
    erp_kind: str | None
    erp_status: str | None
    shop_ean: str | None
    erp_barcode: str | None
    erp_category: str | None = None
    average_cost: Decimal | None = None
    """Of one unit, in the ERP's base currency; the ERP shows zero for what it never received."""
    components: Mapping[str, str] | None = None
    """Units by SKU that the ERP makes one of, or takes it apart into; None where it does neither.
    They are decimal texts, as the database keeps them."""
    is_assembled: bool = False
    """Whether an order makes what it lacks."""


@dataclass(frozen=True)
class Divergence:
    """One thing on which the systems disagree; the figures are the storefront's and the ERP's."""

    sku: str
    code: str
    sentence: str
    shop: str | None = None
    erp: str | None = None


def match(shop: Iterable[ShopSku], erp: Iterable[ErpSku]) -> list[SkuMatch]:
    """Every SKU of either system once, in the order of the alphabet."""
    offered = {product.sku: product for product in shop}
    stocked = {product.sku: product for product in erp}
    return [
        _matched(sku, offered.get(sku), stocked.get(sku))
        for sku in sorted(offered.keys() | stocked.keys())
    ]


def _matched(sku: str, offered: ShopSku | None, stocked: ErpSku | None) -> SkuMatch:
    return SkuMatch(
        sku=sku,
        in_shop=offered is not None,
        in_erp=stocked is not None,
        online=offered is not None and offered.online,
        shop_name=offered.name if offered else None,
        erp_name=stocked.name if stocked else None,
        erp_id=stocked.id if stocked else None,
        erp_kind=stocked.kind if stocked else None,
        erp_status=stocked.status if stocked else None,
        shop_ean=(offered.ean or None) if offered else None,
        erp_barcode=(stocked.barcode or None) if stocked else None,
        erp_category=(stocked.category or None) if stocked else None,
        average_cost=stocked.average_cost if stocked else None,
        components=stocked.components if stocked else None,
        is_assembled=stocked is not None and stocked.is_assembled,
    )


def divergences(
    matches: Sequence[SkuMatch], renamed: Mapping[str, str] = NOTHING_RENAMED
) -> Iterator[Divergence]:
    """What somebody should mend, of the SKUs that the storefront sells. `renamed` tells what the
    ERP's product of a SKU is called now."""
    in_erp = [row for row in matches if row.in_erp]
    spellings = {_letters(row.sku): row.sku for row in in_erp}
    unmatched = {
        _digits(row.erp_barcode): row.sku for row in in_erp if row.erp_barcode and not row.in_shop
    }
    eans: dict[str, list[str]] = defaultdict(list)
    for row in matches:
        if row.in_shop and row.online and row.shop_ean:
            eans[_digits(row.shop_ean)].append(row.sku)
    for row in matches:
        if not row.in_shop:
            continue
        others = [sku for sku in eans.get(_digits(row.shop_ean or ""), ()) if sku != row.sku]
        if others and row.online:
            yield Divergence(
                row.sku,
                TWICE,
                f"{row.sku} and {others[0]} of the storefront have the same EAN {row.shop_ean}:"
                " correct the one that is not on the package.",
                row.shop_ean,
            )
        if not row.in_erp:
            called = None if others else unmatched.get(_digits(row.shop_ean or "-"))
            spelling = spellings.get(_letters(row.sku))
            yield _missing(row, spelling, called, renamed.get(row.sku))
            continue
        yield from _of_both(row)


def _of_both(row: SkuMatch) -> Iterator[Divergence]:
    if row.online and row.erp_status == "Deprecated":
        yield Divergence(
            row.sku,
            DEPRECATED,
            f"{row.sku} is online but deprecated in the ERP: take it offline, or make it active"
            " in the ERP again.",
            "online",
            row.erp_status,
        )
    if row.online and row.erp_kind not in (None, GOODS, NOT_OURS):
        yield Divergence(
            row.sku,
            NO_GOODS,
            f"{row.sku} is sold, but of the type {row.erp_kind} in the ERP, which keeps no stock of"
            " it: its figure in the storefront is nobody's. Make it a Stock product, or see to its"
            " inventory record yourself.",
            "online",
            row.erp_kind,
        )
    if row.shop_ean and row.erp_barcode and _digits(row.shop_ean) != _digits(row.erp_barcode):
        yield Divergence(
            row.sku,
            EAN,
            f"{row.sku} has the EAN {row.shop_ean} in the storefront and the barcode"
            f" {row.erp_barcode} in the ERP: correct the one that is not on the package.",
            row.shop_ean,
            row.erp_barcode,
        )


def _missing(
    row: SkuMatch, spelling: str | None, called: str | None, renamed: str | None
) -> Divergence:
    """A SKU that the ERP lacks: spelt otherwise there, `renamed`, or `called` otherwise by its
    barcode, or not there."""
    sku = row.sku
    if spelling is not None and spelling.casefold() == sku.casefold():
        return Divergence(
            sku,
            CASE,
            f"{sku} of the storefront is {spelling} in the ERP: spell it alike, to the letter.",
            sku,
            spelling,
        )
    if spelling is not None:
        return Divergence(
            sku,
            SPELLING,
            f"{sku!a} of the storefront is {spelling!a} in the ERP, with another blank, accent or"
            " zero: spell it alike, to the letter, and create no second product.",
            sku,
            spelling,
        )
    if renamed is not None:
        return Divergence(
            sku,
            RENAMED,
            f"{sku} was renamed to {renamed} in the ERP: rename it back, or the storefront's"
            " product as well, and create no second one. Its orders wait in review.",
            sku,
            renamed,
        )
    if called is not None:
        return Divergence(
            sku,
            RENAMED,
            f"The barcode of {sku} belongs to {called} in the ERP, which the storefront does not"
            " sell: it is likely the same under another SKU. Spell it alike, and create no second"
            " product. Its orders wait in review.",
            sku,
            called,
        )
    return Divergence(
        sku,
        UNKNOWN,
        f"The storefront sells {sku}, which the ERP does not know: create it in the ERP, or take"
        " it offline. Its orders wait in review.",
        sku,
    )


def _letters(sku: str) -> str:
    """A SKU without what people and spreadsheets change unseen: case, blanks, the two forms of an
    accent, the kinds of a dash, letters of another alphabet that look the same, zeros before a
    number, and those that make it a decimal one."""
    key = "".join(unicodedata.normalize("NFKC", sku).casefold().split()).translate(LOOK_ALIKE)
    kinds = [(unicodedata.category(letter), letter) for letter in key]
    key = "".join("-" if kind == "Pd" else letter for kind, letter in kinds if kind != "Cf")
    if number := DECIMAL.fullmatch(key):
        key = number[1]
    return key.lstrip("0") or key if key.isdecimal() else key


def _digits(code: str) -> str:
    """A 12-digit UPC is the same code as the 13-digit EAN with a 0 before it."""
    return code.strip().lstrip("0")
