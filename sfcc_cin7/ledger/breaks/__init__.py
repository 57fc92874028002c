"""Every difference between storefront, ERP and gateways: its class and what it weighs. Pure."""
