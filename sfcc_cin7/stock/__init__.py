"""What the ERP has available becomes what the storefront offers."""

from sfcc_cin7.db.stock_passes import list_passes
from sfcc_cin7.stock.reading.receiver import serve
from sfcc_cin7.stock.showing.explain import explain

__all__ = ["explain", "list_passes", "serve"]
