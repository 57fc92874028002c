"""What Cin7 Core answers, as far as this project reads it (Cin7 API reference).

Money is in the customer's currency of the sale, quantities are units, both Decimal. A time without
a zone is UTC. Identifiers come in either case and are kept in lower case. `null` text reads as "".
`model_dump(by_alias=True)` gives Cin7's own names back.
"""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sfcc_cin7.systems.cin7.fields import Document as Document
from sfcc_cin7.systems.cin7.fields import (
    Flag,
    Guid,
    MaybeInstant,
    Number,
    Text,
)
from sfcc_cin7.systems.cin7.fields import or_ as _or
from sfcc_cin7.systems.cin7.fulfilments import Fulfilment
from sfcc_cin7.systems.cin7.tiers import TierPrices
from sfcc_cin7.values.money import ZERO

_NOTHING_DONE = ("", "DRAFT", "VOIDED")
"""Combined statuses, beside those that begin with NOT, in which no work has been done."""


class OrderLine(Document):
    """One SKU of a sale order. `total` is quantity x price less discount."""

    product_id: Annotated[Guid, _or("")] = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="SKU")
    name: Text = ""
    quantity: Decimal
    price: Number = ZERO
    discount: Number = ZERO
    tax: Number = ZERO
    total: Number = ZERO
    tax_rule: Text = ""
    backorder_quantity: Number = ZERO
    """Units that were sold but are not there; Cin7 backorders them without an error."""
    average_cost: Decimal | None = None
    """Of one unit, in the base currency (assumed)."""


class Charge(Document):
    """An additional charge: `description` is the name of a Service product."""

    description: Text = ""
    quantity: Number = ZERO
    price: Number = ZERO
    discount: Number = ZERO
    tax: Number = ZERO
    total: Number = ZERO
    tax_rule: Text = ""


class OrderDocument(Document):
    """The order part of a sale: DRAFT, AUTHORISED, VOIDED, NOT AVAILABLE and so on."""

    sale_id: Annotated[Guid, _or("")] = Field(default="", alias="SaleID")
    sale_order_number: Text = ""
    status: str
    lines: Annotated[tuple[OrderLine, ...], _or(())] = ()
    additional_charges: Annotated[tuple[Charge, ...], _or(())] = ()
    total_before_tax: Number = ZERO
    tax: Number = ZERO
    total: Number = ZERO


class ShippingAddress(Document):
    """Where a sale ships to, and to whom."""

    line1: Text = ""
    line2: Text = ""
    city: Text = ""
    state: Text = ""
    postcode: Text = ""
    country: Text = ""
    company: Text = ""
    contact: Text = ""


class RestockedUnits(Document):
    """Units of a SKU that a credit note puts back on the shelf."""

    sku: Text = Field(default="", alias="SKU")
    quantity: Number = ZERO


class CreditNote(Document):
    """Money that a sale gives back: DRAFT, AUTHORISED or VOIDED; `total` is with tax."""

    task_id: Annotated[Guid, _or("")] = Field(default="", alias="TaskID")
    lines: Annotated[tuple[OrderLine, ...], _or(())] = ()
    additional_charges: Annotated[tuple[Charge, ...], _or(())] = ()
    restock: Annotated[tuple[RestockedUnits, ...], _or(())] = ()
    credit_note_invoice_number: Text = ""
    memo: Text = ""
    credit_note_number: Text = ""
    credit_note_date: Text = ""
    """As somebody typed it, without a zone."""
    status: Text = ""
    tax: Number = ZERO
    total: Number = ZERO

    @property
    def day(self) -> str:
        """`2026-01-31`; empty where it has no date."""
        found = self.credit_note_date[:10]
        return found if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found) else ""


class Invoice(Document):
    """What a sale bills: DRAFT, AUTHORISED, PAID or VOIDED."""

    invoice_number: Text = ""
    status: Text = ""
    lines: Annotated[tuple[OrderLine, ...], _or(())] = ()
    additional_charges: Annotated[tuple[Charge, ...], _or(())] = ()

    @property
    def issued(self) -> bool:
        """Whether it was authorised, paid or not."""
        return self.status.upper() in ("AUTHORISED", "PAID")


class InventoryMovement(Document):
    """Units of a product that moved for a task of a sale, how many is not said; `cogs` is their
    cost of goods sold in the base currency (assumed)."""

    task_id: Annotated[Guid, _or("")] = Field(default="", alias="TaskID")
    product_id: Annotated[Guid, _or("")] = Field(default="", alias="ProductID")
    cogs: Number = Field(default=ZERO, alias="COGS")


