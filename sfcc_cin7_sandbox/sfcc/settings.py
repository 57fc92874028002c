"""How the emulated storefront behaves where an instance, or the documentation, leaves a choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sfcc_cin7_sandbox.sfcc.attributes import AttributeType

API_SCOPES = (
    "sfcc.orders",
    "sfcc.orders.rw",
    "sfcc.products",
    "sfcc.products.rw",
    "sfcc.jobs",
    "sfcc.jobs.rw",
    "sfcc.inventory.availability",
    "sfcc.inventory.availability.rw",
    "sfcc.inventory.impex-inventory",
    "sfcc.inventory.impex-inventory.rw",
    "c_cin7_fulfilment_rw",
)
ORDER_ATTRIBUTES: Mapping[str, AttributeType] = {
    "c_cin7Parcels": "text",
    "c_cin7Refunds": "text",
    "c_cin7FulfilmentRevision": "integer",
    "c_cancelledItems": "text",
    "c_refundRequests": "text",
}
PRODUCT_ATTRIBUTES: Mapping[str, AttributeType] = {
    "c_weight": "number",
    "c_countryOfOrigin": "string",
}
DATA_RIGHTS: Mapping[str, tuple[str, ...]] = {
    "/inventory_lists": ("get",),
    "/inventory_lists/*": ("get",),
    "/inventory_lists/*/product_inventory_records": ("get",),
    "/inventory_lists/*/product_inventory_records/*": ("get", "put", "patch", "delete"),
    "/jobs/*/executions": ("post",),
    "/jobs/*/executions/*": ("get",),
    "/job_execution_search": ("post",),
    "/code_versions": ("get",),
    "/code_versions/*": ("get", "put", "patch", "delete"),
    "/product_search": ("post",),
    "/sites": ("get",),
    "/sites/*": ("get",),
}

ImportMode = Literal["MERGE", "UPDATE", "REPLACE", "DELETE"]


@dataclass(frozen=True)
class Job:
    """A job of one import step, with the parameters of that step ("Job steps" reference).

    `working_folder` is below Impex/src, `archive_folder` below Impex. A run may set the step
    parameters named in `open_parameters` anew.
    """

    id: str
    step: Literal[
        "ImportInventoryLists", "ImportPriceBook", "SearchReindex", "SiteArchiveImport"
    ] = "ImportInventoryLists"
    working_folder: str = "inventory"
    file_name_pattern: str = r".*\.xml(\.gz)?"
    import_mode: ImportMode = "MERGE"
    import_failed_handling: Literal["WARN", "ERROR"] = "ERROR"
    no_files_found_handling: Literal["NO_FILES_FOUND", "WARN", "ERROR"] = "ERROR"
    after_import_file_handling: Literal["Keep", "Delete", "Archive"] = "Archive"
    archive_folder: str = "archive"
    open_parameters: tuple[Literal["FileNamePattern", "ImportMode", "ImportFile"], ...] = (
        "FileNamePattern",
        "ImportMode",
    )


JOBS = (
    Job("import-inventory"),
    Job("import-price-books", "ImportPriceBook", working_folder="pricebook"),
    Job("rebuild-index", "SearchReindex", open_parameters=()),
    Job(
        "sfcc-site-archive-import",
        "SiteArchiveImport",
        working_folder="instance",
        file_name_pattern="",
        after_import_file_handling="Keep",
        open_parameters=("ImportFile",),
    ),
)


@dataclass(frozen=True)
class SfccSettings:
    """Credentials of the one API client, and a switch for every behaviour that is not documented.

    Defaults are the strictest, else the most probable, of what is known.
    """

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - published on purpose
    organization: str = "f_ecom_zzal_001"
    allowed_scopes: tuple[str, ...] = API_SCOPES
    token_lifetime: timedelta = timedelta(seconds=1800)
    shopper_client_id: str = "sandbox-shopper"
    shopper_client_secret: str = "sandbox-shopper-secret"  # noqa: S105 - published on purpose
    """The private client that may ask for guest tokens."""
    invalid_client_status: int = 401
    data_rights: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DATA_RIGHTS)
    """Open Commerce API Settings of the client: methods by resource, `*` for one segment."""
    ocapi_versions: tuple[str, ...] = ("25.6", "24.5")
    """The versions of the Data API that answer: the newest, and those whose successor came less
    than two years ago (OCAPI version policy). Official tools still ask for older ones."""

    index_lag: float = 0.5
    """Seconds until a new or changed order shows its new state in GET /orders."""

    beyond_cap: Literal["refused", "empty"] = "refused"
    """What GET /orders answers where offset and limit together exceed 10,000."""
    product_search_cap: int | None = None
    """The greatest offset plus limit of a product search; None: there is no cap."""
    product_index_lag: float = 0
    """Seconds until product search shows a changed product as it is."""
    product_attributes: Mapping[str, AttributeType] = field(
        default_factory=lambda: PRODUCT_ATTRIBUTES
    )
    """The custom attributes of products that are defined; a write of any other is ignored."""
    sets_ready: bool = True
    """Whether the merchant's code sets the export status `ready` when an order is placed."""

    capture: Literal["at-order", "at-shipping"] = "at-order"
    """When the merchant takes the money: an order is paid when it is placed, or once a job of the
    merchant finds it shipped."""
    order_attributes: Mapping[str, AttributeType] = field(default_factory=lambda: ORDER_ATTRIBUTES)
    """The custom attributes of orders that are defined; a write of any other is ignored."""
    fulfilment_cartridge: bool = True
    """Whether the merchant has installed the cartridge that takes parcels."""

    export_status_may_be_lowered: bool = False
    """Whether an `exported` order may be set to another export status; if not, 409."""
    lock_clash_status: int = 409
    """What a status write answers when it loses an optimistic lock (fault `sfcc.lock_clash`)."""

    reset_date_checks: bool = True
    """Whether the Data API refuses a reset date as Script API setAllocation does."""
    reset_date_age: timedelta = timedelta(hours=48)
    reset_date_omitted: Literal["now", "kept"] = "now"
    """Which reset date an allocation gets whose write names none; `kept` is the one it has."""
    import_creates_lists: bool = False
    """Whether an import may make an inventory list that is not there; if not, it fails."""
    most_impex_bytes: int = 500 * 1024 * 1024
    webdav_permissions: tuple[tuple[str, Literal["read", "read_write"]], ...] = (
        ("/impex", "read_write"),
        ("/cartridges", "read_write"),
    )
    """WebDAV Client Permissions of the client: what it may do below which path."""
    jobs: tuple[Job, ...] = JOBS
    """The jobs of Business Manager that the client may run."""
    price_lag: timedelta = timedelta(0)
    """How long shoppers still see a price after another one was imported."""
    prices_by_book: bool = True
    """Whether the Shopper Products API tells what each price book asks, or the lowest price."""
    unknown_priced_product: Literal["refused", "skipped"] = "refused"
    """What becomes of a price book with a price of no product: all of it is refused, or that price
    is passed over with a warning."""
    job_pending: timedelta = timedelta(seconds=1)
    """How long a started job waits for its turn."""
    job_duration: timedelta = timedelta(seconds=4)
    """How long a job runs before it has imported."""
    inventory_mode: Literal["classic", "oci"] = "classic"
    """Whether stock is kept in inventory lists, or in Omnichannel Inventory."""
    tenant_group: str = "zzal_001_group"
    """Tenant group id, which stands for the organisation in Omnichannel Inventory's paths."""
    oci_record_fault: tuple[int, str] = (400, "UnsupportedOperationException")
    """Status and type with which calls on inventory records are refused in mode `oci`."""
    oci_mirror_lag: float = 2
    """Seconds until a list shows what Omnichannel Inventory knows."""
    oci_stale_update: Literal["refused", "applied"] = "refused"
    """What becomes of a count whose effective date lies before the one that is known."""
    oci_batch_reply: Literal["errors", "summary"] = "errors"
    """The form of the answer to batch-update: the failed records alone, or with a summary."""
    oci_link_life: timedelta = timedelta(minutes=60)
    """How long an announced import waits for its file."""
    oci_import_duration: timedelta = timedelta(seconds=6)
    """How long an uploaded import takes."""
    oci_most_plain_bytes: int = 100 * 1024 * 1024
    """A larger file must be compressed."""

    @property
    def tenant_scope(self) -> str:
        """`SALESFORCE_COMMERCE_API:<realm>_<instance>`, which every SCAPI token must carry."""
        return "SALESFORCE_COMMERCE_API:" + self.organization.removeprefix("f_ecom_")
