"""The gateways' settlement reports."""
