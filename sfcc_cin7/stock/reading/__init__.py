"""What both systems show of stock: readings, and whether they are believed."""
