"""The review desk."""

import dagster as dg

from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.break_jobs import (
    accept_breaks,
    export_breaks,
    match_line,
    sign_month,
    undo_decision,
    write_breaks_off,
)
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
        accept_breaks,
        write_breaks_off,
        match_line,
        undo_decision,
        export_breaks,
        sign_month,
    ],
    sensors=[watch_inbox, catalogues_were_read],
)
