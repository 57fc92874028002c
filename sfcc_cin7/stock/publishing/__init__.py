"""Telling the storefront what changed, by the cheapest writer."""