class SaleDocument(Document):
    """A sale (Cin7 API reference, Sale)."""

    id: Guid = Field(alias="ID")
    status: Text = ""
    type: Text = ""
    customer: Text = ""
    location: Text = ""
    external_id: Text = Field(default="", alias="ExternalID")
    customer_reference: Text = ""
    base_currency: Text = ""
    customer_currency: Text = ""
    currency_rate: Number = Decimal(1)
    tax_calculation: Text = ""
    """Inclusive or Exclusive."""
    shipping_address: Annotated[ShippingAddress, _or({})] = ShippingAddress()
    combined_picking_status: Text = ""
    combined_packing_status: Text = ""
    combined_shipping_status: Text = ""
    combined_invoice_status: Text = ""
    combined_payment_status: Text = ""
    cogs_amount: Number = Field(default=ZERO, alias="COGSAmount")
    """Cost of goods sold of the whole sale, in the base currency (assumed)."""
    last_modified_on: MaybeInstant = None
    order: OrderDocument | None = None
    invoices: Annotated[tuple[Invoice, ...], _or(())] = ()
    credit_notes: Annotated[tuple[CreditNote, ...], _or(())] = ()
    fulfilments: Annotated[tuple[Fulfilment, ...], _or(())] = ()
    inventory_movements: Annotated[tuple[InventoryMovement, ...], _or(())] = ()

    @property
    def authorised(self) -> bool:
        """Whether the sale has an order that is more than a draft."""
        return self.order is not None and self.order.status not in ("DRAFT", "NOT AVAILABLE", "")

    @property
    def credited(self) -> Decimal:
        """What its authorised credit notes give back, with tax."""
        notes = (note for note in self.credit_notes if note.status.upper() == "AUTHORISED")
        return sum((note.total for note in notes), ZERO)

    @property
    def returned(self) -> bool:
        """Whether all of it was credited, as of goods that had shipped and came back."""
        return self.order is not None and 0 < self.order.total == self.credited

    @property
    def fulfilment_begun(self) -> bool:
        """Whether anything has been picked, packed, shipped or invoiced."""
        statuses = (
            self.combined_picking_status,
            self.combined_packing_status,
            self.combined_shipping_status,
            self.combined_invoice_status,
        )
        return any(
            status.upper() not in _NOTHING_DONE and not status.upper().startswith("NOT ")
            for status in statuses
        )


class SaleRow(Document):
    """A row of saleList: no lines. `order_status` and `status` move separately."""

    sale_id: Guid = Field(alias="SaleID")
    order_number: Text = ""
    status: Text = ""
    order_status: Text = ""
    order_date: MaybeInstant = None
    customer: Text = ""
    invoice_number: Text = ""
    credit_note_number: Text = ""
    customer_reference: Text = ""
    external_id: Text = Field(default="", alias="ExternalID")
    base_currency: Text = ""
    customer_currency: Text = ""
    invoice_amount: Number = ZERO
    paid_amount: Number = ZERO
    combined_payment_status: Text = ""
    combined_shipping_status: Text = ""
    combined_invoice_status: Text = ""
    combined_tracking_numbers: Text = ""
    updated: MaybeInstant = None


class Payment(Document):
    """A payment, prepayment or refund of a sale."""

    id: Guid = Field(alias="ID")
    task_id: Annotated[Guid, _or("")] = Field(default="", alias="TaskID")
    type: Text = ""
    reference: Text = ""
    amount: Decimal
    date_paid: MaybeInstant = None
    account: Text = ""
    currency_rate: Number = Decimal(1)


class Component(Document):
    """Goods in a bill of materials: `quantity` units, and what is wasted of them beside that."""

    product_id: Guid = Field(alias="ComponentProductID")
    sku: Text = Field(default="", alias="ProductCode")
    quantity: Number = ZERO
    wastage_percent: Number = ZERO
    wastage_quantity: Number = ZERO


