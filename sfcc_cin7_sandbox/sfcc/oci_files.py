"""The Inventory Impex API over HTTP: stock in and out of Omnichannel Inventory by file.

An import is announced, uploaded to the link that comes back, and processed after a while; the
status link tells how far it is and where the result file is. The file holds one JSON object a
line, records of one SKU next to each other.

The fault `sfcc.oci_import_stops` ends an import after a share of its records (its size, 0.5);
`sfcc.location_graph` refuses a new one, as while locations are being changed.
"""

import zlib
from typing import Any
from uuid import uuid4

import simplejson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.gate import Call, Gate, Handler
from sfcc_cin7_sandbox.sfcc.oci import OciBook, Stale
from sfcc_cin7_sandbox.sfcc.oci_records import Wrong, change_of, shown
from sfcc_cin7_sandbox.sfcc.oci_routes import DeltaTokens, provision
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer, encode, timestamp
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings

BASE = "/inventory/impex/v1/organizations/{organization}/availability-records"
READ, WRITE = "sfcc.inventory.impex-inventory", "sfcc.inventory.impex-inventory.rw"
NAMES = {"id": "recordId", "location": "locationId", "futures": "futures"}
ANNOUNCED = frozenset(
    {"fileName", "linkDuration", "fileFormat", "fileHashType", "fileEncoding", "fileHash"}
)
WALK = ("SUBMITTED", "PENDING", "RUNNING")
"""What an uploaded import passes before it ends, each for a third of its time."""
Body = dict[str, Any]


class BadFile(ValueError):
    """Nothing of the file can be loaded; the message says why."""


class OciFiles:
    """Imports and exports of one tenant. They do not survive a restart."""

    def __init__(
        self,
        oci: OciBook | None,
        tokens: DeltaTokens,
        clock: Clock,
        faults: Faults,
        gate: Gate,
        settings: SfccSettings,
    ) -> None:
        self._oci = oci
        self._tokens = tokens
        self._clock = clock
        self._faults = faults
        self._gate = gate
        self._settings = settings
        self._imports: dict[str, Body] = {}
        self._waiting: list[Body] = []
        self._exports: dict[str, bytes] = {}

    @property
    def routes(self) -> list[BaseRoute]:
        tenant = self._settings.tenant_group
        endpoints: list[tuple[str, str, str, Handler]] = [
            ("POST", "/imports", WRITE, self._announce),
            ("GET", "/imports/{import_id}/status", READ, self._status),
            ("GET", "/imports/{import_id}/file-content", READ, self._result),
            ("POST", "/exports", READ, self._export),
            ("GET", "/exports/{export_id}/status", READ, self._export_status),
            ("GET", "/exports/{export_id}/file-content", READ, self._export_content),
        ]
        upload = self._gate.upload(WRITE, self._upload, tenant, self._settings.most_impex_bytes)
        return [
            *(
                Route(BASE + path, self._gate.scapi(scope, handler, tenant), methods=[method])
                for method, path, scope, handler in endpoints
            ),
            Route(BASE + "/imports/uploadlink/{link_id}", upload, methods=["POST"]),
        ]

    def settle(self) -> None:
        """Process every import whose time has come, the oldest first."""
        while self._waiting:
            due = self._waiting[0]["uploaded"] + self._settings.oci_import_duration
            if due > self._clock.now():
                return
            self._process(self._waiting.pop(0))

    # -- imports

    def _announce(self, call: Call) -> Response:
        provision(self._oci)
        if self._faults.hit("sfcc.location_graph"):
            raise Problem(409, "conflict", "The location graph is being changed.")
        if unknown := sorted(set(call.body) - ANNOUNCED):
            raise Problem(400, "bad-request", f"Unknown field {unknown[0]}.")
        now, number, link = self._clock.now(), str(uuid4()), str(uuid4())
        expires = now + self._settings.oci_link_life
        self._imports[number] = {
            "link": link,
            "announced": now,
            "expires": expires,
            "file_name": call.body.get("fileName"),
            "uploaded": None,
        }
        base = _links(call.request, self._settings.tenant_group)
        return answer(
            {
                "importId": number,
                "importStatusLink": f"{base}/imports/{number}/status",
                "uploadLink": f"{base}/imports/uploadlink/{link}",
                "uploadMethod": "POST",
                "uploadLinkExpirationUTC": timestamp(expires),
            }
        )

    def _upload(self, request: Request, raw: bytes) -> Response:
        link = request.path_params["link_id"]
        started = next((i for i in self._imports.values() if i["link"] == link), None)
        if started is None or started["expires"] <= self._clock.now():
            raise Problem(404, "not-found", "The upload link is unknown or has expired.")
        if started["uploaded"] is not None:
            raise Problem(409, "conflict", "The file has been uploaded already.")
        if len(raw) > self._settings.oci_most_plain_bytes and raw[:2] != b"\x1f\x8b":
            raise Problem(413, "payload-too-large", "A file of this size must be compressed.")
        started |= {"uploaded": self._clock.now(), "content": raw}
        self._waiting.append(started)
        return answer({"status": "SUBMITTED"})

    def _status(self, call: Call) -> Response:
        started = self._find(call)
        document: Body = {
            "importId": call.path("import_id"),
            "status": self._state(started),
            "upload": {"fileName": started["file_name"]},
        }
        if "ended" in started:
            base = _links(call.request, self._settings.tenant_group)
            results = f"{base}/imports/{call.path('import_id')}/file-content"
            document |= {
                "validation": started["validation"],
                "import": {
                    "startTimeUTC": timestamp(started["uploaded"]),
                    "endTimeUTC": timestamp(started["ended"]),
                    "recordsReadCount": started["read"],
                    "recordsProcessedCount": started["processed"],
                    "recordsSkippedCount": started["read"] - started["processed"],
                    "fullResults": {"href": results},
                },
            }
        return answer(document)

    def _state(self, started: Body) -> str:
        if "ended" in started:
            return str(started["state"])
        now = self._clock.now()
        if started["uploaded"] is not None:
            passed = (now - started["uploaded"]) / self._settings.oci_import_duration
            return WALK[int(passed * len(WALK))]
        if now >= started["expires"]:
            return "EXPIRED"
        return "STAGING" if now == started["announced"] else "WAITING"

    def _result(self, call: Call) -> Response:
        started = self._find(call)
        if "ended" not in started:
            raise Problem(404, "not-found", "The import has not ended.")
        return Response(started["result"], media_type="application/x-ndjson")

    def _find(self, call: Call) -> Body:
        provision(self._oci)
        try:
            return self._imports[call.path("import_id")]
        except KeyError:
            raise Problem(404, "not-found", "There is no such import.") from None

    def _process(self, started: Body) -> None:
        stops = self._faults.hit("sfcc.oci_import_stops")
        errors: list[Body] = []
        read = processed = 0
        validation: Body = {"status": "SUCCESS", "errors": []}
        try:
            records = parse_file(started.pop("content"), self._settings.most_impex_bytes)
            share = self._faults.size("sfcc.oci_import_stops", 0.5) if stops else 1
            for record in records[: int(len(records) * share)]:
                read += 1
                if message := self._load(record):
                    named = {name: record.get(name) for name in ("recordId", "locationId", "sku")}
                    errors.append({**named, "message": message})
                else:
                    processed += 1
        except BadFile as bad:
            validation = {"status": "FAILED", "errors": [str(bad)]}
        outcome = "COMPLETED_WITH_PARTIAL_FAILURES" if errors else "COMPLETED_WITHOUT_ERRORS"
        failed = validation["errors"] or (errors and not processed)
        lines = [{"status": "FAILED" if failed else outcome}, *errors]
        state = "FAILED" if validation["errors"] else "COMPLETED"
        started |= {
            "ended": self._clock.now(),
            "state": "STOPPED" if stops else state,
            "validation": validation,
            "read": read,
            "processed": processed,
            "result": _lines(lines),
        }

    def _load(self, record: Body) -> str | None:
        """What is wrong with the record; None once it is loaded."""
        oci = provision(self._oci)
        try:
            key, change = change_of(record, NAMES, oci.locations, self._clock.now())
            oci.apply(change, key)
        except (Wrong, Stale) as wrong:
            return str(wrong)
        return None

    # -- exports, the only way to a first delta token

    def _export(self, call: Call) -> Response:
        oci = provision(self._oci)
        locations = call.body.get("locations")
        if not isinstance(locations, list) or not set(locations) <= set(oci.locations):
            raise Problem(400, "bad-request", "'locations' must be a list of known locations.")
        lines: list[Body] = []
        for wanted in locations:
            lines.append({"locationId": wanted})
            lines += [
                shown(sku, record, NAMES["futures"])
                for location, sku, record in oci.everything()
                if location == wanted
            ]
        lines.append({"deltaToken": self._tokens.issue(oci.version)})
        number = str(uuid4())
        self._exports[number] = _lines(lines)
        base = _links(call.request, self._settings.tenant_group)
        return answer({"exportId": number, "exportStatusLink": f"{base}/exports/{number}/status"})

    def _export_status(self, call: Call) -> Response:
        number = call.path("export_id")
        self._exported(number)
        base = _links(call.request, self._settings.tenant_group)
        content = f"{base}/exports/{number}/file-content"
        return answer(
            {
                "exportId": number,
                "status": "COMPLETED",
                "export": {"fullResults": {"href": content}},
            }
        )

    def _export_content(self, call: Call) -> Response:
        content = self._exported(call.path("export_id"))
        return Response(content, media_type="application/x-ndjson")

    def _exported(self, number: str) -> bytes:
        if number not in self._exports:
            raise Problem(404, "not-found", "There is no such export.")
        return self._exports[number]


