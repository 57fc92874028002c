"""What the groups of the merchant's decisions have in common."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=256)]


def _of_the_calendar(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_of_the_calendar)]
"""A day as `2026-01-31`."""


def _of_the_world(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zones
        raise ValueError(f"{name!r} is no time zone: write one as Europe/London") from None
    return name


TimeZone = Annotated[str, AfterValidator(_of_the_world)]
"""A zone of the IANA database, as `Europe/London`."""


class Policy(BaseModel):
    """A group of decisions; a key nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
