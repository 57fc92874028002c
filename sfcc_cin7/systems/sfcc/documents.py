"""What Commerce Cloud answers, as far as this project reads it.

Orders stay raw documents (`dict`): they are kept as they came. Quantities are units, as Decimal.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasPath, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from sfcc_cin7.values.backorder import Backorder, backorder
from sfcc_cin7.values.money import ZERO

OrderStatus = Literal["new", "completed", "cancelled"]
ExportStatus = Literal["exported", "not_exported", "ready", "failed"]
ConfirmationStatus = Literal["confirmed", "not_confirmed"]
ProductType = Literal["variant", "bundle", "item", "option", "master", "set", "variationGroup", ""]


def _default_text(texts: Any) -> Any:
    """Localised texts are maps with a `default`."""
    if not isinstance(texts, dict):
        return texts
    return texts.get("default") or next(iter(texts.values()), "")


def _kind(flags: Any) -> Any:
    """A product's type is a map of flags; a simple product with options may be item and option."""
    kinds = ("variant", "bundle", "item", "option", "master", "set", "variationGroup")
    if not isinstance(flags, dict):
        return flags
    return next((kind for kind in kinds if flags.get(kind)), "")


class Document(BaseModel):
    """Part of an answer; whatever else it holds is left aside."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )


class ShopProduct(Document):
    """A product (Products API, product-search)."""

    id: str
    name: Annotated[str, BeforeValidator(_default_text)] = ""
    type: Annotated[ProductType, BeforeValidator(_kind)] = ""
    ean: str = ""
    upc: str = ""
    manufacturer_sku: str = Field(default="", validation_alias="manufacturerSku")
    online: bool = False

    @property
    def bought_as_it_is(self) -> bool:
        """Whether an order line may name it; masters, sets and variation groups only lead there."""
        return self.type in ("variant", "bundle", "item", "option")


class TieredPrice(Document):
    """What one price book asks for a unit, from a quantity on."""

    pricebook: str
    quantity: Decimal = Decimal(1)
    price: Decimal


class ShownPrice(Document):
    """What a shopper is asked for a product, in the site's currency (Shopper Products API).

    `price` is the lowest of all price books; None where the product has none. `by_book` is empty
    where the platform does not tell books apart.
    """

    id: str
    currency: str = ""
    price: Decimal | None = None
    by_book: tuple[TieredPrice, ...] = Field(default=(), validation_alias="tieredPrices")

    def of_book(self, book: str) -> dict[Decimal, Decimal]:
        """Unit price by least quantity, as a book has it."""
        return {each.quantity: each.price for each in self.by_book if each.pricebook == book}


class InventoryList(Document):
    """An inventory list (OCAPI Data, inventory_lists). Flags that are off may be missing."""

    id: str
    on_order_enabled: bool = Field(default=False, validation_alias="on_order_inventory_enabled")
    default_in_stock: bool = False
    assigned_sites: tuple[str, ...] | None = None
    """None where the answer does not tell."""


class InventoryRecord(Document):
    """The stock of one SKU in one list (OCAPI Data, product_inventory_records).

    `ats` (available to sell) is allocation less turnover and on order, never below 0, plus what may
    be backordered. `turnover` counts what was sold since `reset_at`.
    """

    sku: str = Field(validation_alias="product_id")
    allocation: Decimal = Field(default=ZERO, validation_alias=AliasPath("allocation", "amount"))
    reset_at: AwareDatetime | None = Field(
        default=None, validation_alias=AliasPath("allocation", "reset_date")
    )
    ats: Decimal = ZERO
    turnover: Decimal = Field(default=ZERO, validation_alias="inventory_turnover")
    on_order: Decimal = Field(default=ZERO, validation_alias="quantity_on_order")
    perpetual: bool = Field(default=False, validation_alias="perpetual_flag")
    handling: str = Field(default="none", validation_alias="pre_order_back_order_handling")
    backorder_units: Decimal = Field(
        default=ZERO, validation_alias="pre_order_back_order_allocation"
    )
    in_stock_at: AwareDatetime | None = Field(default=None, validation_alias="in_stock_date")

    @property
    def backorder(self) -> Backorder:
        """What it offers of goods that are not there yet."""
        return backorder(self.handling, self.backorder_units, self.in_stock_at)


class JobExecution(Document):
    """One run of a job (OCAPI Data, job_execution)."""

    id: str
    execution_status: str
    exit_code: str | None = Field(default=None, validation_alias=AliasPath("exit_status", "code"))
    message: str = Field(default="", validation_alias=AliasPath("exit_status", "message"))

    @property
    def ended(self) -> bool:
        return self.execution_status in ("finished", "aborted")

    @property
    def succeeded(self) -> bool:
        return self.execution_status == "finished" and self.exit_code != "ERROR"


def instant(value: datetime) -> str:
    """UTC with the milliseconds begun: never later than `value`, so never in the future."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def bound(value: datetime) -> str:
    """UTC with milliseconds, rounded up.

    Commerce Cloud's own times have whole milliseconds, so rounding a bound up never changes which
    orders lie at or after it, or before it.
    """
    return instant(value + timedelta(microseconds=-value.microsecond % 1000))
