"""Where a Commerce Cloud instance is, and who asks."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

OCAPI_VERSION = "v25_6"


class SfccConnection(BaseModel):
    """One B2C Commerce instance (Commerce API, Authorization for Admin APIs).

    The API client needs the role "Salesforce Commerce API" for the tenant, the scopes of `scope`,
    and Open Commerce API (Data) rights on inventory lists and their records.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    api_url: str
    """`https://{shortCode}.api.commercecloud.salesforce.com`"""
    instance_url: str
    """`https://<instance host>`, where OCAPI is."""
    account_manager_url: str = "https://account.demandware.com"
    organization_id: Annotated[str, Field(pattern=r"^f_ecom_[a-z]{4}_(prd|stg|dev|s\d\d|\d{3})$")]
    client_id: str
    client_secret: SecretStr
    shopper_client_id: str = ""
    """A private client of Shopper Login (SLAS) with the scope `sfcc.shopper-products`; empty where
    prices are not read back."""
    shopper_client_secret: SecretStr = SecretStr("")
    tenant_group_id: str = ""
    """Stands for the organization in Omnichannel Inventory; empty where there is none."""

    @property
    def scope(self) -> str:
        """What a token is asked for: the tenant, orders to write, products to read."""
        return f"{self._tenant} sfcc.orders.rw sfcc.products"

    @property
    def catalogue_scope(self) -> str:
        """What the token for changes of products is asked for; one of its own, so that a merchant
        whose products nobody changes does not have to allow it."""
        return f"{self._tenant} sfcc.products.rw"

    @property
    def oci_scope(self) -> str:
        """What the token for Omnichannel Inventory is asked for: its records, and its files.

        A token of its own, so that nobody else has to allow these scopes.
        """
        return f"{self._tenant} sfcc.inventory.availability.rw sfcc.inventory.impex-inventory.rw"

    @property
    def token_url(self) -> str:
        return f"{self.account_manager_url.rstrip('/')}/dwsso/oauth2/access_token"

    @property
    def orders_url(self) -> str:
        """Orders API, version 1."""
        return self._organization("checkout/orders/v1")

    @property
    def products_url(self) -> str:
        """Products API, version 1."""
        return self._organization("product/products/v1")

    @property
    def shopper_products_url(self) -> str:
        """Shopper Products API, version 1."""
        return self._organization("product/shopper-products/v1")

    @property
    def guest_token_url(self) -> str:
        """Where Shopper Login gives guests their tokens."""
        return f"{self._organization('shopper/auth/v1')}/oauth2/token"

    @property
    def reads_prices(self) -> bool:
        """Whether there is a client by whom a shopper's prices can be read."""
        return bool(self.shopper_client_id)

    @property
    def fulfilment_url(self) -> str:
        """The Custom API of the merchant's cartridge (`cartridge/`), version 1."""
        return self._organization("custom/cin7-fulfilment/v1")

    @property
    def fulfilment_scope(self) -> str:
        """What the token for that cartridge is asked for; a token of its own, so that nobody else
        has to allow the scope."""
        return f"{self._tenant} c_cin7_fulfilment_rw"

    @property
    def data_url(self) -> str:
        """OCAPI Data API."""
        return f"{self.ocapi_url}/data/{OCAPI_VERSION}"

    @property
    def ocapi_url(self) -> str:
        """Everything of OCAPI, batches included."""
        return f"{self.instance_url.rstrip('/')}/s/-/dw"

    @property
    def impex_url(self) -> str:
        """The folder for imports, over WebDAV."""
        return f"{self.instance_url.rstrip('/')}/on/demandware.servlet/webdav/Sites/Impex"

    @property
    def inventory_url(self) -> str:
        """Everything of Omnichannel Inventory."""
        return f"{self.api_url.rstrip('/')}/inventory/"

    @property
    def availability_url(self) -> str:
        """Inventory Availability API, version 1."""
        return self._tenant_group("availability/v1")

    @property
    def oci_files_url(self) -> str:
        """Inventory Impex API, version 1."""
        return self._tenant_group("impex/v1")

    @property
    def _tenant(self) -> str:
        return f"SALESFORCE_COMMERCE_API:{self.organization_id.removeprefix('f_ecom_')}"

    def _tenant_group(self, base: str) -> str:
        group = f"organizations/{self.tenant_group_id}/availability-records"
        return f"{self.inventory_url}{base}/{group}"

    def _organization(self, base: str) -> str:
        return f"{self.api_url.rstrip('/')}/{base}/organizations/{self.organization_id}"
