"""The Salesforce Commerce Cloud client: orders, products and inventory of the storefront."""

from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.connection import SfccConnection

__all__ = ["SfccClient", "SfccConnection"]
