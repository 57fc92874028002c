"""What the storefront sells and what the ERP knows, matched SKU by SKU."""

from sfcc_cin7.catalogue.refresh import refresh as read_catalogues
from sfcc_cin7.catalogue.refresh import was_read

__all__ = ["read_catalogues", "was_read"]
