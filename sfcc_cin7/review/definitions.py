"""The review desk."""

import dagster as dg

from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7.review.jobs import (
    correct_order,
    look_at_inbox,
    release_orders,
    retry_orders,
    waive_items,
)
from sfcc_cin7.review.schedules import catalogues_were_read, look_at_inbox_regularly

defs = dg.Definitions(
    assets=[review_inbox],
    asset_checks=[review_backlog],
    jobs=[look_at_inbox, retry_orders, release_orders, waive_items, correct_order],
    schedules=[look_at_inbox_regularly],
    sensors=[catalogues_were_read],
)
