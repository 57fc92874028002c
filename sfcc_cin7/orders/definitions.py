"""The order room: storefront order to ERP sale."""

import dagster as dg

from sfcc_cin7.orders.assets import cin7_sales, sfcc_orders
from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.orders.resident import new_orders, post_orders
from sfcc_cin7.orders.schedules import (
    prune_documents,
    prune_documents_nightly,
    read_last_week,
    read_orders,
    read_todays_orders,
)
from sfcc_cin7.orders.sensors import watch_orders
from sfcc_cin7.orders.trial_assets import orders_tried

defs = dg.Definitions(
    assets=[sfcc_orders, cin7_sales, orders_tried],
    asset_checks=[stalled_posting],
    jobs=[post_orders, read_orders, prune_documents],
    schedules=[
        read_todays_orders,
        read_last_week,
        prune_documents_nightly,
    ],
    sensors=[new_orders, watch_orders],
)
