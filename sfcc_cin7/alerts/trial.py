"""A letter that proves that a channel works."""

from datetime import datetime

from sfcc_cin7.alerts.deciding.book import Letter


def trial_letter(brand: str, channel: str, at: datetime) -> Letter:
    """What `sfcc-cin7 alerts test` sends."""
    return Letter(
        id=f"trial-{channel}",
        alert="",
        kind="opened",
        to=channel,
        title=f"[{brand}] A trial of the channel {channel}",
        body="Nothing is wrong: somebody tries whether alerts arrive here.",
        severity="notice",
        written_at=at,
        due_at=at,
    )
