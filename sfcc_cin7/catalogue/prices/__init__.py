"""Price books of the storefront, kept as the price tiers of the ERP."""
