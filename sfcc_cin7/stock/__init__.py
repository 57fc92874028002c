"""What the ERP has available becomes what the storefront offers."""

from sfcc_cin7.db.stock_passes import list_passes
from sfcc_cin7.stock.deciding.agreement import (
    Place,
    endless,
    list_disagreements,
    location_disagreements,
)
from sfcc_cin7.stock.publishing.guarding import release_list
from sfcc_cin7.stock.reading.receiver import stock_hook
from sfcc_cin7.stock.showing.explain import explain

__all__ = [
    "Place",
    "endless",
    "explain",
    "list_disagreements",
    "list_passes",
    "location_disagreements",
    "release_list",
    "stock_hook",
]
