"""Letters reach a channel over HTTP; no channel keeps anybody waiting, and no secret is told."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sfcc_cin7.alerts import sending
from sfcc_cin7.alerts.deciding.book import Letter
from sfcc_cin7.alerts.sending import (
    NO_ADDRESS,
    NO_CHANNEL,
    Post,
    Sent,
    ask_heartbeat,
    joining,
    send_by_apprise,
)
from sfcc_cin7_tests.alerts.house import NOON

LONG = 30.0


@dataclass
class Service:
    """A service on loopback that takes what is sent to it, or refuses it."""

    port: int = 0
    status: int = 200
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"json://user:hunter2@127.0.0.1:{self.port}/secret-path"


@contextmanager
def service(status: int = 200) -> Iterator[Service]:
    its = Service(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            its.taken.append(json.loads(self.rfile.read(length)))
            self.send_response(its.status)
            self.end_headers()

        def do_GET(self) -> None:
            its.asked.append(self.path)
            self.send_response(its.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        its.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield its
        server.shutdown()


def letter(number: int = 1, **more: Any) -> Letter:
    given = {"alert": "a", "kind": "opened", "to": "desk", "severity": "critical", "dedup": "key"}
    return Letter(
        id=f"letter-{number}",
        title="[alpenglow] Cin7 does not answer",
        body="Effect: it waits.",
        written_at=NOON,
        due_at=NOON,
        **{**given, **more},
    )


def results(post: Post, count: int) -> list[Sent]:
    """What became of so many letters; a test that waits for ever is stopped by its runner."""
    found: list[Sent] = []
    pause = threading.Event()
    for _ in range(int(LONG / 0.01)):
        found += post.results()
        if len(found) >= count:
            break
        pause.wait(0.01)
    return found


def test_a_letter_arrives_with_title_text_and_severity() -> None:
    with service() as its:
        assert send_by_apprise(its.address, letter()) is None
        assert send_by_apprise(its.address, letter(resolves=True, kind="closed")) is None
    first, last = its.taken
    assert (first["title"], first["message"]) == (letter().title, letter().body)
    assert (first["type"], last["type"]) == ("failure", "success")


def test_a_channel_that_refuses_falls_back_to_the_next_and_no_secret_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with service(500) as broken, service() as well:
        known = {"A": broken.address, "B": "", "C": "what://is-this", "D": well.address}
        post = Post(send_by_apprise, lambda variable: known[variable])
        post.hand(letter(), [("chat", "A"), ("pager", "B"), ("odd", "C"), ("mail", "D")])
        (sent,) = results(post, 1)
    assert sent.channel == "mail"
    assert set(sent.failures) == {"chat", "pager", "odd"}
    assert (sent.failures["pager"], sent.failures["odd"]) == (NO_ADDRESS, NO_CHANNEL)
    told = f"{sent} {caplog.text}"
    assert "hunter2" not in told
    assert "secret-path" not in told


def test_a_channel_that_hangs_keeps_neither_the_teller_nor_other_recipients_waiting() -> None:
    hangs = threading.Event()

    def send(address: str, what: Letter) -> str | None:
        if what.to == "desk":
            hangs.wait(LONG)
        return None

    post = Post(send, lambda variable: variable)
    post.hand(letter(1), [("chat", "A")])
    post.hand(letter(2, to="lead"), [("chat", "A")])
    assert [each.letter for each in results(post, 1)] == ["letter-2"]
    hangs.set()
    assert [each.letter for each in results(post, 1)] == ["letter-1"]


def test_a_plugin_that_raises_is_a_channel_that_failed() -> None:
    def send(address: str, what: Letter) -> str | None:
        raise ValueError(address)

    post = Post(send, lambda _: "json://hunter2@somewhere")
    post.hand(letter(), [("chat", "A")])
    assert results(post, 1) == [Sent("letter-1", None, {"chat": "ValueError"})]


def test_a_recipient_for_whom_no_thread_could_be_started_is_sent_the_next_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_thread(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    post = Post(lambda _address, _letter: None, lambda variable: variable)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "Thread", no_thread)
        with pytest.raises(RuntimeError):
            post.hand(letter(1), [("chat", "A")])
    post.hand(letter(2), [("chat", "A")])
    assert [each.letter for each in results(post, 1)] == ["letter-2"]


@pytest.mark.parametrize(
    ("address", "joined"),
    [
        ("pagerduty://key@api", "pagerduty://key@api?dedup=key&action=map"),
        ("pagerduty://key@api?region=eu", "pagerduty://key@api?region=eu&dedup=key&action=map"),
        ("opsgenie://key", "opsgenie://key?alias=key"),
        ("slack://a/b/c", "slack://a/b/c"),
    ],
)
def test_services_that_join_the_letters_of_a_cause_are_told_its_key(
    address: str, joined: str
) -> None:
    assert joining(address, letter()) == joined


def test_pagerduty_triggers_and_resolves_one_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the service is asked: Events API v2, `dedup_key` and `event_action`."""
    import requests

    asked: list[dict[str, Any]] = []

    def post(url: str, **given: Any) -> requests.Response:
        asked.append(json.loads(given["data"]))
        answer = requests.Response()
        answer.status_code = 202
        return answer

    monkeypatch.setattr(requests, "post", post)
    address = f"pagerduty://{'A' * 32}@{'B' * 20}"
    assert send_by_apprise(address, letter()) is None
    assert send_by_apprise(address, letter(kind="closed", resolves=True)) is None
    assert [each["dedup_key"] for each in asked] == ["key", "key"]
    assert [each["event_action"] for each in asked] == ["trigger", "resolve"]


def test_a_heartbeat_is_asked_for_and_one_that_fails_is_no_failure_of_ours() -> None:
    with service() as its:
        ask_heartbeat(f"http://127.0.0.1:{its.port}/ping")
    ask_heartbeat("not an address")
    assert its.asked == ["/ping"]
