"""What the order lane keeps in the database."""
