"""What the storefront sells and what the ERP knows, matched SKU by SKU."""

from sfcc_cin7.catalogue.prices.explaining import explain as explain_price
from sfcc_cin7.catalogue.prices.explaining import held_prices
from sfcc_cin7.catalogue.prices.passing import release_prices
from sfcc_cin7.catalogue.refresh import EmptyCatalogue, was_read
from sfcc_cin7.catalogue.refresh import refresh as read_catalogues

__all__ = [
    "EmptyCatalogue",
    "explain_price",
    "held_prices",
    "read_catalogues",
    "release_prices",
    "was_read",
]
