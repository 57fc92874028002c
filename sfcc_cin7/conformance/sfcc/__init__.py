"""Probes of Commerce Cloud: Account Manager, Orders, Products and the OCAPI Data API."""
