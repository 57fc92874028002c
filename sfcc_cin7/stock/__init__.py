"""ERP availability -> storefront inventory."""
