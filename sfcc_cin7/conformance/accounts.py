"""The accounts under probe, as the environment names them; either system may be left out."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sfcc_cin7.runtime.settings import Cin7Settings, SfccSettings, read_if_named
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


def open_accounts(file: Path | None = None) -> Accounts:
    """The accounts that the environment names, or below it a file of variables.

    Raises:
        ConfigurationError: neither system is named, or one of them is named in part.
    """
    found = Accounts(read_if_named(Cin7Settings, file), read_if_named(SfccSettings, file))
    if not found.systems:
        raise ConfigurationError(
            "Neither system is named: set the CIN7_ or the SFCC_ variables of .env.example."
        )
    return found


def _on_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
