"""What the ERP has available becomes what the storefront offers."""
