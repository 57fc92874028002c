"""The merchant's decisions about products: who owns which field, and when a new SKU goes on sale.

See docs/decisions/60-products.md for the reasons and docs/systems for what each API lets change.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy

Side = Literal["erp", "storefront"]
Comparison = Literal["text", "gtin", "number"]
Need = Literal[
    "active", "sellable", "stock-product", "tax-class", "price", "stock-record", "category",
    "picture", "barcode", "weight",
]  # fmt: skip
"""What a SKU has to have before it goes on sale."""

NEVER_LEAVES = ("AverageCost", "Suppliers", "CustomPrices", "InternalNote", "MarkupPrices")
"""Attributes of the ERP's product that are no business of the storefront's."""
TOLD_OTHERWISE = ("SKU", "ID", "PriceTier", "Status", "Sellable")
"""Attributes that are no fields to compare: what a SKU is, its prices, and whether it is sold."""
STOREFRONT_TAKES = frozenset(
    {"name", "brand", "ean", "upc", "manufacturerSku", "manufacturerName", "unit"}
)
"""What a PATCH of the Products API may change, beside custom attributes."""
ERP_TAKES = frozenset(
    {"Name", "Barcode", "Brand", "UOM", "Weight", "Length", "Width", "Height", "HSCode",
     "CountryOfOrigin", "ShortDescription", "Description", "Tags", "SaleTaxRule", "Category",
     *(f"AdditionalAttribute{slot}" for slot in range(1, 11))}
)  # fmt: skip
"""What a PUT of Cin7's product may change."""


class FieldPolicy(Policy):
    """One field that both systems have, and which of them is right about it."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
    owner: Side
    """Who is right; the other one follows. There is no field that both may decide."""
    erp: Name
    """The attribute of Cin7's product, as `Barcode`."""
    storefront: Name
    """The attribute of the storefront's product, as `ean` or `c_weight`; of a localised one the
    default."""
    compare: Comparison = "text"
    """Texts to the letter but for blanks around them; barcodes as GTINs; numbers by their value."""
    attribute_set: Name | None = None
    """Only for products of this attribute set: what slot `AdditionalAttribute3` means depends on
    the set."""
    words: dict[str, str] = {}
    """What the ERP calls a value, and what the storefront calls it (`20% (VAT)`: `standard`)."""
    mend: bool = False
    """Whether the follower is given the owner's value; without it a difference is told of only."""

    @model_validator(mode="after")
    def _can_be_kept(self) -> "FieldPolicy":
        if self.erp.startswith(NEVER_LEAVES):
            raise ValueError(f"{self.erp} never reaches the storefront")
        if self.erp.startswith(TOLD_OTHERWISE):
            raise ValueError(f"{self.erp} is no field to compare: see the gate, and price books")
        if self.mend and self.owner == "erp" and not _is_taken(self.storefront):
            raise ValueError(f"the storefront's API does not change {self.storefront}")
        if self.mend and self.owner == "storefront" and self.erp not in ERP_TAKES:
            raise ValueError(f"the ERP's API does not change {self.erp}")
        if len(set(self.words.values())) < len(self.words):
            raise ValueError("words: two of the ERP's have one of the storefront's")
        if self.attribute_set is None and self.erp.startswith("AdditionalAttribute"):
            raise ValueError(f"attribute_set is needed: it says what {self.erp} means")
        return self


def _is_taken(attribute: str) -> bool:
    return attribute in STOREFRONT_TAKES or attribute.startswith("c_")


class GatePolicy(Policy):
    """When a SKU that is new goes on sale. What was there before is left as it is."""

    opening: Literal["off", "report", "open"] = "report"
    """Whether a SKU that lacks nothing is put online, once for each site, or told of only."""
    closing: Literal["report", "close"] = "report"
    """What becomes of a SKU that the gate opened and that lacks something later."""
    needs: frozenset[Need] = frozenset(get_args(Need))
    """What a SKU has to have; what is left out is not asked for."""
    price_books: dict[Name, list[Name]] = {}
    """The books that must hold a proved price, by site; left out: the base books of `prices.books`
    that it sells from. A site without any sells no new SKU as long as `price` is needed."""


class CataloguePolicy(Policy):
    """Products, in both systems."""

    fields: list[FieldPolicy] = [
        FieldPolicy(name="barcode", owner="erp", erp="Barcode", storefront="ean", compare="gtin"),
        FieldPolicy(name="unit", owner="erp", erp="UOM", storefront="unit"),
        FieldPolicy(name="name", owner="storefront", erp="Name", storefront="name"),
        FieldPolicy(name="brand", owner="storefront", erp="Brand", storefront="brand"),
    ]
    """Fields that are compared; a list of the merchant's own takes the place of this one."""
    gate: GatePolicy = GatePolicy()

    @model_validator(mode="after")
    def _each_field_has_one_owner(self) -> "CataloguePolicy":
        names = [field.name for field in self.fields]
        if len(set(names)) < len(names):
            raise ValueError("fields: each name may appear once")
        for side in ("erp", "storefront"):
            written: dict[tuple[str, str | None], str] = {}
            for field in self.fields:
                place = (getattr(field, side), field.attribute_set)
                if written.setdefault(place, field.name) != field.name:
                    raise ValueError(
                        f"fields {written[place]} and {field.name} both are {place[0]}: one"
                        " attribute has one owner"
                    )
        return self
