"""The review desk: the inbox as people see it, and what they can do about it."""
