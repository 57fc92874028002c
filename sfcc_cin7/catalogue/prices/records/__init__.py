"""What is remembered of prices."""
