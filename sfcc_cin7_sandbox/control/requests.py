"""How the control endpoints read what they are asked and say what came of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import simplejson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sfcc_cin7_sandbox.cin7.answers import Refusal

Body = dict[str, Any]


class Nonsense(ValueError):
    """A control request that cannot be obeyed; the message says why."""


def route(method: str, name: str, handle: Callable[[Body], Body]) -> Route:
    """`/_control/<name>`, served by a handler of parsed bodies."""

    async def endpoint(request: Request) -> Response:
        try:
            return answer(handle(body_of(await request.body())))
        except Nonsense as nonsense:
            return answer({"error": str(nonsense)}, 400)
        except Refusal as refusal:
            return answer({"error": f"The ERP says: {refusal.message}"}, 400)

    return Route(f"/_control/{name}", endpoint, methods=[method])


def answer(content: Mapping[str, Any], status: int = 200) -> Response:
    text = simplejson.dumps(content, use_decimal=True, ensure_ascii=False)
    return Response(text, status, media_type="application/json")


def body_of(raw: bytes) -> Body:
    """The JSON object sent; none sent is an empty one."""
    if not raw:
        return {}
    try:
        body = simplejson.loads(raw, use_decimal=True)
    except ValueError:
        raise Nonsense("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Nonsense("The body must be a JSON object.")
    return body


def only(body: Body, *names: str) -> None:
    if unknown := sorted(set(body) - set(names)):
        allowed = ", ".join(names) or "nothing"
        raise Nonsense(f"Unknown: {', '.join(unknown)}; allowed: {allowed}.")


def number_of(
    body: Body, name: str, *, default: int | None = None, most: int | None = None
) -> Decimal:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Nonsense(f"{name} must be a number.")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise Nonsense(f"{name} must not be below 0.")
    if most is not None and number > most:
        raise Nonsense(f"{name} must not be above {most}.")
    return number


def text_of(body: Body, name: str) -> str:
    text = text_if_given(body, name)
    if not text:
        raise Nonsense(f"{name} is required.")
    return text


def text_if_given(body: Body, name: str) -> str | None:
    text = body.get(name)
    if text is not None and not isinstance(text, str):
        raise Nonsense(f"{name} must be a text.")
    return text
