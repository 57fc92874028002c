"""The stock room."""

import dagster as dg

from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.checks import (
    inventory_drift,
    nothing_oversold,
    snapshot_believed,
    stock_webhook_active,
)
from sfcc_cin7.stock.resident import (
    stock_delta,
    stock_delta_regularly,
    stock_hints,
    stock_hints_regularly,
)
from sfcc_cin7.stock.schedules import (
    prune_stock_history,
    prune_stock_history_nightly,
    stock_webhook,
)
from sfcc_cin7.stock.sensors import watch_stock, watch_stock_webhook
from sfcc_cin7.stock.trail.checks import documents_followed

defs = dg.Definitions(
    assets=[cin7_stock, sfcc_inventory],
    asset_checks=[
        snapshot_believed,
        documents_followed,
        inventory_drift,
        nothing_oversold,
        stock_webhook_active,
    ],
    jobs=[stock_delta, stock_hints, stock_webhook, prune_stock_history],
    schedules=[
        stock_delta_regularly,
        stock_hints_regularly,
        prune_stock_history_nightly,
    ],
    sensors=[watch_stock_webhook, watch_stock],
)
