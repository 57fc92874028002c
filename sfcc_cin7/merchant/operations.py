"""What is kept of the runs themselves."""

from typing import Annotated

from pydantic import Field

from sfcc_cin7.merchant.policy import Policy


class OperationsPolicy(Policy):
    """How long Dagster remembers."""

    keep_runs_days: Annotated[int, Field(ge=1)] = 14
    """Days after which a finished run leaves Dagster, with its events and what it printed."""
