"""What was sold, less what it cost. Pure."""
