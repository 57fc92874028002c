"""Answers of both API families: JSON with exact numbers, RFC 7807 problems and OCAPI faults."""

from datetime import UTC, datetime
from typing import Any

import simplejson
from starlette.responses import Response

PROBLEM_TYPES = "https://api.commercecloud.salesforce.com/documentation/error/v1/errors/"
OCAPI_VERSION = "25.6"


def encode(body: Any) -> bytes:
    """JSON whose numbers are written digit for digit as they were computed."""
    return simplejson.dumps(body, use_decimal=True, separators=(",", ":")).encode()


def answer(
    body: Any,
    status: int = 200,
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(encode(body), status, headers, media_type)


def no_content() -> Response:
    return Response(status_code=204)


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds and Z, as both families write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> datetime:
    """An instant with its zone. Raises ValueError for anything less, a bare date included."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} carries no time zone")
    return moment.astimezone(UTC)


def to_milliseconds(moment: datetime) -> datetime:
    """The instant as it can be told to the outside, so that stored and shown times are equal."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Problem(Exception):
    """A refusal by SCAPI: RFC 7807 with the platform's type addresses."""

    def __init__(self, status: int, kind: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {
            "title": kind.replace("-", " ").title(),
            "type": PROBLEM_TYPES + kind,
            "detail": detail,
            **members,
        }

    def response(self, correlation_id: str) -> Response:
        body = {**self.body, "instance": f"urn:uuid:{correlation_id}"}
        return answer(body, self.status, "application/problem+json")


class Fault(Exception):
    """A refusal by OCAPI: `{"_v", "fault": {"type", "message", "arguments"}}`."""

    def __init__(self, status: int, kind: str, message: str, **arguments: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.body = {
            "_v": OCAPI_VERSION,
            "fault": {
                "arguments": {
                    name: {"type": "string", "value": value} for name, value in arguments.items()
                },
                "type": kind,
                "message": message,
            },
        }

    def response(self) -> Response:
        return answer(self.body, self.status)
