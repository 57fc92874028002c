"""Where settlement reports lie: a folder for each gateway, on disk or behind an address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from sfcc_cin7.values.problems import ConfigurationError

MOST_BYTES = 200 * 1024 * 1024
"""A larger report is not read: a gateway splits them long before."""
READABLE = (".csv", ".xlsx", ".zip", ".gz")
UNFINISHED = (".part", ".filepart", ".tmp", ".crdownload")
"""What clients call a file until all of it is there."""


class StillGrowing(OSError):
    """The file changed while it was read: the next pass reads it."""


@dataclass(frozen=True)
class Listing:
    """The reports of a gateway, in the order of their names, and a sentence for each file beside
    them that is not read. `there` says whether there is a folder of the gateway at all."""

    names: list[str]
    strays: Mapping[str, str]
    there: bool = True


class PayoutSource(Protocol):
    """Lists the reports of a gateway, and reads one; `strays` are files in nobody's folder, by
    folder and name."""

    def listing(self, gateway: str, readable: Sequence[str] = READABLE) -> Listing: ...

    def strays(self, gateways: Collection[str]) -> Mapping[tuple[str, str], str]: ...

    def read(self, gateway: str, name: str) -> bytes: ...


class PayoutFolder:
    """`<folder>/<gateway>/`, as SFTP clients of gateways leave their reports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listing(self, gateway: str, readable: Sequence[str] = READABLE) -> Listing:
        """Raises OSError."""
        folder = self._folder / gateway
        if not folder.is_dir():
            return Listing([], {}, there=False)
        names, strays = [], {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_dir() or any(
                part.startswith(".") for part in path.relative_to(folder).parts
            ):
                continue
            if path.parent != folder:
                strays[name] = f"It lies in a subfolder: move it into the folder {gateway}."
            elif path.suffix.lower() in readable:
                names.append(name)
            elif path.suffix.lower() not in UNFINISHED:
                strays[name] = _not_read(name, readable)
        return Listing(names, strays)

    def strays(self, gateways: Collection[str]) -> Mapping[tuple[str, str], str]:
        """Files beside the folders of gateways, and in folders that are none of theirs."""
        found = {}
        known = ", ".join(sorted(gateways))
        for path in sorted(self._folder.glob("*")) if self._folder.is_dir() else []:
            if path.name.startswith(".") or path.name in gateways:
                continue
            if path.is_file():
                found["", path.name] = f"It lies in no gateway's folder: move it into {known}."
            for file in sorted(path.rglob("*")) if path.is_dir() else []:
                if file.is_file() and not file.name.startswith("."):
                    name = file.relative_to(path).as_posix()
                    found[path.name, name] = (
                        f"The operating model has no gateway {path.name}: move it into {known}."
                    )
        return found

    def read(self, gateway: str, name: str) -> bytes:
        """The content of a report. Raises OSError."""
        path = self._folder / gateway / name
        before = path.stat()
        if before.st_size > MOST_BYTES:
            raise ConfigurationError(f"The report {name} is larger than {MOST_BYTES} bytes.")
        content = path.read_bytes()
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise StillGrowing(f"{name} is still being written")
        return content


class PayoutAddress:
    """`<address>/<gateway>/` answers with one file name a line, `<address>/<gateway>/<name>` with
    the file."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self._address = address.rstrip("/")
        self._client = client

    def listing(self, gateway: str, readable: Sequence[str] = READABLE) -> Listing:
        """Raises httpx.HTTPError. An answer that names nothing may be a fault: it takes nothing
        back."""
        listed = self._get(f"{gateway}/").decode().splitlines()
        plain = sorted(name.strip() for name in listed if "/" not in name and ".." not in name)
        names = [name for name in plain if name.lower().endswith(tuple(readable))]
        strays = {
            name: _not_read(name, readable)
            for name in plain
            if name and not name.lower().endswith((*readable, *UNFINISHED))
        }
        return Listing(names, strays, there=bool(names))

    def strays(self, gateways: Collection[str]) -> Mapping[tuple[str, str], str]:
        """An address lists nothing but folders of gateways."""
        del gateways
        return {}

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


def _not_read(name: str, readable: Sequence[str]) -> str:
    suffix = Path(name).suffix or "without an ending"
    *some, last = readable
    return f"A file {suffix} is not read: bring it as {', '.join(some)} or {last}."


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
