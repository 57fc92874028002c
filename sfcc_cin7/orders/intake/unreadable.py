"""Orders that the Orders API cannot show are rows of the inbox, one for each site and day."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.systems.sfcc.order_pages import Missed, Unreadable
from sfcc_cin7.values.clock import Clock

CODE = "order-unreadable"


class UnreadableOrders:
    """What is told of them. A look tells at once; a window, read to its end, knows them all."""

    def __init__(self, engine: Engine, owner: str, clock: Clock) -> None:
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._told: set[tuple[str, str, Unreadable]] = set()

    def look(self, site: str, at: datetime, found: Sequence[Unreadable]) -> None:
        """Tell of orders that a look at the newest changes met; once in a process."""
        day = f"{at.astimezone(UTC):%Y-%m-%d}"
        new = {(site, day, each) for each in found} - self._told
        if not new:
            return
        numbers = sorted(each.number for each in found if each.number)
        sentence = f"An order of {site} that changed lately cannot be read{_named(numbers)}."
        with self._engine.begin() as connection:
            open_items(connection, [self._finding(site, day, sentence)], self._clock.now())
        self._told |= new

    def window(self, site: str, start: datetime, end: datetime, missed: Collection[Missed]) -> None:
        """The orders of each day from `start` to before `end` that cannot be read: all of them."""
        now = self._clock.now()
        last = end - timedelta(microseconds=1)
        with self._engine.begin() as connection:
            for day in _days(start, end):
                of_day = [each for each in missed if f"{min(each.after, last):%Y-%m-%d}" == day]
                if not of_day:
                    subject = self._subject(site, day)
                    close_items(connection, subject, now, "every order can be read")
                    continue
                numbers = sorted(each.number for each in of_day if each.number)
                after = dict.fromkeys(f"{min(each.after, last):%H:%M:%S} UTC" for each in of_day)
                sentence = (
                    f"{len(of_day)} of the orders created on {day} cannot be read through the"
                    f" Orders API{_named(numbers)}. Each follows the order created at:"
                    f" {', '.join(after)}."
                )
                open_items(connection, [self._finding(site, day, sentence)], now)

    def _finding(self, site: str, day: str, sentence: str) -> Finding:
        return Finding(self._subject(site, day), CODE, sentence, self._owner, site)

    def _subject(self, site: str, day: str) -> str:
        return f"orders:{site}:{day}"


def _named(numbers: Sequence[str]) -> str:
    return f" ({', '.join(numbers)})" if numbers else ""


def _days(start: datetime, end: datetime) -> list[str]:
    """The days (UTC) of a half-open window."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC)
    count = (last.date() - first).days + 1
    return [f"{first + timedelta(days=number)}" for number in range(count)]
