"""The house handed over."""
