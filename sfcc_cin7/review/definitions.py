"""The review desk."""

import dagster as dg

from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7.review.jobs import (
    correct_order,
    decline_orders,
    look_at_inbox,
    preview_order,
    release_orders,
    retry_orders,
    waive_items,
)
from sfcc_cin7.review.sensors import catalogues_were_read, watch_inbox

defs = dg.Definitions(
    assets=[review_inbox],
    asset_checks=[review_backlog],
    jobs=[
        look_at_inbox,
        preview_order,
        retry_orders,
        release_orders,
        waive_items,
        correct_order,
        decline_orders,
    ],
    sensors=[watch_inbox, catalogues_were_read],
)
