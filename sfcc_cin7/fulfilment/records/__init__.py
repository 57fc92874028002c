"""What is kept of shipments."""
