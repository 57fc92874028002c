"""Files for the import folder of the small storefront, and the jobs that import them."""

import gzip
from typing import Any

from httpx import Response

from sfcc_cin7_tests.sandbox.storefront import DATA, UK_LIST, Storefront, read

IMPEX = "/on/demandware.servlet/webdav/Sites/Impex"
NAMESPACE = "http://www.demandware.com/xml/impex/inventory/2007-05-31"
PRICES = "http://www.demandware.com/xml/impex/pricebook/2006-10-31"


def inventory(*records: str, list_id: str = UK_LIST, header: str = "") -> bytes:
    """An inventory file of one list."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<inventory xmlns="{NAMESPACE}">'
        f'<inventory-list><header list-id="{list_id}">'
        f"<default-instock>false</default-instock>{header}</header>"
        f"<records>{''.join(records)}</records></inventory-list></inventory>"
    ).encode()


def record(product: str, allocation: int | None = None, more: str = "", mode: str = "") -> str:
    amount = "" if allocation is None else f"<allocation>{allocation}</allocation>"
    attribute = f' mode="{mode}"' if mode else ""
    return f'<record product-id="{product}"{attribute}>{amount}{more}</record>'


def put(store: Storefront, path: str, content: bytes = b"", **headers: str) -> Response:
    return store.call("PUT", f"{IMPEX}/{path}", content=content, headers=headers)


def make_folder(store: Storefront, path: str) -> Response:
    return store.call("MKCOL", f"{IMPEX}/{path}")


def upload(store: Storefront, content: bytes, name: str = "uk.xml", job: str = "inventory") -> None:
    make_folder(store, f"src/{job}")
    packed = gzip.compress(content) if name.endswith(".gz") else content
    assert put(store, f"src/{job}/{name}", packed).status_code in (201, 204)


def start(store: Storefront, job: str = "import-inventory", **parameters: str) -> Response:
    given = [{"name": name, "value": value} for name, value in parameters.items()]
    return store.call("POST", f"{DATA}/jobs/{job}/executions", {"parameters": given})


def execution(store: Storefront, number: str = "1", job: str = "import-inventory") -> Any:
    return read(store.call("GET", f"{DATA}/jobs/{job}/executions/{number}"))


def run(store: Storefront, job: str = "import-inventory", **parameters: str) -> Any:
    """Start the job, let its time pass, and look how it ended."""
    started = start(store, job, **parameters)
    assert started.status_code == 200, started.text
    store.later(seconds=5)
    return execution(store, started.json()["id"], job)


def imported(store: Storefront, content: bytes, mode: str = "MERGE") -> Any:
    """Upload a file and import it."""
    upload(store, content)
    return run(store, ImportMode=mode)
