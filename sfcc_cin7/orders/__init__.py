"""Storefront orders become ERP sales: the decisions, the posting and its Dagster face."""
