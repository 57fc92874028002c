"""Drills: a trouble is planted in the sandbox, and a person finds it and sees to it."""
