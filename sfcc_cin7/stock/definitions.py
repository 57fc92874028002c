"""The stock room."""

import dagster as dg

from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.checks import inventory_drift, nothing_oversold, snapshot_believed
from sfcc_cin7.stock.schedules import stock_delta, stock_every_minute

defs = dg.Definitions(
    assets=[cin7_stock, sfcc_inventory],
    asset_checks=[snapshot_believed, inventory_drift, nothing_oversold],
    jobs=[stock_delta],
    schedules=[stock_every_minute],
)
