"""A merchant whose people are told, and what is not well there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7.alerts.deciding.book import Book, Letter
from sfcc_cin7.alerts.deciding.course import advance
from sfcc_cin7.alerts.deciding.evidence import Evidence, Seen
from sfcc_cin7.alerts.spool import DOCUMENT
from sfcc_cin7.merchant.alerts import AlertsPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7_tests.project import SANDBOX_MODEL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DESK, LEAD, SUPPLY = "team:order-desk", "team:lead", "team:supply"
CHANNELS = {"chat": "ALERTS_CHAT", "mail": "ALERTS_MAIL"}
RECIPIENTS: dict[str, Any] = {
    DESK: {"channels": ["chat", "mail"], "acknowledge_minutes": 10, "next": LEAD},
    LEAD: {"channels": ["mail"]},
}


def merchant(**alerts: Any) -> OperatingModel:
    """The sandbox's merchant, who has decided whom to tell."""
    given = {"channels": CHANNELS, "recipients": RECIPIENTS, "default": DESK, **alerts}
    policy = AlertsPolicy.model_validate(given)
    return load_operating_model(SANDBOX_MODEL).model_copy(update={"alerts": policy})


def evidence(code: str, subject: str = "thing", **more: Any) -> Evidence:
    """A piece of evidence; what is not said does not matter."""
    given: dict[str, Any] = {
        "source": "inbox",
        "title": code,
        "owner": DESK,
        "runbook": "sfcc_cin7/runbooks/review-codes.md",
        "advice": "mend it.",
    }
    return Evidence(code=code, subject=subject, **{**given, **more})


def tax_rule_missing(orders: int, each: Decimal = Decimal(10)) -> list[Evidence]:
    """Orders that wait for one tax rule."""
    return [
        evidence(
            "tax-rule-unknown",
            f"alpenglow:alpenglow-uk:{number:08}",
            sentence="Cin7 has no tax rule 'Zero'.",
            money=each,
        )
        for number in range(orders)
    ]


@dataclass
class Desk:
    """The book over a course of looks, with every letter that left it."""

    model: OperatingModel = field(default_factory=merchant)
    at: datetime = NOON
    book: Book = field(default_factory=Book)
    sent: list[Letter] = field(default_factory=list)
    delivers: bool = True

    def look(self, *found: Evidence, after: float = 5, unseen: Sequence[str] = ()) -> None:
        """One look, so many seconds after the last; what is due is sent."""
        self.at += timedelta(seconds=after)
        self.book = advance(self.book, Seen(self.at, found, frozenset(unseen)), self.model)
        if self.delivers:
            self.deliver()

    def looks(self, *found: Evidence, seconds: float, unseen: Sequence[str] = ()) -> None:
        """Looks every five seconds for so long."""
        for _ in range(int(seconds // 5)):
            self.look(*found, unseen=unseen)

    def deliver(self) -> None:
        """A channel takes everything that is due."""
        for letter in self.book.letters:
            if letter.due_at <= self.at:
                self.sent.append(letter)
                self.book = self.book.without_letter(letter.id, self.at, "chat")

    def restart(self) -> None:
        """The process dies and begins with what it had saved."""
        self.book = DOCUMENT.validate_json(DOCUMENT.dump_json(self.book))

    def told(self) -> list[tuple[str, str]]:
        """(kind, recipient) of every letter that was sent."""
        return [(each.kind, each.to) for each in self.sent]
