"""Journals for the merchant's accounting system."""
