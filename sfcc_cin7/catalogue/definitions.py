"""The catalogue room."""

import dagster as dg

from sfcc_cin7.catalogue.assets import sku_map
from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.catalogue.prices.assets import price_books
from sfcc_cin7.catalogue.prices.checks import prices_agree, prices_keep_margin
from sfcc_cin7.catalogue.prices.schedules import keep_price_books, keep_price_books_regularly
from sfcc_cin7.catalogue.product_assets import field_ownership, sku_gate
from sfcc_cin7.catalogue.product_checks import fields_agree, nothing_unready_on_sale
from sfcc_cin7.catalogue.schedules import (
    first_catalogue,
    read_catalogues,
    read_catalogues_regularly,
)
from sfcc_cin7.catalogue.sensors import watch_catalogues

defs = dg.Definitions(
    assets=[sku_map, field_ownership, sku_gate, price_books],
    asset_checks=[
        sku_divergence,
        fields_agree,
        nothing_unready_on_sale,
        prices_agree,
        prices_keep_margin,
    ],
    jobs=[read_catalogues, keep_price_books],
    schedules=[read_catalogues_regularly, keep_price_books_regularly],
    sensors=[first_catalogue, watch_catalogues],
)
