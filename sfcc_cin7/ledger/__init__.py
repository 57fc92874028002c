"""Storefront, ERP and gateways beside each other: postings, breaks, payouts and margins."""
