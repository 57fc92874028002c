"""Where settlement reports lie: a folder for each gateway, on disk or behind an address."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import httpx

from sfcc_cin7.values.problems import ConfigurationError

MOST_BYTES = 200 * 1024 * 1024
"""A larger report is not read: a gateway splits them long before."""


class PayoutSource(Protocol):
    """Names the reports of a gateway, and reads one."""

    def names(self, gateway: str) -> Iterable[str]: ...

    def read(self, gateway: str, name: str) -> bytes: ...


class PayoutFolder:
    """`<folder>/<gateway>/*.csv`, as SFTP clients of gateways leave them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, gateway: str) -> list[str]:
        """In the order of their names; a folder that is not there has none."""
        found = (self._folder / gateway).glob("*")
        return sorted(path.name for path in found if path.suffix.lower() == ".csv")

    def read(self, gateway: str, name: str) -> bytes:
        """The content of a report. Raises OSError."""
        return (self._folder / gateway / name).read_bytes()


class PayoutAddress:
    """`<address>/<gateway>/` answers with one file name a line, `<address>/<gateway>/<name>` with
    the file."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self._address = address.rstrip("/")
        self._client = client

    def names(self, gateway: str) -> list[str]:
        """In the order of their names. Raises httpx.HTTPError."""
        listed = self._get(f"{gateway}/").decode().splitlines()
        plain = [name.strip() for name in listed if "/" not in name and ".." not in name]
        return sorted(name for name in plain if name.lower().endswith(".csv"))

    def read(self, gateway: str, name: str) -> bytes:
        """The content of a report. Raises httpx.HTTPError, ConfigurationError if it is huge."""
        return self._get(f"{gateway}/{name}")

    def _get(self, path: str) -> bytes:
        with self._client.stream("GET", f"{self._address}/{path}") as answer:
            answer.raise_for_status()
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ConfigurationError(
                        f"The report {path} is larger than {MOST_BYTES} bytes."
                    )
        return bytes(content)


def payout_source(where: str, client: httpx.Client | None = None) -> PayoutSource:
    """The source that a setting names: an address (https, or http on this machine), or a folder.

    Raises:
        ConfigurationError: the address would send reports unencrypted over a network.
    """
    if where.startswith(("https://", "http://")):
        host = httpx.URL(where).host
        if where.startswith("http://") and host not in ("127.0.0.1", "localhost", "::1"):
            raise ConfigurationError(
                "Settlement reports are read over https, or from this machine."
            )
        return PayoutAddress(where, client or httpx.Client(timeout=60, follow_redirects=False))
    return PayoutFolder(Path(where))
