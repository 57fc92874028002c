"""Which products are the same in both systems, and where the two disagree about them.

A storefront product id and an ERP SKU mean the same thing when they are equal to the letter: the
order line carries the product id, and Cin7 asks for the SKU exactly as it is stored (Cin7 API
reference, Product; Salesforce Commerce API, Products).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

UNKNOWN, DEPRECATED = "sku-unknown-in-erp", "sku-deprecated-in-erp"
EAN, CASE = "ean-differs", "sku-case-differs"
SKU_CODES = (UNKNOWN, DEPRECATED, EAN, CASE)


@dataclass(frozen=True)
class ShopSku:
    """What an order line of the storefront may name."""

    sku: str
    name: str
    ean: str = ""
    online: bool = True


@dataclass(frozen=True)
class ErpSku:
    """A product of the ERP: `kind` is Stock or Service, `status` Active or Deprecated, say."""

    sku: str
    name: str
    id: str
    kind: str = "Stock"
    status: str = "Active"
    barcode: str = ""
    category: str = ""
    average_cost: Decimal | None = None


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
    )


def divergences(matches: Sequence[SkuMatch]) -> Iterator[Divergence]:
    """What somebody should mend, of the SKUs that the storefront sells."""
    spellings = {row.sku.casefold(): row.sku for row in matches if row.in_erp}
    for row in matches:
        if not row.in_shop:
            continue
        if not row.in_erp:
            yield _missing(row.sku, spellings.get(row.sku.casefold()))
            continue
        if row.online and row.erp_status == "Deprecated":
            yield Divergence(
                row.sku,
                DEPRECATED,
                f"{row.sku} is online but deprecated in the ERP: take it offline, or make it active"
                " in the ERP again.",
                "online",
                row.erp_status,
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


def _missing(sku: str, spelling: str | None) -> Divergence:
    if spelling is not None:
        return Divergence(
            sku,
            CASE,
            f"{sku} of the storefront is {spelling} in the ERP: spell it alike, to the letter.",
            sku,
            spelling,
        )
    return Divergence(
        sku,
        UNKNOWN,
        f"The storefront sells {sku}, which the ERP does not know: create it in the ERP, or take"
        " it offline. Its orders wait in review.",
        sku,
    )


def _digits(code: str) -> str:
    """A 12-digit UPC is the same code as the 13-digit EAN with a 0 before it."""
    return code.strip().lstrip("0")
