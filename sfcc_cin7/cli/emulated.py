"""How the emulated systems of a sandbox are reached, with the credentials that it publishes."""

from pydantic import SecretStr

from sfcc_cin7.cli.supervisor import LOOPBACK
from sfcc_cin7.runtime.settings import Ports, variables
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.systems.sfcc.connection import SfccConnection


def sandbox_address() -> str:
    """Where the sandbox of this machine listens. Raises ConfigurationError."""
    return f"http://{LOOPBACK}:{Ports().sandbox_port}"


def sandbox_storefront(address: str) -> SfccConnection:
    """The storefront of the sandbox at an address."""
    return SfccConnection(
        api_url=address,
        instance_url=address,
        account_manager_url=address,
        organization_id="f_ecom_zzal_001",
        client_id="sandbox-client",
        client_secret=SecretStr("sandbox-secret"),
    )


def sandbox_erp(address: str) -> Cin7Connection:
    """The ERP of the sandbox at an address; orders have a key of their own."""
    return Cin7Connection(
        url=f"{address}/ExternalApi/v2",
        account_id="11111111-2222-3333-4444-555555555555",
        application_key=SecretStr("sandbox-key"),
        orders_application_key=SecretStr("sandbox-orders-key"),
    )


def sandbox_environment(address: str) -> dict[str, str]:
    """Both systems of the sandbox at an address, as environment variables."""
    return variables(sandbox_storefront(address), sandbox_erp(address))
