"""What the state of everything is read from."""
