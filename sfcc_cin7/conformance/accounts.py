"""The accounts under probe, as the environment names them; either system may be left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from sfcc_cin7.runtime.settings import DEFAULTS, REQUIRED
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.problems import ConfigurationError


@dataclass(frozen=True)
class Accounts:
    """Who is asked."""

    cin7: Cin7Connection | None
    sfcc: SfccConnection | None

    @property
    def systems(self) -> tuple[str, ...]:
        named = (("cin7", self.cin7), ("sfcc", self.sfcc))
        return tuple(name for name, connection in named if connection)

    @property
    def addresses(self) -> list[str]:
        """Where they are, without anything secret."""
        found = [self.cin7.url] if self.cin7 else []
        return found + ([self.sfcc.api_url, self.sfcc.instance_url] if self.sfcc else [])

    @property
    def loopback(self) -> bool:
        """Whether all of them are on this machine."""
        return all(_on_this_machine(address) for address in self.addresses)

    @property
    def production(self) -> bool:
        """Whether the storefront is a production instance, which is only read."""
        return self.sfcc is not None and self.sfcc.organization_id.endswith("_prd")


def accounts(environment: Mapping[str, str]) -> Accounts:
    """The accounts that the environment names.

    Raises:
        ConfigurationError: neither system is named, or one of them is named in part.
    """
    given = {**DEFAULTS, **{key: value for key, value in environment.items() if value}}
    found = Accounts(_cin7(given), _sfcc(given))
    if not found.systems:
        raise ConfigurationError(
            "Neither system is named: set the CIN7_ or the SFCC_ variables of .env.example."
        )
    return found


def _cin7(given: Mapping[str, str]) -> Cin7Connection | None:
    if not _complete(given, "CIN7_"):
        return None
    orders_key = given.get("CIN7_ORDERS_APPLICATION_KEY")
    return Cin7Connection(
        url=given["CIN7_URL"],
        account_id=given["CIN7_ACCOUNT_ID"],
        application_key=SecretStr(given["CIN7_APPLICATION_KEY"]),
        orders_application_key=SecretStr(orders_key) if orders_key else None,
    )


def _sfcc(given: Mapping[str, str]) -> SfccConnection | None:
    if not _complete(given, "SFCC_"):
        return None
    try:
        return SfccConnection(
            api_url=given["SFCC_API_URL"],
            instance_url=given["SFCC_INSTANCE_URL"],
            account_manager_url=given["SFCC_ACCOUNT_MANAGER_URL"],
            organization_id=given["SFCC_ORGANIZATION_ID"],
            client_id=given["SFCC_CLIENT_ID"],
            client_secret=SecretStr(given["SFCC_CLIENT_SECRET"]),
        )
    except ValidationError:
        raise ConfigurationError(
            "SFCC_ORGANIZATION_ID is not an organization id: it looks like f_ecom_abcd_001."
        ) from None


def _complete(given: Mapping[str, str], prefix: str) -> bool:
    """Whether a system is named; a part of it is a mistake."""
    needed = [
        variable
        for variable in REQUIRED
        if variable.name.startswith(prefix) and not variable.name.startswith("SFCC_CIN7_")
    ]
    missing = [variable for variable in needed if variable.name not in given]
    if missing and len(missing) < len(needed):
        raise ConfigurationError(
            f"{missing[0].name} is not set: it is {missing[0].meaning} ({missing[0].where})."
        )
    return not missing


def _on_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
