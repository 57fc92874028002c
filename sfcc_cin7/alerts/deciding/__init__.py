"""What is told, to whom and when: what was seen, grouped by its cause, and a book of it. Pure."""
