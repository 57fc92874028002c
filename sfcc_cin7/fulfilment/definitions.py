"""The fulfilment room: what left the warehouse reaches the shopper."""

import dagster as dg

from sfcc_cin7.fulfilment.assets import cin7_shipments, sfcc_shipping_status
from sfcc_cin7.fulfilment.checks import shipments_told, shipped_on_time
from sfcc_cin7.fulfilment.resident import tell_shipments, tell_shipments_regularly
from sfcc_cin7.fulfilment.sensors import watch_sale_webhooks, watch_shipments

defs = dg.Definitions(
    assets=[cin7_shipments, sfcc_shipping_status],
    asset_checks=[shipped_on_time, shipments_told],
    jobs=[tell_shipments],
    schedules=[tell_shipments_regularly],
    sensors=[watch_shipments, watch_sale_webhooks],
)
