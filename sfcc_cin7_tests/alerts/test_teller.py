"""The teller keeps its book where it outlives everything: on the machine and in the database."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from sfcc_cin7.alerts import Seen, Spool, Teller, acknowledge, history, open_alerts
from sfcc_cin7.alerts.deciding.book import Letter
from sfcc_cin7.alerts.deciding.evidence import EVERYTHING, Evidence
from sfcc_cin7.alerts.sending import Post, Sent
from sfcc_cin7.db.schema import alert_book, alert_events
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.alerts.house import DESK, LEAD, NOON, evidence, merchant, tax_rule_missing

LANE = evidence("lane-dead", "live run: orders", about="orders", severity="critical")
UNHEARD_OF = replace(LANE, severity="unheard-of")  # type: ignore[arg-type]
"""Evidence that a decision cannot take."""
AWAY = evidence("database-away", "database", source="database", severity="critical")


class Mailbox(Post):
    """Takes letters at once; what became of them is told at the next turn."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.refused: set[str] = set()
        self.beats = 0
        self._told: list[Sent] = []

    def hand(self, letter: Letter, channels: Sequence[tuple[str, str]]) -> None:
        failures = {name: "it is down" for name, _ in channels if name in self.refused}
        taken = next((name for name, _ in channels if name not in self.refused), None)
        if taken is not None:
            self.letters.append(letter)
        self._told.append(Sent(letter.id, taken, failures))

    def beat(self, variable: str, ask: Callable[[str], None]) -> None:
        self.beats += 1

    def results(self) -> list[Sent]:
        told, self._told = self._told, []
        return told


