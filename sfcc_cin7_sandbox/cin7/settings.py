"""What the Cin7 emulator is told to be, including what the published texts leave open."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sfcc_cin7_sandbox.cin7.limiter import LimitScope

ThrottleForm = Literal["429", "503", "400-list"]


@dataclass(frozen=True)
class Cin7Settings:
    """Credentials, limits and one switch for each behaviour that is uncertain.

    Every default is the strictest reading that is still probable.
    """

    account_id: str = "11111111-2222-3333-4444-555555555555"
    application_keys: tuple[str, ...] = ("sandbox-orders-key", "sandbox-key")
    forbidden_form: Literal["list", "text"] = "list"
    """The body of a 403: an error list, or the bare sentence."""

    calls_per_window: int = 60
    window_seconds: int = 60
    call_limit_scope: LimitScope = "account"
    """Whether the keys of the account share the limit, or each has its own."""
    speed: float = 1
    """Divides the rate-limit window and nothing else."""
    throttle_form: ThrottleForm = "429"
    unknown_address: Literal["page", "redirect"] = "page"
    """An address outside the API: a web page with status 200, or a redirect to one."""

    company: str = "Sandbox Outfitters"
    tax_calculation_method: Literal["Row Total", "Total"] = "Row Total"
    lock_date: date | None = None
    """Documents dated on or before it are refused."""
    default_sale_type: Literal["Simple", "Advanced"] = "Simple"
    carriers: tuple[str, ...] = ("DEFAULT Carrier", "Royal Mail", "DHL Express", "UPS")
    carrier_urls: tuple[tuple[str, str], ...] = (
        ("Royal Mail", "https://tracking.example/royal-mail/{number}"),
        ("DHL Express", "https://tracking.example/dhl/{number}"),
    )
    """By carrier: the address at which a parcel is followed; it fills TrackingURL."""
    sales_representatives: tuple[str, ...] = ("DEFAULT billing contact",)
    brands: tuple[str, ...] = ("Alpenglow",)
    categories: tuple[str, ...] = ("Other",)
    units: tuple[str, ...] = ("Item",)
    attribute_sets: tuple[str, ...] = ("Garments", "Hardware")

    location_required: bool = True
    """Whether POST and PUT /sale insist on Location, as the attribute table says."""
    external_id_put_changes: bool = True
    """Whether PUT /sale may change ExternalID."""
    external_id_case_sensitive: bool = True
    """Whether the saleList filter ExternalID tells case apart."""
    external_id_unique: bool = False
    """Whether POST /sale refuses an ExternalID that another sale has, voided ones included."""
    listing_lag: float = 0
    """Seconds until a new sale shows in saleList."""
    change_lag: float = 0
    """Seconds until saleList shows the stamp (Updated) of a change, as UpdatedSince sees it too."""

    line_total: Literal["net", "with-tax"] = "net"
    """Whether Total of a line, sent for validation, is Quantity x Price less Discount, or that
    plus Tax."""
    tax_handling: Literal["as-sent", "recomputed"] = "as-sent"
    min_quantity: Decimal = Decimal(1)
    negative_charges: bool = True
    """Whether the Price of an additional charge may be below zero."""
    unknown_sku_status: Literal[400, 404] = 400
    sku_case_sensitive: bool = True
    """Whether order lines tell the case of SKUs apart."""
    backorder_scope: Literal["location", "all"] = "location"
    """Whose stock an order may allocate: the sale's location, or every location."""
    prepayment: Literal["before-authorisation", "after-authorisation", "either"] = "either"
    """When a prepayment is accepted, relative to the authorisation of the order."""
    void_when_picked: Literal["refused", "accepted"] = "refused"
    """Whether DELETE /sale?Void=true is accepted of a sale with picked, packed, shipped or invoiced
    tasks (the reference names no rule); if so the goods come back, and tasks, invoices and credit
    notes are void."""
    void_with_payments: Literal["refused", "accepted"] = "refused"
    """Whether DELETE /sale?Void=true is accepted of a sale with prepayments booked (the reference
    names no rule); if so the payments stay booked on the void sale."""

    fulfilment_undo: Literal["ignored", "works"] = "ignored"
    """What DELETE /sale/fulfilment does: a real account answered 200 and changed nothing, the
    reference says that it reopens the fulfilment, or with Void ends it."""
    fulfilment_put: Literal["served", "refused"] = "served"
    """Whether pick, pack and ship take PUT; one client was answered 405."""
    shipped_put: Literal["dropped", "refused"] = "dropped"
    """What becomes of a PUT on an authorised shipment without AddTrackingNumbers: a real account
    answered 200 and changed nothing."""
    nested_tracking: Literal["ignored", "works"] = "ignored"
    """Whether PUT /sale with AddTrackingNumbers changes numbers in the Fulfilments of its body, as
    one client saw; without the flag it never does."""
    fulfilled_order_status: Literal["AUTHORISED", "FULFILLED"] = "AUTHORISED"
    """What OrderStatus of a sale is once all of it is shipped; both were seen."""
    shipment_event: Literal["once", "each-box"] = "once"
    """Whether Sale/ShipmentAuthorised is told when all boxes of a fulfilment have left, or each
    time that some do."""
    event_task: Literal["task", "sale"] = "task"
    """What SaleTaskID of the events ShipmentAuthorised and InvoiceAuthorised names: the fulfilment
    or invoice, or the sale, as the reference's examples can be read."""

    restock_movements: bool = True
    """Whether goods that a credit note puts back are movements of the sale, with negative COGS that
    lower its COGSAmount; the reference shows none."""

    webhook_waits: tuple[timedelta, ...] = tuple(
        timedelta(minutes=minutes) for minutes in (1, 5, 10, 15, 20, 25)
    )
    """Before the first try of a delivery, and before each further one; then the webhook is off."""
    webhook_timeout: float = 10
    """Seconds until a delivery without an answer has failed."""

    sku_filter: Literal["prefix", "contains", "exact"] = "prefix"
    """How the query key Sku of product lists matches; case never matters."""
    availability_age: float = 0
    """How old the availability list is, in seconds; documents are always new."""

    document_lag: float = 0
    """Seconds until a list of stock documents shows a new one, or a change."""
    purchases_by_change: bool = True
    """Whether purchaseList honours UpdatedSince."""
    transfers_listed: Literal["newest-first", "oldest-first"] = "newest-first"
    counts_listed: Literal["oldest-first", "newest-first"] = "oldest-first"
    """The order of adjustments, stock-takes, write-offs and assemblies in their lists."""
    stock_takes_key: Literal["StockAdjustmentList", "StockTakeList"] = "StockAdjustmentList"
    """Under which key stockTakeList has its rows: the sample's, or the one that one expects."""
    transfer_orders_allocate: bool = False
    """Whether a transfer that is ordered has its units allocated."""
    assemblies_allocate: bool = False
    """Whether an assembly that is authorised or in progress has its components allocated."""

    assembled_available: Literal["made", "makeable"] = "makeable"
    """What is shown as available of a product that orders make of its components: what has been
    made, or what can be made as well. Rows of it whose Available is not OnHand less Allocated were
    seen; nothing about it is published."""
    zero_rows: Literal["all", "binned", "none"] = "binned"
    """Which availability rows without stock are listed: one for every stock product and location,
    only emptied bins, or none."""
