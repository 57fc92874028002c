"""The days by which orders and their books are looked at: the order's day of creation, UTC."""

from datetime import UTC, timedelta

import dagster as dg

from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.runtime.settings import operating_model
from sfcc_cin7.values.problems import ConfigurationError


def first_day() -> str:
    """The merchant's first day; the usual one where the operating model cannot be read: whatever
    needs the model says why, but what exists can be looked at."""
    try:
        return load_operating_model(operating_model()).first_day
    except ConfigurationError:
        return str(OperatingModel.model_fields["first_day"].default)


days = dg.DailyPartitionsDefinition(start_date=first_day(), timezone="UTC", end_offset=1)
"""From the merchant's first day to today, which is included while it runs."""


def todays_runs(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """A run of today, and one of yesterday too in the first hour of a day; none of a day before
    the merchant's first."""
    now = context.scheduled_execution_time.astimezone(UTC)
    wanted = [now - timedelta(days=1), now] if now.hour == 0 else [now]
    first = days.get_first_partition_key() or ""
    return [
        dg.RunRequest(run_key=f"{key} at {now.isoformat()}", partition_key=key)
        for key in (f"{day:%Y-%m-%d}" for day in wanted)
        if key >= first
    ]
