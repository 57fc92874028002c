"""Telling a storefront of shipments, by the way that its site has chosen."""