class ErpProduct(TierPrices):
    """A product: `type` is Stock or Service, `status` Active, Setup required or Deprecated."""

    id: Guid = Field(alias="ID")
    sku: str = Field(alias="SKU")
    name: Text = ""
    type: Text = ""
    status: Text = ""
    category: Text = ""
    brand: Text = ""
    barcode: Text = ""
    sale_tax_rule: Text = ""
    average_cost: Number = ZERO
    price_tiers: Annotated[dict[str, Decimal], _or({})] = Field(default={})
    """Price by tier name; what currency it is in is not said anywhere."""
    last_modified_on: MaybeInstant = None
    drop_ship_mode: Text = ""
    """No Drop Ship, Optional Drop Ship or Always Drop Ship."""
    bom_type: Text = Field(default="", alias="BOMType")
    """None, Assembly, Production or Make to Order."""
    auto_assembly: Flag = False
    """Whether an order makes what it lacks out of the bill of materials."""
    auto_disassembly: Flag = False
    quantity_to_produce: Number = Decimal(1)
    """Units that the bill of materials makes."""
    bill_of_materials_products: Annotated[tuple[Component, ...], _or(())] = ()


class AvailabilityRow(Document):
    """Stock of one product in one location, bin and batch: sum the rows.

    `available` is `on_hand` less `allocated`; it is negative when oversold.
    """

    product_id: Guid = Field(alias="ID")
    sku: str = Field(alias="SKU")
    name: Text = ""
    location: str
    bin: Text = ""
    batch: Text = ""
    expiry_date: Text = ""
    on_hand: Number = ZERO
    allocated: Number = ZERO
    available: Number = ZERO
    on_order: Number = ZERO
    """Units on order with suppliers. They belong to no bin: rows of one location are no parts."""
    in_transit: Number = ZERO
    next_delivery_date: MaybeInstant = None


class AvailabilityOfOne(Document):
    """Availability asked for one product: its rows, and how many there are."""

    total: int
    rows: tuple[AvailabilityRow, ...] = Field(alias="ProductAvailabilityList")


class Webhook(Document):
    """Who is told of events of one type. Cin7 shows the secrets in clear: they stay out of logs."""

    id: Guid = Field(alias="ID")
    type: Text = ""
    is_active: Flag = False
    external_url: Text = Field(default="", alias="ExternalURL")
    external_authorization_type: Text = ""
    external_user_name: Text = Field(default="", repr=False)
    external_password: Text = Field(default="", repr=False)
    external_bearer_token: Text = Field(default="", repr=False)


class SavedWebhook(Document):
    """What POST and PUT of a webhook answer."""

    rows: tuple[Webhook, ...] = Field(alias="Webhooks", min_length=1)


class TaxRule(Document):
    """A tax rule, addressed by its exact name; `percent` is 0-100."""

    id: Guid = Field(alias="ID")
    name: str
    percent: Number = Field(default=ZERO, alias="TaxPercent")
    active: Flag = Field(default=False, alias="IsActive")
    for_sale: Flag = Field(default=False, alias="IsTaxForSale")
    tax_inclusive: Flag = False


class Location(Document):
    """A warehouse, or a bin where `parent_id` is set."""

    id: Guid = Field(alias="ID")
    name: str
    parent_id: Guid | None = Field(default=None, alias="ParentID")
    deprecated: Flag = Field(default=False, alias="IsDeprecated")


class PriceTier(Document):
    """A price tier, addressed by its name on a sale."""

    code: int
    name: str


class Customer(Document):
    """A customer card. A sale takes its currency."""

    id: Guid = Field(alias="ID")
    name: str
    status: Text = ""
    currency: Text = ""
    tax_rule: Text = ""
    price_tier: Text = ""
    location: Text = ""


class CreatedCustomer(Document):
    """The answer to a new customer: a list that holds nothing else."""

    rows: Annotated[tuple[Customer, ...], Field(min_length=1)] = Field(alias="CustomerList")


class PaymentTerm(Document):
    """A payment term, addressed by its name; only an active one may be used."""

    id: Guid = Field(alias="ID")
    name: str
    active: Flag = Field(default=False, alias="IsActive")


class Account(Document):
    """An account of the chart, addressed by its code."""

    code: Text = ""
    name: Text = ""
    status: Text = ""
    type: Text = ""
    system_account_code: Text = ""
    """DEBTORS for accounts receivable; empty for accounts that the system does not need."""


class Company(Document):
    """The account's own settings (Cin7 API reference, Me)."""

    company: Text = ""
    currency: Text = ""
    tax_calculation_method: Text = ""
    """Row Total or Total: where tax is rounded."""
    automatically_apply_discounts: Flag = False
    lock_date: Text = ""
    """No document may be dated before it; in the tenant's own date format."""
