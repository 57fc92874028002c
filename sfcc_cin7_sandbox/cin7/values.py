"""Reading attributes from requests, and how ids and times are written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sfcc_cin7_sandbox.cin7.answers import Refusal

Body = Mapping[str, Any]

ZERO = Decimal(0)

_TOO_LARGE = Decimal(10) ** 15


def new_id(kind: str, name: object) -> str:
    """A lower-case GUID that depends on nothing but its arguments."""
    return str(uuid5(NAMESPACE_URL, f"cin7-sandbox/{kind}/{name}"))


def stamp(moment: datetime) -> str:
    """Milliseconds and `Z`, as LastModifiedOn and Updated carry them; sorts like the time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def midnight(moment: datetime) -> str:
    """A date-only attribute: midnight without zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}T00:00:00"


def cents(amount: Decimal) -> Decimal:
    """Two decimal places, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def parse_moment(value: str, name: str) -> datetime:
    """ISO 8601; a time without zone is UTC. Raises Refusal."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Refusal(f"Attribute {name} is not a valid date.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_guid(value: object, name: str) -> str:
    """Any case in, lower case out. Raises Refusal."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise Refusal(f"Attribute {name} is not a valid GUID.") from None


def require(body: Body, *names: str) -> None:
    """Refuses a body in which one of the attributes is absent, null or empty."""
    for name in names:
        if body.get(name) in (None, ""):
            raise Refusal(f"Required attribute {name} is not provided.")


def text(body: Body, name: str, limit: int, *, label: str | None = None) -> str | None:
    """A string of at most `limit` characters, or None."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refusal(f"Attribute {name} must be a string.")
    if len(value) > limit:
        raise Refusal(f"Maximum {label or name} field length is {limit} characters")
    return value


def number(body: Body, name: str, places: int, *, default: Decimal | None = None) -> Decimal:
    """A JSON number with at most `places` decimal places. Without a default it is required."""
    value = body.get(name)
    if value is None:
        if default is None:
            raise Refusal(f"Required attribute {name} is not provided.")
        return default
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refusal(f"Attribute {name} must be a number.")
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) >= _TOO_LARGE:
        raise Refusal(f"Attribute {name} is out of range.")
    if round(amount, places) != amount:
        raise Refusal(f"Attribute {name} may have {places} decimal places at most.")
    return amount


def boolean(body: Body, name: str, default: bool) -> bool:
    """A JSON boolean."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refusal(f"Attribute {name} must be true or false.")
    return value


def moment_of(body: Body, name: str) -> datetime | None:
    """An ISO 8601 string as aware UTC time, or None."""
    value = body.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise Refusal(f"Attribute {name} is not a valid date.")
    return parse_moment(value, name)


def required_moment(body: Body, name: str) -> datetime:
    """The same where it must be there."""
    require(body, name)
    moment = moment_of(body, name)
    if moment is None:
        raise Refusal(f"Required attribute {name} is not provided.")
    return moment


def rows(body: Body, name: str) -> Sequence[Body]:
    """A list of objects; an absent one is empty."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Refusal(f"Attribute {name} must be a list of objects.")
    return value


def part(body: Body, name: str) -> Body | None:
    """A nested object, or None."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refusal(f"Attribute {name} must be an object.")
    return value
