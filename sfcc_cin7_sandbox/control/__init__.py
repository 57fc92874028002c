"""Serving the sandbox, and the strings by which tests and demos pull it."""
