"""Several calls of the Data API in one: POST /s/-/dw/batch ("OCAPI Batch Requests").

A part inherits every header of the request and is answered by itself, so that one refused part
stops no other. Parts are read as strictly as the page describes them: their headers follow the
boundary at once, and one empty line ends the headers, even of a part without a body.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, compile_path

from sfcc_cin7_sandbox.sfcc.gate import Gate, Handler
from sfcc_cin7_sandbox.sfcc.problems import Fault

PATH = "/s/-/dw/batch"
MOST_PARTS = 50
MOST_BYTES = 5 * 1024 * 1024
METHODS = frozenset({"GET", "PUT", "PATCH", "POST", "DELETE"})
EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
HEADER = re.compile(r"([A-Za-z0-9-]+):[ \t]*(.*?)[ \t]*")
BOUNDARY = re.compile(r'boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})"?')

Endpoint = tuple[str, str, Handler]
"""Method, path template and handler of a resource that a part may address."""


@dataclass(frozen=True)
class Part:
    """One call within the batch; `headers` are its own, with lower-case names."""

    headers: Mapping[str, str]
    body: bytes


class BatchRoute:
    """Serves the batch resource over those of the Data API."""

    def __init__(self, endpoints: Sequence[Endpoint], gate: Gate) -> None:
        self._endpoints = [
            (method, *compile_path(path)[::2], handler) for method, path, handler in endpoints
        ]
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self._gate.batch(self._answer), methods=list(METHODS))]

    def _answer(self, request: Request, raw: bytes) -> Response:
        if request.method != "POST":
            raise Fault(405, "MethodNotAllowedException", "A batch is sent with POST.")
        boundary = _boundary(request)
        if len(raw) > MOST_BYTES:
            raise Fault(400, "RequestEntityTooLargeException", "The batch exceeds 5 MB.")
        parts = parse_parts(raw, boundary)
        if len(parts) > MOST_PARTS:
            raise Fault(400, "QuotaExceededException", f"A batch has {MOST_PARTS} parts at most.")
        calls = [self._call(request, part) for part in parts]
        separator = token_hex(8)
        answered = [
            _written(call.headers["x-dw-content-id"], self._handled(call)) for call in calls
        ]
        delimiter = f"--{separator}\r\n".encode()
        content = b"".join(delimiter + part for part in answered) + f"--{separator}--\r\n".encode()
        return Response(content, media_type=f"multipart/mixed; boundary={separator}")

    def _call(self, request: Request, part: Part) -> Request:
        """The part as a call of its own. Raises Fault for one that makes the batch senseless."""
        headers = dict(request.headers) | dict(part.headers)
        headers.pop("content-length", None)
        headers["content-type"] = part.headers.get("content-type", "application/json")
        method = headers.get("x-dw-http-method")
        if not method:
            raise Fault(400, "MissingHttpMethodException", "A part has no HTTP method.")
        if method not in METHODS:
            raise Fault(400, "InvalidHttpMethodException", f"There is no method {method}.")
        base = headers.get("x-dw-resource-path")
        if not base:
            raise Fault(400, "MissingResourcePathException", "A part has no resource path.")
        target = urlsplit(base + part.headers.get("x-dw-resource-path-extension", ""))
        if re.search(r"/\(.*,.*\)", unquote(target.path)):
            raise Fault(400, "ResourcePathNotAllowedException", "A part names several resources.")
        scope = dict(request.scope) | {
            "method": method,
            "path": unquote(target.path),
            "raw_path": target.path.encode(),
            "query_string": b"&".join(
                query for query in (request.scope["query_string"], target.query.encode()) if query
            ),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "batch_body": part.body,
        }
        return Request(scope)

    def _handled(self, call: Request) -> Response:
        found = False
        for method, path, converters, handler in self._endpoints:
            match = path.fullmatch(call.scope["path"])
            if match is None:
                continue
            if method == call.method:
                call.scope["path_params"] = {
                    name: converters[name].convert(value)
                    for name, value in match.groupdict().items()
                }
                return self._gate.part(call, call.scope["batch_body"], handler)
            found = True
        if found:
            return Fault(
                405, "MethodNotAllowedException", f"{call.method} is not allowed."
            ).response()
        return Fault(404, "NotFoundException", f"No resource at {call.url.path}.").response()


def parse_parts(raw: bytes, boundary: str) -> list[Part]:
    """The parts of a body in their order. Raises Fault 400 for anything but the strict form."""
    delimiter = b"--" + boundary.encode()
    pieces = re.split(rb"(?:\A|\r?\n)" + re.escape(delimiter), raw)
    if len(pieces) < 3 or pieces[0].strip() or pieces[-1].strip(b"\r\n ") != b"--":
        raise _malformed("The body is not delimited by the boundary.")
    parts = [_part(piece) for piece in pieces[1:-1]]
    ids = [part.headers["x-dw-content-id"] for part in parts]
    if len(set(ids)) != len(ids):
        raise _malformed("Two parts have the same x-dw-content-id.")
    return parts


def _part(piece: bytes) -> Part:
    line_end = re.match(rb"\r?\n", piece)
    if line_end is None:
        raise _malformed("A boundary does not stand on a line of its own.")
    ended = EMPTY_LINE.search(piece, line_end.end())
    if ended is None:
        raise _malformed("The headers of a part are not ended by an empty line.")
    headers: dict[str, str] = {}
    for line in re.split(rb"\r?\n", piece[line_end.end() : ended.start()]):
        header = HEADER.fullmatch(line.decode("latin-1"))
        if header is None:
            raise _malformed("The headers of a part must start right after the boundary.")
        headers[header[1].lower()] = header[2]
    if not headers.get("x-dw-content-id"):
        raise _malformed("A part has no x-dw-content-id.")
    return Part(headers, piece[ended.end() :])


def _boundary(request: Request) -> str:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    boundary = BOUNDARY.fullmatch(parameters.strip())
    if kind.strip().lower() != "multipart/mixed" or boundary is None:
        raise Fault(
            400,
            "IllegalContentTypeException",
            "The content type must be multipart/mixed with a boundary.",
        )
    return boundary[1]


def _written(content_id: str, response: Response) -> bytes:
    """A part of the answer: two headers, and the body where there is one."""
    head = f"x-dw-content-id: {content_id}\r\nx-dw-status-code: {response.status_code}\r\n\r\n"
    return head.encode() + bytes(response.body) + b"\r\n"


def _malformed(message: str) -> Fault:
    return Fault(400, "InvalidRequestBodyException", message)
