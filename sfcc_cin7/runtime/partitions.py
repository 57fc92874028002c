"""The days by which orders and their books are looked at: the order's day of creation, UTC."""

from datetime import UTC, datetime, timedelta

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


def todays(now: datetime) -> list[str]:
    """Today, and yesterday before it in the first hour of a day; no day before the merchant's
    first."""
    now = now.astimezone(UTC)
    wanted = [now - timedelta(days=1), now] if now.hour == 0 else [now]
    first = days.get_first_partition_key() or ""
    return [key for key in (f"{day:%Y-%m-%d}" for day in wanted) if key >= first]


def todays_runs(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """A run for each of these days."""
    now = context.scheduled_execution_time
    return [
        dg.RunRequest(run_key=f"{key} at {now.astimezone(UTC).isoformat()}", partition_key=key)
        for key in todays(now)
    ]
