"""What both clients share: exact JSON, one error tree, one table from answers to errors."""
