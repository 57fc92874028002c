"""What every room may file for a person."""
