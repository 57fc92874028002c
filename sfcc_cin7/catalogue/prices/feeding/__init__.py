"""How changed prices reach the storefront."""
