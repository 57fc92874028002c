"""Queries of the catalogue room."""
