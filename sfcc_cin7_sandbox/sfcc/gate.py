"""What every call passes before its handler: limits, token, scopes, body, faults."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import simplejson
from starlette.requests import Request
from starlette.responses import Response

from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.auth import AccountManager, Grant
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, Problem
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings

MOST_HEAD_BYTES = 24 * 1024
MOST_REQUEST_BYTES = 5 * 1024 * 1024
MOST_RESPONSE_BYTES = 10 * 1024 * 1024
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[["Call"], Response]
RawHandler = Callable[[Request, bytes], Response]
DATA = "/s/-/dw/data/v{version}"
"""Where the resources of the Data API are; a version is written `25_6` there."""


@dataclass(frozen=True)
class Call:
    """A call that was let through; `body` is the JSON object it carried, {} without one."""

    request: Request
    body: dict[str, Any]

    def path(self, name: str) -> str:
        value: str = self.request.path_params[name]
        return value


class Gate:
    """Wraps handlers for the two API families.

    Raised Problems and Faults become answers, and every answer carries `x-correlation-id`.
    `settle` is called before every handler: what had to happen by now happens first. The fault
    `sfcc.token_expired` ends the life of the token that a call brings, for good.
    """

    def __init__(
        self,
        accounts: AccountManager,
        faults: Faults,
        settings: SfccSettings,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._accounts = accounts
        self._faults = faults
        self._settings = settings
        self._settle = settle

    def scapi(self, scope: str, handler: Handler, organization: str | None = None) -> Endpoint:
        """An endpoint of the Salesforce Commerce API that needs a scope.

        It belongs to the storefront's organisation unless another is given.
        """
        organization = organization or self._settings.organization

        async def endpoint(request: Request) -> Response:
            correlation_id = request.headers.get("correlation-id") or str(uuid4())
            raw = await request.body()
            try:
                response = self._handled(
                    request, raw, handler, lambda: self._authorize(request, scope, organization)
                )
            except Problem as problem:
                response = problem.response(correlation_id)
            response.headers["x-correlation-id"] = correlation_id
            return response

        return endpoint

    def upload(
        self, scope: str, handler: RawHandler, organization: str, most_bytes: int
    ) -> Endpoint:
        """An endpoint of the Salesforce Commerce API that takes a file instead of JSON."""

        async def endpoint(request: Request) -> Response:
            correlation_id = request.headers.get("correlation-id") or str(uuid4())
            raw = await request.body()
            try:
                if self._faults.hit("sfcc.429"):
                    raise Problem(429, "too-many-requests", "Too many requests. Try again later.")
                self._authorize(request, scope, organization)
                if len(raw) > most_bytes:
                    raise Problem(413, "payload-too-large", "The file is too large.")
                self._settle()
                response = handler(request, raw)
                if self._faults.hit("sfcc.504_applied"):
                    raise Problem(504, "gateway-timeout", "The upstream did not answer in time.")
            except Problem as problem:
                response = problem.response(correlation_id)
            response.headers["x-correlation-id"] = correlation_id
            return response

        return endpoint

    def ocapi(self, handler: Handler) -> Endpoint:
        """An endpoint of the Open Commerce Data API; refusals are faults.

        The token says which client calls, whatever the header `x-dw-client-id` or the parameter
        `client_id` say (Salesforce, OCAPI Client Application Identification).
        """

        async def endpoint(request: Request) -> Response:
            raw = await request.body()

            def handled() -> Response:
                return self._handled(
                    request,
                    raw,
                    handler,
                    lambda: self._authorize_data(request, self.grant(request)),
                )

            return _correlated(request, _versioned(request, _faulted(handled)))

        return endpoint

    def batch(self, answer: RawHandler) -> Endpoint:
        """The endpoint of batches, whose body is not JSON and whose parts have their own rights."""

        async def endpoint(request: Request) -> Response:
            raw = await request.body()

            def handled() -> Response:
                if self._faults.hit("sfcc.429"):
                    raise Problem(429, "too-many-requests", "Too many requests.")
                authorization = request.headers.get("authorization", "")
                if not authorization.lower().startswith("bearer "):
                    raise Fault(
                        401, "InvalidAuthorizationHeaderException", "There is no bearer token."
                    )
                if self.grant(request) is None:
                    raise Fault(401, "InvalidTokenException", "The access token is invalid.")
                response = answer(request, raw)
                if self._faults.hit("sfcc.504_applied"):
                    raise Problem(504, "gateway-timeout", "The upstream did not answer in time.")
                return response

            return _correlated(request, _faulted(handled))

        return endpoint

    def part(self, request: Request, raw: bytes, handler: Handler) -> Response:
        """One part of a batch: what any Data API call passes, but the limits of the road."""

        def handled() -> Response:
            authorization = request.headers.get("authorization", "")
            self._authorize_data(request, self._accounts.grant(authorization))
            self._settle()
            return handler(Call(request, _json_object(request, raw)))

        return _versioned(request, _faulted(handled))

    def settle(self) -> None:
        """For endpoints that are not wrapped: what had to happen by now happens first."""
        self._settle()

    def _handled(
        self, request: Request, raw: bytes, handler: Handler, authorize: Callable[[], None]
    ) -> Response:
        head = len(str(request.url)) + sum(len(k) + len(v) for k, v in request.headers.raw)
        if head > MOST_HEAD_BYTES:
            raise Problem(400, "bad-request", "URL and headers exceed 24 kB.")
        if len(raw) > MOST_REQUEST_BYTES:
            raise Problem(413, "payload-too-large", "The request exceeds 5 MB.")
        if self._faults.hit("sfcc.429"):
            raise Problem(429, "too-many-requests", "Too many requests. Try again later.")
        authorize()
        self._settle()
        response = handler(Call(request, _json_object(request, raw)))
        if request.method in WRITES and self._faults.hit("sfcc.504_applied"):
            raise Problem(504, "gateway-timeout", "The upstream did not answer in time.")
        if len(response.body) > MOST_RESPONSE_BYTES:
            raise Problem(500, "internal-server-error", "The response exceeds 10 MB.")
        return response

    def grant(self, request: Request) -> Grant | None:
        """What the token of a call entitles to; None when it is not valid now."""
        authorization = request.headers.get("authorization", "")
        if self._faults.hit("sfcc.token_expired"):
            self._accounts.expire(authorization)
        return self._accounts.grant(authorization)

    def _authorize(self, request: Request, scope: str, organization: str) -> None:
        grant = self.grant(request)
        if grant is None:
            raise Problem(401, "invalid-access-token", "The access token is invalid or expired.")
        wanted = request.path_params["organization"]
        if self._settings.tenant_scope not in grant.scopes or wanted != organization:
            raise Problem(403, "forbidden", f"Access denied. Missing tenant scope for {wanted}.")
        if not grant.allows(scope):
            raise Problem(403, "forbidden", f"Access denied. Missing required scope: {scope}")

    def _authorize_data(self, request: Request, grant: Grant | None) -> None:
        if _version(request) not in self._settings.ocapi_versions:
            raise Fault(404, "NotFoundException", f"No resource at {request.url.path}.")
        if grant is None:
            raise Fault(401, "InvalidAccessTokenException", "The access token is invalid.")
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        if not allowed(self._settings.data_rights, request.method, path):
            raise Fault(
                403,
                "ClientAccessForbiddenException",
                f"Access to {request.method} {request.url.path} is not allowed for this client.",
            )


def allowed(rights: Mapping[str, tuple[str, ...]], method: str, path: str) -> bool:
    """Whether the client may use the method there, as Open Commerce API Settings grant it.

    A `*` in a resource id stands for one segment of the path.
    """
    resource = re.sub(r"^/s/-/dw/data/v[^/]+", "", path)
    return any(
        method.lower() in methods
        and re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]+"), resource)
        for pattern, methods in rights.items()
    )


def _version(request: Request) -> str:
    """The version of the Data API that a call asks for, such as `25.6`."""
    return str(request.path_params["version"]).replace("_", ".")


def _versioned(request: Request, response: Response) -> Response:
    """The answer names the version that was asked for, if there is such a one."""
    newest, asked = (f'{{"_v":"{each}"'.encode() for each in (OCAPI_VERSION, _version(request)))
    body = bytes(response.body)
    if response.status_code == 404 or not body.startswith(newest):
        return response
    restated = asked + body[len(newest) :]
    return Response(restated, response.status_code, media_type="application/json")


def _faulted(handled: Callable[[], Response]) -> Response:
    try:
        return handled()
    except Problem as problem:
        return _as_fault(problem).response()
    except Fault as fault:
        return fault.response()


def _correlated(request: Request, response: Response) -> Response:
    response.headers["x-correlation-id"] = request.headers.get("correlation-id") or str(uuid4())
    return response


def _json_object(request: Request, raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Problem(415, "unsupported-media-type", "The body must be application/json.")
    try:
        body = simplejson.loads(raw, use_decimal=True)
    except (simplejson.JSONDecodeError, UnicodeDecodeError):
        raise Problem(400, "bad-request", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise Problem(400, "bad-request", "The body must be a JSON object.")
    return body


_FAULT_TYPES = {
    400: "MalformedRequestException",
    413: "RequestEntityTooLargeException",
    415: "UnsupportedMediaTypeException",
    429: "TooManyRequestsException",
    504: "GatewayTimeoutException",
}


def _as_fault(problem: Problem) -> Fault:
    kind = _FAULT_TYPES.get(problem.status, "InternalServerErrorException")
    return Fault(problem.status, kind, str(problem))
