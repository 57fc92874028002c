"""What the books keep in the database."""
