"""What every document of Cin7 is made of: its base, and fields that may be empty or absent.

A time without a zone is UTC. Identifiers come in either case and are kept in lower case. `null`
text reads as "".
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_pascal

from sfcc_cin7.values.money import ZERO


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _nothing_if_empty(value: Any) -> Any:
    return None if value == "" else value


def or_(default: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: default if value is None else value)


Text = Annotated[str, or_("")]
Guid = Annotated[str, AfterValidator(str.lower)]
Number = Annotated[Decimal, or_(ZERO)]
Flag = Annotated[bool, or_(False)]
Instant = Annotated[datetime, AfterValidator(_utc)]
MaybeInstant = Annotated[Instant | None, BeforeValidator(_nothing_if_empty)]


class Document(BaseModel):
    """Part of an answer; whatever else it holds is left aside."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_pascal,
        populate_by_name=True,
        hide_input_in_errors=True,
    )
