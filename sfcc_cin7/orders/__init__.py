"""Storefront orders become ERP sales, each once and to the cent."""
