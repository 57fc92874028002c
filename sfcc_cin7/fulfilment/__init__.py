"""What the warehouse did with a sale becomes what the shopper is told of the order."""
