"""That nobody can be told, told past the book: it may be the book that every turn fails of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sfcc_cin7.alerts.deciding.book import Kind, Letter, dedup_key
from sfcc_cin7.alerts.deciding.evidence import HEALS_BY_ITSELF
from sfcc_cin7.alerts.deciding.letters import RUNBOOKS
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording

CODE = "watcher-failed"
"""Whose owner is told."""
AGAIN = timedelta(hours=1)
"""When it is told once more: nobody keeps in mind whether a channel took the last letter."""


@dataclass
class OwnFailure:
    """Since when every turn has failed, and when somebody was told of that last."""

    since: datetime | None = None
    told_at: datetime | None = None

    def failed(self, problem: str, to: str, at: datetime, model: OperatingModel) -> Letter | None:
        """A turn failed; what somebody is sent of it. `problem` is a word without any data."""
        self.since = self.since or at
        is_fresh = self.told_at is not None and at - self.told_at < AGAIN
        if is_fresh or at - self.since < HEALS_BY_ITSELF:
            return None
        self.told_at = at
        body = (
            "Effect: No alert is told any more, only this.\n"
            f"Since: {wording(model).second(self.since)}\n"
            f"Seen: {problem}\n"
            "To do: look at `sfcc-cin7 health` meanwhile; the watcher's log says where it fails:"
            " report it.\n"
            f"Page: {RUNBOOKS}/alerts.md"
        )
        return _letter("opened", "CRITICAL The watcher cannot tell", body, to, at, model)

    def succeeded(self, to: str, at: datetime, model: OperatingModel) -> Letter | None:
        """A turn succeeded; what somebody is sent of it."""
        was_told = self.told_at is not None
        self.since = self.told_at = None
        title = "Over: The watcher cannot tell"
        return _letter("closed", title, "It is over.", to, at, model) if was_told else None


def _letter(
    kind: Kind, title: str, body: str, to: str, at: datetime, model: OperatingModel
) -> Letter:
    return Letter(
        id=f"{CODE}-{kind}-{at:%Y%m%d%H%M%S}",
        alert="",
        kind=kind,
        to=to,
        title=f"[{model.brand}] {title}",
        body=body,
        severity="critical",
        written_at=at,
        due_at=at,
        dedup=dedup_key(model.brand, f"{CODE}:teller"),
        resolves=kind == "closed",
    )
