"""Claim, book, prove, pay, acknowledge: one order, or many that share a sale."""
