"""Reading orders in: every placed order is stored as it came."""
