"""`sfcc-cin7 alerts ...`: what a person on call does at a terminal."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from sfcc_cin7.alerts import Database
from sfcc_cin7.alerts.deciding.course import advance
from sfcc_cin7.alerts.deciding.evidence import Seen
from sfcc_cin7.alerts.records.alerts import save_book
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.alerts.house import DESK, Desk, merchant, tax_rule_missing
from sfcc_cin7_tests.alerts.test_sending import service
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.project import SANDBOX_MODEL


@pytest.fixture
def on_call(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """What the environment names; the channels are those of the operating model."""
    model = yaml.safe_load(SANDBOX_MODEL.read_text(encoding="utf-8"))
    model["alerts"] = {
        "channels": {"chat": "ALERTS_CHAT", "mail": "ALERTS_MAIL"},
        "recipients": {DESK: {"channels": ["chat", "mail"]}},
        "default": DESK,
    }
    path = tmp_path / "merchant.yaml"
    path.write_text(yaml.safe_dump(model), encoding="utf-8")
    return {
        "SFCC_CIN7_OPERATING_MODEL": str(path),
        "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
    }


def test_what_is_open_is_listed_taken_on_and_has_a_history(
    command: Command, on_call: dict[str, str], engine: Engine
) -> None:
    assert command(["alerts", "list"], on_call).output == "No alert is open.\n"
    desk = Desk(merchant())
    desk.looks(*tax_rule_missing(40), seconds=60)
    with engine.begin() as connection:
        save_book(connection, desk.book, desk.at)
    (alert,) = desk.book.alerts
    listed = command(["alerts", "list"], on_call).output
    assert f"{alert.id}  notice    tax-rule-unknown (40), {DESK}" in listed
    assert "400.00 GBP at risk" in listed
    taken = command(["alerts", "ack", alert.id, "--by", "kim"], on_call)
    assert taken.output == "kim has taken it on: tax-rule-unknown.\n"
    assert "taken on by kim" in command(["alerts", "list"], on_call).output
    shown = command(["alerts", "show", alert.id], on_call).output.splitlines()
    assert [line.split()[3] for line in shown] == ["opened", "sent", "acknowledged"]


def test_nothing_is_taken_on_that_is_not_open_or_by_nobody(
    command: Command, on_call: dict[str, str]
) -> None:
    unknown = command(["alerts", "ack", "12345678", "--by", "kim"], on_call)
    assert (unknown.exit_code, "alerts list" in unknown.output) == (1, True)
    nobody = command(["alerts", "ack", "12345678", "--by", " "], on_call)
    assert (nobody.exit_code, "Say who you are" in nobody.output) == (1, True)


def test_a_trial_says_which_channel_took_it_and_tells_no_secret(
    command: Command, on_call: dict[str, str]
) -> None:
    with service() as chat:
        both = on_call | {"ALERTS_CHAT": chat.address, "ALERTS_MAIL": "json://hunter2@127.0.0.1:1"}
        tried = command(["alerts", "test"], both)
        assert tried.exit_code == 1
        assert tried.output.splitlines() == [
            "chat: it took the letter",
            "mail: it did not take the letter",
        ]
        assert command(["alerts", "test", "chat"], both).exit_code == 0
        assert "no telex" in command(["alerts", "test", "telex"], both).output
    assert [each["title"] for each in chat.taken] == ["[alpenglow] A trial of the channel chat"] * 2
    unset = command(["alerts", "test", "chat"], on_call | {"ALERTS_CHAT": ""})
    assert unset.output == "chat: ALERTS_CHAT is not set\n"


def test_a_merchant_without_channels_is_told_that_nobody_is(
    command: Command, on_call: dict[str, str]
) -> None:
    quiet = on_call | {"SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL)}
    tried = command(["alerts", "test"], quiet)
    assert (tried.exit_code, "nobody is told" in tried.output) == (1, True)


def test_the_watcher_writes_only_to_a_database_that_answers_and_has_todays_tables(
    engine: Engine,
) -> None:
    there = Database(lambda: engine.url)
    assert there.engine() is not None
    there.close()
    nowhere = Database(lambda: engine.url.set(database="nowhere"))
    assert nowhere.engine() is None
    nowhere.close()

    def none_runs() -> None:
        raise ConfigurationError("No database runs.")

    assert Database(none_runs).engine() is None  # type: ignore[arg-type]


def test_the_same_look_twice_changes_nothing_more() -> None:
    desk = Desk(merchant())
    desk.looks(*tax_rule_missing(3), seconds=60)
    look = Seen(desk.at, tax_rule_missing(3))
    assert advance(advance(desk.book, look, desk.model), look, desk.model) == desk.book
