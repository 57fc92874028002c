"""A letter has a link by which an alert is taken on; no other link does anything."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sfcc_cin7.alerts import Links, acknowledging_page, history, open_alerts
from sfcc_cin7.alerts.deciding.letters import LONGEST_BODY, LONGEST_TITLE, with_link
from sfcc_cin7.alerts.links import VALID, Invitation
from sfcc_cin7.alerts.records.alerts import save_book
from sfcc_cin7.runtime.settings import links
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.alerts.house import DESK, NOON, Desk, merchant, tax_rule_missing
from sfcc_cin7_tests.alerts.test_teller import LANE, Watchers

SECRET = "a-secret-that-signs-links-of-alerts"
LINKS = Links("https://hooks.example", SECRET)


def parameters(link: str) -> dict[str, str]:
    return dict(parse_qsl(link.partition("?")[2]))


def test_a_link_names_its_alert_and_whom_it_was_sent_to_until_it_is_too_old() -> None:
    given = parameters(LINKS.link("1a2b3c4d", DESK, NOON))
    assert LINKS.read(given, NOON + VALID) == Invitation("1a2b3c4d", DESK)
    assert LINKS.read(given, NOON + VALID + timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    "change",
    [{"a": "1a2b3c4e"}, {"t": "team:lead"}, {"u": "9999999999"}, {"s": ""}, {"s": "ß"}, {"u": "x"}],
)
def test_a_link_that_somebody_altered_is_none(change: dict[str, str]) -> None:
    given = parameters(LINKS.link("1a2b3c4d", DESK, NOON))
    assert LINKS.read({**given, **change}, NOON) is None
    assert Links("https://hooks.example", SECRET + "x").read(given, NOON) is None


def test_links_need_the_receiver_and_a_secret_that_nobody_guesses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert links() is None
    monkeypatch.setenv("SFCC_CIN7_LINKS_SECRET", SECRET)
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_HOOKS_URL"):
        links()
    monkeypatch.setenv("SFCC_CIN7_HOOKS_URL", LINKS.address)
    monkeypatch.setenv("SFCC_CIN7_HOOKS_SECRET", "a-secret-that-only-cin7-knows")
    found = links()
    assert found is not None
    assert (found.url, found.secret.get_secret_value()) == (LINKS.address, SECRET)
    monkeypatch.setenv("SFCC_CIN7_LINKS_SECRET", "short")
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_LINKS_SECRET is too easy"):
        links()


def test_a_letter_with_a_link_still_fits_every_channel() -> None:
    desk = Desk(merchant())
    desk.looks(replace(LANE, sentence="why " * 500, advice="do " * 300), seconds=30)
    (letter,) = desk.sent
    link = LINKS.link(letter.alert, letter.to, NOON)
    linked = with_link(letter, link)
    assert linked.body.splitlines()[-1] == f"Take it on: {link}"
    assert len(linked.body) <= LONGEST_BODY
    assert len(linked.body) + LONGEST_TITLE < 1000


def test_no_link_is_kept_and_a_closing_letter_has_none(watchers: Watchers) -> None:
    watchers.teller.links = LINKS
    watchers.turns(LANE)
    watchers.turns()
    opened, closed = watchers.mail.letters
    assert "https://hooks.example/alerts/acknowledge?a=" in opened.body
    assert "hooks.example" not in closed.body
    assert "hooks.example" not in (watchers.folder / "alerts.json").read_text()


@pytest.fixture
def alert(engine: Engine) -> str:
    """One that is open."""
    desk = Desk(merchant())
    desk.looks(*tax_rule_missing(40), seconds=60)
    with engine.begin() as connection:
        save_book(connection, desk.book, desk.at)
    return desk.book.alerts[0].id


@pytest.fixture
def phone(engine: Engine) -> TestClient:
    """A browser that reaches the receiver."""
    route = acknowledging_page(engine, ManualClock(NOON), LINKS)
    return TestClient(Starlette(routes=[route]), "https://hooks.example")


def test_the_link_opens_a_page_and_only_its_button_takes_the_alert_on(
    phone: TestClient, alert: str, engine: Engine
) -> None:
    link = LINKS.link(alert, DESK, NOON)
    page = phone.get(link)
    assert "tax-rule-unknown" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    with engine.connect() as connection:
        assert open_alerts(connection)[0].acknowledged_by is None
    assert "kim has taken it on" in phone.post(link, data={"by": "kim"}).text
    assert "kim has taken it on" in phone.post(link, data={"by": "somebody else"}).text
    with engine.connect() as connection:
        told = [each.detail for each in history(connection, alert) if each.kind == "acknowledged"]
    assert told == ["kim"]


def test_nobody_takes_it_on_without_a_name(phone: TestClient, alert: str, engine: Engine) -> None:
    link = LINKS.link(alert, DESK, NOON)
    assert "Say who you are" in phone.post(link, data={"by": " "}).text
    assert "Say who you are" in phone.post(link, content=b"by=" + b"a" * 5000).text
    with engine.connect() as connection:
        assert open_alerts(connection)[0].acknowledged_by is None


def test_a_false_link_learns_nothing_and_a_late_one_that_it_is_over(
    phone: TestClient, alert: str
) -> None:
    assert phone.get(LINKS.link(alert, DESK, NOON) + "x").status_code == 403
    assert alert not in phone.get(LINKS.link(alert, DESK, NOON - 2 * VALID)).text
    assert "It is over" in phone.get(LINKS.link("gone0000", DESK, NOON)).text
