"""What a price comes to, and what a person has to look at first. Pure."""
