"""What the stock lanes keep in the database."""
