"""Payment gateways and the settlement reports they write."""
