"""What is kept of the runs themselves, how far checks have to see, and the daily report."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from sfcc_cin7.merchant.policy import Policy


class OperationsPolicy(Policy):
    """How long Dagster remembers, and when a check has not looked at enough to be green."""

    keep_runs_days: Annotated[int, Field(ge=1)] = 14
    """Days after which a finished run leaves Dagster, with its events and what it printed."""
    late_minutes: Annotated[float, Field(gt=0)] = 10.0
    """What a check speaks of may have been looked at so much later than usual; then it is amber. It
    is amber at once where something is known to be unread."""
    blind_minutes: Annotated[float, Field(gt=0)] = 60.0
    """And so much later, or with something unread for so long, it is red."""

    @model_validator(mode="after")
    def _blind_is_worse_than_late(self) -> "OperationsPolicy":
        if self.blind_minutes < self.late_minutes:
            raise ValueError("blind_minutes must not be below late_minutes")
        return self


class ReportPolicy(Policy):
    """The daily operations report."""

    folder: Path | None = None
    """Where it is also written as HTML; a relative path begins at the operating model."""

    @field_validator("folder")
    @classmethod
    def _beside_the_operating_model(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        beside: Path = (info.context or {}).get("folder", Path())
        return None if folder is None else beside / folder
