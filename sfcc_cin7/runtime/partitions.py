"""The days by which orders and their books are looked at: the order's day of creation, UTC."""

import dagster as dg

from sfcc_cin7.runtime.settings import PlaceSettings

days = dg.DailyPartitionsDefinition(
    start_date=PlaceSettings().first_day, timezone="UTC", end_offset=1
)
"""From the merchant's first day to today, which is included while it runs."""
