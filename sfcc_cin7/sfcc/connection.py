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

    @property
    def scope(self) -> str:
        """What a token is asked for: the tenant, orders to write, products to read."""
        tenant = self.organization_id.removeprefix("f_ecom_")
        return f"SALESFORCE_COMMERCE_API:{tenant} sfcc.orders.rw sfcc.products"

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
    def data_url(self) -> str:
        """OCAPI Data API."""
        return f"{self.instance_url.rstrip('/')}/s/-/dw/data/{OCAPI_VERSION}"

    def _organization(self, base: str) -> str:
        return f"{self.api_url.rstrip('/')}/{base}/organizations/{self.organization_id}"