def parse_file(raw: bytes, most: int) -> list[Body]:
    """The records of a file, compressed or not. Raises BadFile for one not as published.

    The older layout, with a header for each location, is not served. Records of one SKU that
    another SKU stands between make the whole file bad: they would make the real one slow.
    """
    if raw[:2] == b"\x1f\x8b":
        raw = _unpacked(raw, most)
    records: list[Body] = []
    seen: set[Any] = set()
    for number, line in enumerate(raw.removesuffix(b"\n").split(b"\n"), start=1):
        try:
            record = simplejson.loads(line, use_decimal=True)
        except ValueError:
            raise BadFile(f"Line {number} is not one JSON object.") from None
        if not isinstance(record, dict):
            raise BadFile(f"Line {number} is not one JSON object.")
        if "mode" in record:
            raise BadFile(f"Line {number} has the layout with location headers.")
        sku = record.get("sku")
        if not isinstance(sku, str):
            raise BadFile(f"Line {number} has no sku.")
        if sku in seen and records[-1]["sku"] != sku:
            raise BadFile(f"Line {number} is not next to the other records of its SKU.")
        seen.add(sku)
        records.append(record)
    return records


def _unpacked(raw: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(raw, most)
    except zlib.error:
        raise BadFile("The file is not compressed with gzip.") from None
    if not unpacker.eof:
        raise BadFile("The file is cut off, or too large once unpacked.")
    return content


def _lines(documents: list[Body]) -> bytes:
    return b"".join(encode(document) + b"\n" for document in documents)


def _links(request: Request, tenant: str) -> str:
    base = BASE.format(organization=tenant)
    return f"{request.url.scheme}://{request.url.netloc}{base}"
