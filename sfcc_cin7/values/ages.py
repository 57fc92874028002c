"""How long something has lasted, as people say it."""

from datetime import timedelta

SHORT = timedelta(minutes=2)


def age_in_words(age: timedelta, *, seconds: bool = False) -> str:
    """`3 d 4 h`, `4 h 10 min` or `10 min`; where `seconds` count, also `45 s` below two minutes."""
    if seconds and age < SHORT:
        return f"{age.total_seconds():.0f} s"
    minutes = int(age.total_seconds()) // 60
    if minutes >= 24 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
