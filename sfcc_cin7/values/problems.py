"""Errors that a person, not a program, has to mend."""


class ConfigurationError(Exception):
    """Something must be set up differently; the message is one sentence that says what."""
