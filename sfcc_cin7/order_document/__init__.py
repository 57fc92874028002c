"""One storefront order as values, read once and without I/O, and what a site books it as."""
