"""How the emulated storefront behaves where an instance, or the documentation, leaves a choice."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

API_SCOPES = ("sfcc.orders", "sfcc.orders.rw", "sfcc.products", "sfcc.products.rw")


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
    invalid_client_status: int = 401

    index_lag: float = 0.5
    """Seconds until a new or changed order shows its new state in GET /orders."""

    beyond_cap: Literal["refused", "empty"] = "refused"
    """What GET /orders answers where offset and limit together exceed 10,000."""
    product_search_cap: int | None = None
    """The greatest offset plus limit of a product search; None: there is no cap."""
    sets_ready: bool = True
    """Whether the merchant's code sets the export status `ready` when an order is placed."""

    export_status_may_be_lowered: bool = False
    """Whether an `exported` order may be set to another export status; if not, 409."""
    lock_clash_status: int = 409
    """What a status write answers when it loses an optimistic lock (fault `sfcc.lock_clash`)."""

    reset_date_checks: bool = True
    """Whether the Data API refuses a reset date as Script API setAllocation does."""
    reset_date_age: timedelta = timedelta(hours=48)
    reset_date_omitted: Literal["now", "kept"] = "now"
    """Which reset date an allocation gets whose write names none."""

    @property
    def tenant_scope(self) -> str:
        """`SALESFORCE_COMMERCE_API:<realm>_<instance>`, which every SCAPI token must carry."""
        return "SALESFORCE_COMMERCE_API:" + self.organization.removeprefix("f_ecom_")
