"""Who is told when something is not well, over which channels, and when not."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy

Severity = Literal["notice", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "critical")
"""The mildest first."""
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
"""The name of an environment variable: the address of a channel holds its secret."""


class QuietHours(Policy):
    """A time of the day in the merchant's zone, which may go past midnight; only what is critical
    is told in it, the rest when it is over."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _it_lasts(self) -> "QuietHours":
        if self.begin == self.end:
            raise ValueError("quiet hours begin and end at different times")
        return self


class RecipientPolicy(Policy):
    """A person or a team: an owner of the operating model, or somebody whom an alert goes on to."""

    channels: Annotated[list[Name], Field(min_length=1)]
    """Names of `alerts.channels`; each next one is tried where the one before it fails."""
    at_once: Severity = "notice"
    """The mildest that is told at once; what is milder is in the digest alone."""
    quiet: QuietHours | None = None
    digest_at: time | None = None
    """When the digest of the day is sent, in the merchant's zone; None: there is none."""
    acknowledge_minutes: Annotated[float, Field(gt=0)] = 15.0
    """How long what is more than a notice may go unacknowledged before it goes on to `next`."""
    next: Name | None = None


class AlertsPolicy(Policy):
    """The channels, and who is told by which. Without channels nobody is told; alerts are kept."""

    channels: dict[Name, Variable] = {}
    """A channel to the environment variable that holds its address, as apprise writes it."""
    recipients: dict[Name, RecipientPolicy] = {}
    """By owner, as in `owners`."""
    default: Name | None = None
    """The recipient of what concerns an owner who is none."""
    heartbeat: Variable | None = None
    """The variable with the address that is asked once a minute while the watcher looks: whoever
    waits for it notices that the watcher has died."""

    @model_validator(mode="after")
    def _everybody_is_there(self) -> "AlertsPolicy":
        for name, recipient in self.recipients.items():
            if unknown := set(recipient.channels) - set(self.channels):
                raise ValueError(f"recipient {name}: unknown channel {min(unknown)}")
            if recipient.next is not None and recipient.next not in self.recipients:
                raise ValueError(f"recipient {name}: next is {recipient.next}, whom nobody knows")
        if self.default is not None and self.default not in self.recipients:
            raise ValueError(f"default is {self.default}, who is no recipient")
        if self.recipients and self.default is None:
            raise ValueError("default is needed: what is nobody's has to be told to somebody")
        return self

    def recipient(self, owner: str) -> str | None:
        """Who is told of what concerns an owner; None where nobody is told of anything."""
        return owner if owner in self.recipients else self.default
