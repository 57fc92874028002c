"""Many allocations with one call: batches of OCAPI (POST /s/-/dw/batch, "OCAPI batch requests").

A batch is no transaction: each part is answered by itself, and what a part would mean alone it
means here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from email.message import Message
from urllib.parse import quote, urlsplit

import httpx

from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError
from sfcc_cin7.systems.http.outcomes import Call, answered, unreadable
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.inventory import allocated
from sfcc_cin7.systems.sfcc.wire import Wire
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.backorder import Backorder

MOST_PARTS = 50
BOUNDARY = "sfcc-cin7-part"
"""JSON holds no line break and a SKU is escaped, so that no part can contain it."""
SERVED = {"sfdc_load": ""}
"""A part has been served, whatever its status: only the edge before the system sheds load."""
Wanted = tuple[str, Decimal, datetime, Backorder | None]
"""SKU, units, the instant at which they were true, and what may be backordered (None: as it is)."""
Part = tuple[int, bytes]
"""Status and body."""


class BatchCalls(Wire):
    """Batches of calls on inventory records."""

    def set_allocations(
        self, list_id: str, wanted: Sequence[Wanted], *, create: bool = False
    ) -> dict[str, InventoryRecord | ApiError]:
        """The allocations of up to 50 SKUs, each PATCHed, or PUT (`create`) where none is yet.

        What became of each SKU; one whose part is not answered is in doubt. Raises ApiError for
        the batch as a whole, of which then nothing was done unless it is `Ambiguous`.
        """
        method = "PUT" if create else "PATCH"
        where = f"{self._connection.data_url}/inventory_lists/{quote(list_id, safe='')}"
        base = f"{urlsplit(where).path}/product_inventory_records/"
        call, url = self._call("POST", self._connection.ocapi_url, "/batch")
        headers = {
            "Content-Type": f"multipart/mixed; boundary={BOUNDARY}",
            "x-dw-http-method": method,
            "x-dw-resource-path": base,
        }
        response = self._transfer(call, url, _written(wanted), headers)
        parts = _parts(call, response)
        return {
            sku: _outcome(call, method, parts.get(str(number)))
            for number, (sku, *_) in enumerate(wanted)
        }

    def batches_answer(self, list_id: str) -> None:
        """Send a batch that reads a list and changes nothing; an error where that cannot be."""
        where = f"{self._connection.data_url}/inventory_lists/"
        call, url = self._call("POST", self._connection.ocapi_url, "/batch", "read")
        headers = {
            "Content-Type": f"multipart/mixed; boundary={BOUNDARY}",
            "x-dw-http-method": "GET",
            "x-dw-resource-path": urlsplit(where).path,
        }
        content = _multipart([("0", quote(list_id, safe=""), "")])
        parts = _parts(call, self._transfer(call, url, content, headers))
        status, body = parts.get("0", (0, b""))
        if not status:
            raise unreadable(call, "x-dw-content-id")
        answered(call, httpx.Response(status, content=body, headers=SERVED))


def _written(wanted: Sequence[Wanted]) -> bytes:
    return _multipart(
        [
            (str(number), quote(sku, safe=""), decimal_json.dumps(allocated(units, at, backorder)))
            for number, (sku, units, at, backorder) in enumerate(wanted)
        ]
    )


def _multipart(parts: Sequence[tuple[str, str, str]]) -> bytes:
    """Content id, end of the path and body of each; headers start right after the boundary."""
    lines: list[str] = []
    for content_id, path, body in parts:
        lines += [
            f"--{BOUNDARY}",
            f"x-dw-content-id: {content_id}",
            f"x-dw-resource-path-extension: {path}",
            "",
            body,
        ]
    return "\r\n".join([*lines, f"--{BOUNDARY}--", ""]).encode()


def _parts(call: Call, response: httpx.Response) -> dict[str, Part]:
    """The answered parts by content id; what cannot be told apart is left out."""
    kind = Message()
    kind["Content-Type"] = response.headers.get("content-type", "")
    boundary = kind.get_boundary()
    if boundary is None:
        raise unreadable(call, "multipart/mixed")
    found: dict[str, Part] = {}
    delimiter = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode())
    for piece in re.split(delimiter, response.content)[1:]:
        head, _, body = piece.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
        headers = _headers(head)
        status = headers.get("x-dw-status-code", "")
        if "x-dw-content-id" in headers and re.fullmatch(r"[1-5]\d\d", status):
            found[headers["x-dw-content-id"]] = (int(status), body.strip())
    return found


def _headers(head: bytes) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _outcome(call: Call, method: str, part: Part | None) -> InventoryRecord | ApiError:
    one = Call(call.system, f"{method} in {call.operation}", "write", call.correlation_id)
    if part is None:
        return Ambiguous(
            one.system, one.operation, None, "the part was not answered", one.correlation_id
        )
    status, body = part
    try:
        answer = answered(one, httpx.Response(status, content=body, headers=SERVED))
        return parse(one, InventoryRecord, answer)
    except ApiError as error:
        return error
