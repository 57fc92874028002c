"""The outside world: both systems over HTTP."""
