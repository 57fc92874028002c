"""One storefront order as values: what was placed, read once and without I/O."""
