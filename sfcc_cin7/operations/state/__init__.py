"""How things are: what was read, judged. Pure."""