class Watchers:
    """Watchers of one house, one after another, each with the spool or the database of the last."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine: Engine | None = engine
        self.folder = folder
        self.clock = ManualClock(NOON)
        self.mail = Mailbox()
        self.found: list[Evidence] = []
        self.decided = merchant()
        self.teller = self._new()

    def begin(self) -> Teller:
        """A new watcher; what the old one knew is in spool and database alone."""
        self.teller.stop()
        self.teller = self._new()
        return self.teller

    def _new(self) -> Teller:
        return Teller(
            look=self._look,
            model=lambda: self.decided,
            engine=lambda: self.engine,
            spool=Spool(self.folder / "alerts.json"),
            post=self.mail,
            clock=self.clock,
        )

    def _look(self) -> Seen:
        away = self.engine is None
        found = [AWAY] if away else self.found
        return Seen(self.clock.now(), found, frozenset({EVERYTHING} if away else ()))

    def turns(self, *found: Evidence, seconds: int = 60) -> None:
        self.found = list(found)
        for _ in range(seconds // 5):
            self.teller.turn()
            self.clock.sleep(5)

    def attempts(self, *found: Evidence, seconds: int = 60) -> None:
        """As it runs: a turn that fails is followed by the next one."""
        self.found = list(found)
        for _ in range(seconds // 5):
            self.teller.attempt()
            self.clock.sleep(5)

    def kinds(self) -> list[tuple[str, str]]:
        return [(each.kind, each.to) for each in self.mail.letters]


def test_what_is_open_is_listed_with_its_history_and_taken_on_by_name(
    watchers: Watchers, engine: Engine
) -> None:
    watchers.turns(*tax_rule_missing(40))
    with engine.begin() as connection:
        (row,) = open_alerts(connection)
        assert (row.things, row.money, row.owner) == (40, Decimal(400), DESK)
        assert row.acknowledged_by is None
        assert acknowledge(connection, row.id, "kim", watchers.clock.now()) == row.title
    watchers.turns(*tax_rule_missing(40), seconds=10)
    watchers.turns()
    with engine.begin() as connection:
        assert open_alerts(connection) == []
        kinds = [each.kind for each in history(connection, row.id)]
        assert kinds == ["opened", "sent", "acknowledged", "closed", "sent"]
        with pytest.raises(ActionRefused, match="alerts list"):
            acknowledge(connection, row.id, "kim", watchers.clock.now())


def test_what_somebody_took_on_at_a_terminal_goes_to_nobody_else(
    watchers: Watchers, engine: Engine
) -> None:
    watchers.turns(LANE)
    with engine.begin() as connection:
        (row,) = open_alerts(connection)
        acknowledge(connection, row.id, "kim", watchers.clock.now())
    watchers.turns(LANE, seconds=900)
    assert watchers.kinds() == [("opened", DESK)]


@pytest.mark.parametrize("lost", ["nothing", "spool", "database"])
def test_a_watcher_that_begins_anew_tells_nothing_twice(
    watchers: Watchers, engine: Engine, lost: str
) -> None:
    watchers.turns(LANE)
    if lost == "spool":
        (watchers.folder / "alerts.json").unlink()
    if lost == "database":
        watchers.engine = None
    watchers.begin()
    watchers.turns(LANE)
    watchers.engine = engine
    watchers.turns(LANE)
    assert [
        each for each in watchers.mail.letters if "lane" in each.title
    ] == watchers.mail.letters[:1]
    watchers.turns()
    assert watchers.kinds()[-1] == ("closed", DESK)


def test_while_the_database_is_away_people_are_told_of_it_and_later_of_its_return(
    watchers: Watchers, engine: Engine
) -> None:
    watchers.turns(LANE)
    watchers.engine = None
    watchers.turns(LANE)
    watchers.begin()
    watchers.turns(LANE)
    watchers.engine = engine
    watchers.turns(LANE)
    assert watchers.kinds() == [("opened", DESK), ("opened", DESK), ("closed", DESK)]
    with engine.connect() as connection:
        (row,) = open_alerts(connection)
        assert row.title == "lane-dead"
        stored = connection.scalar(select(func.count()).select_from(alert_events))
    assert stored == 6  # both openings and the closing, and that each was sent


def test_a_watcher_without_its_spool_and_without_the_database_knows_both_again_when_it_is_back(
    watchers: Watchers, engine: Engine
) -> None:
    watchers.turns(LANE)
    (watchers.folder / "alerts.json").unlink()
    watchers.engine = None
    watchers.begin()
    watchers.turns()
    watchers.engine = engine
    watchers.turns(LANE)
    assert watchers.kinds() == [("opened", DESK), ("opened", DESK), ("closed", DESK)]
    watchers.turns()
    assert len(watchers.mail.letters) == 4


def test_a_channel_that_fails_is_told_over_the_next_one_and_is_over_when_it_takes_a_letter(
    watchers: Watchers,
) -> None:
    watchers.mail.refused = {"chat"}
    watchers.turns(LANE, seconds=90)
    assert [each.title.partition("] ")[2] for each in watchers.mail.letters] == [
        "CRITICAL lane-dead",
        "WARNING The channel chat takes no letters",
    ]
    watchers.mail.refused = set()
    watchers.turns(seconds=90)
    assert watchers.kinds()[2:] == [("closed", DESK), ("closed", DESK)]


def test_a_letter_that_no_channel_takes_waits_and_is_sent_once(watchers: Watchers) -> None:
    watchers.mail.refused = {"chat", "mail"}
    watchers.turns(LANE, seconds=300)
    assert watchers.mail.letters == []
    watchers.mail.refused = set()
    watchers.turns(LANE, seconds=250)
    told = [each for each in watchers.mail.letters if "lane" in each.title]
    assert [each.kind for each in told] == ["opened"]


def test_a_spool_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "alerts.json").write_text("{")
    assert not Spool(tmp_path / "alerts.json").load().alerts


def test_a_stored_book_that_cannot_be_read_is_begun_anew_and_people_are_told(
    watchers: Watchers, engine: Engine
) -> None:
    """As another version of the watcher may have left it."""
    watchers.turns(LANE)
    (watchers.folder / "alerts.json").unlink()
    with engine.begin() as connection:
        connection.execute(update(alert_book).values(document={"alerts": [{"id": "a"}]}))
    watchers.begin()
    watchers.turns(AWAY)
    assert watchers.kinds() == [("opened", DESK), ("opened", DESK)]
    with engine.connect() as connection:
        assert [each.title for each in open_alerts(connection)] == ["database-away"]


def test_what_the_database_knew_is_kept_where_the_first_turn_fails(watchers: Watchers) -> None:
    watchers.turns(LANE)
    (watchers.folder / "alerts.json").unlink()
    watchers.begin()
    watchers.found = [UNHEARD_OF]
    with pytest.raises(ValueError, match="not in tuple"):
        watchers.teller.turn()
    watchers.turns(LANE)
    assert watchers.kinds() == [("opened", DESK)]


def test_a_letter_that_could_not_be_handed_over_is_handed_over_later(
    watchers: Watchers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(watchers.mail, "hand", no_thread)
        watchers.found = [LANE]
        for _ in range(10):
            with suppress(RuntimeError):
                watchers.teller.turn()
            watchers.clock.sleep(5)
    watchers.turns(LANE)
    assert watchers.kinds() == [("opened", DESK)]


def test_a_teller_whose_every_turn_fails_tells_that_and_its_heartbeat_stops(
    watchers: Watchers,
) -> None:
    alone = {DESK: {"channels": ["chat"]}}
    watchers.decided = merchant(heartbeat="ALERTS_HEARTBEAT", recipients=alone)
    watchers.attempts(LANE)
    assert (watchers.kinds(), watchers.mail.beats) == ([("opened", DESK)], 1)
    watchers.attempts(UNHEARD_OF, seconds=3000)
    told = watchers.mail.letters[1:]
    assert [each.title for each in told] == ["[alpenglow] CRITICAL The watcher cannot tell"]
    assert "ValueError" in told[0].body
    assert watchers.mail.beats == 1
    watchers.attempts(LANE)
    assert watchers.kinds()[2:] == [("closed", DESK)]
    assert (watchers.mail.letters[2].dedup, watchers.mail.beats) == (told[0].dedup, 2)


def test_one_turn_that_fails_is_told_to_nobody(watchers: Watchers) -> None:
    watchers.attempts(UNHEARD_OF, seconds=15)
    watchers.attempts()
    assert watchers.kinds() == []


def test_the_spool_is_for_its_owner_alone(watchers: Watchers) -> None:
    watchers.turns(LANE)
    assert (watchers.folder / "alerts.json").stat().st_mode & 0o077 == 0


def test_an_alert_that_nobody_takes_on_goes_to_the_next_person_also_without_the_database(
    watchers: Watchers,
) -> None:
    watchers.engine = None
    watchers.turns(seconds=900)
    assert watchers.kinds() == [("opened", DESK), ("escalated", LEAD)]
    assert watchers.clock.now() - NOON == timedelta(seconds=900)
