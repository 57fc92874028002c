"""The days by which orders and their books are looked at: the order's day of creation, UTC."""

import os

import dagster as dg

days = dg.DailyPartitionsDefinition(
    start_date=os.environ.get("SFCC_CIN7_FIRST_DAY", "2026-01-01"), timezone="UTC", end_offset=1
)
"""From the merchant's first day to today, which is included while it runs."""
