"""Months of the books: which are closed, and what they come to."""
