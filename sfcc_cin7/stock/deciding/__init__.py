"""What the storefront may offer. Pure."""
