"""What the warehouse did with a sale becomes what the shopper is told of the order."""

from sfcc_cin7.fulfilment.reading.hooks import sale_hooks

__all__ = ["sale_hooks"]
