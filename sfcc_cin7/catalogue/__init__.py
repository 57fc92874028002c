"""What the storefront sells and what the ERP knows, matched SKU by SKU."""
