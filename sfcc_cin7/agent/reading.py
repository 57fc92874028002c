"""What an agent may read: how things are, what waits, what happened, and what the pages say.

Nothing here changes anything: the database session is one that cannot write.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from sqlalchemy import Engine, Text, cast, select

from sfcc_cin7.agent import records
from sfcc_cin7.alerts import history, open_alerts
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.handover import explain
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations import State
from sfcc_cin7.review import by_cause, inbox, shown
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import figure

MOST_EVENTS = 200
LONGEST_SEARCH = timedelta(days=31)
LONGEST_TEXT = 100


@dataclass(frozen=True)
class Reader:
    """Reads for an agent; `look` is the one that the watcher has."""

    engine: Engine
    clock: Clock
    model: Callable[[], OperatingModel]
    look: Callable[[], State]

    def state(self) -> str:
        """Every sign, the worst first, with since when and what to do."""
        state, words = self.look(), wording(self.model())
        lines = [f"{state.verdict}, as of {words.second(state.at)}"]
        for sign in sorted(state.signs, key=lambda each: each.verdict == "ok"):
            lines.append(f"{sign.verdict}: {sign.name}: {sign.sentence}")
            if sign.advice:
                since = f"since {words.second(sign.since)}; " if sign.since else ""
                lines.append(f"    {since}{sign.owner}: {sign.advice} ({sign.runbook})")
        return "\n".join(lines)

    def alerts(self) -> str:
        """What people were told of and is open."""
        model, now = self.model(), self.clock.now()
        with self.engine.connect() as connection:
            rows = open_alerts(connection)
        lines = []
        for row in rows:
            money = f", {figure(row.money, model.base_currency)} at risk" if row.money else ""
            taken = f", taken on by {row.acknowledged_by}" if row.acknowledged_by else ""
            age = age_in_words(now - row.since, seconds=True)
            lines.append(
                f"{row.id} {row.severity}: {row.title} ({row.things:,}), {row.owner}, for {age}"
                f"{money}{taken}"
            )
        return "\n".join(lines) or "No alert is open."

    def alert(self, alert_id: str) -> str:
        """When it was told, to whom, over which channel."""
        words = wording(self.model())
        with self.engine.connect() as connection:
            rows = history(connection, alert_id)
        if not rows:
            raise ActionRefused(f"Nothing is known of an alert {alert_id}.")
        return "\n".join(f"{words.second(row.at)} {row.kind}: {row.detail}" for row in rows)

    def waiting(self, code: str = "", owner: str = "") -> str:
        """What waits for a person, by cause."""
        model, now = self.model(), self.clock.now()
        words = wording(model)
        with self.engine.connect() as connection:
            items = inbox(connection, model, now, code=code or None, owner=owner or None)
        lines = []
        for cause in by_cause(items):
            row = cause.code
            lines.append(
                f"{row.cause} ({row.code}), {cause.owner}: {row.what_to_do}; {row.runbook}"
            )
            for item in cause.items:
                told = shown(item, model.base_currency, words)
                lines.append(f"    {told['what']}; {told['at risk']} [{item.subject}]")
        return "\n".join(lines) or "Nothing needs a person."

    def story(self, name: str) -> str:
        """One order, SKU, payout or break from end to end."""
        with self.engine.connect() as connection:
            return explain(connection, name, self.model(), self.clock.now()).text()

    def events(self, text: str, kind: str, hours: float) -> str:
        """Events of orders, and what people did, the newest first."""
        span = timedelta(hours=hours)
        if not timedelta(0) < span <= LONGEST_SEARCH:
            raise ActionRefused(f"Search 1 to {LONGEST_SEARCH.days * 24} hours back.")
        if len(text) > LONGEST_TEXT:
            raise ActionRefused(f"Search for at most {LONGEST_TEXT} characters.")
        return "\n".join(self._events(text, kind, self.clock.now() - span)) or "Nothing was found."

    def _events(self, text: str, kind: str, since: datetime) -> Iterator[str]:
        its, words = order_events.c, wording(self.model())
        query = select(its.at, its.order_key, its.kind, its.detail).where(its.at >= since)
        if kind:
            query = query.where(its.kind == kind)
        if text:
            found = its.order_key.icontains(text, autoescape=True)
            found |= cast(its.detail, Text).icontains(text, autoescape=True)
            query = query.where(found)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(its.id.desc()).limit(MOST_EVENTS)).all()
        for row in rows:
            detail = ", ".join(f"{name}: {value}" for name, value in row.detail.items())
            yield f"{words.second(row.at)} {row.order_key} {row.kind} {detail}".rstrip()

    def proposals(self) -> str:
        """What was proposed, and what became of it."""
        now = self.clock.now()
        with self.engine.connect() as connection:
            rows = records.proposals(connection)
        lines = [f"{each.id} {each.action} {each.standing(now)}: {each.because}" for each in rows]
        return "\n".join(lines) or "Nothing was proposed."


def pages() -> list[str]:
    """The names of the runbooks."""
    folder = files("sfcc_cin7").joinpath("runbooks")
    return sorted(each.name.removesuffix(".md") for each in folder.iterdir())


def page(name: str) -> str:
    """A runbook, as it is written. Raises ActionRefused."""
    if name not in pages():  # so no name is a way to another file
        raise ActionRefused(f"There is no runbook {name}: {', '.join(pages())}.")
    return files("sfcc_cin7").joinpath("runbooks", f"{name}.md").read_text(encoding="utf-8")
