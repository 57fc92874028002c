"""What is kept of the runs themselves, and the daily report."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from sfcc_cin7.merchant.policy import Policy


class OperationsPolicy(Policy):
    """How long Dagster remembers."""

    keep_runs_days: Annotated[int, Field(ge=1)] = 14
    """Days after which a finished run leaves Dagster, with its events and what it printed."""


class ReportPolicy(Policy):
    """The daily operations report."""

    folder: Path | None = None
    """Where it is also written as HTML; a relative path begins at the operating model."""

    @field_validator("folder")
    @classmethod
    def _beside_the_operating_model(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        beside: Path = (info.context or {}).get("folder", Path())
        return None if folder is None else beside / folder
