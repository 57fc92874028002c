"""What the state says is what people are told of: by its cause, and nothing that was not seen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.alerts import Post, Seen, Spool, Teller, send_by_apprise
from sfcc_cin7.alerts.deciding.causes import group
from sfcc_cin7.alerts.deciding.evidence import EVERYTHING
from sfcc_cin7.inbox.codes import CODES, PAGE
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.operations import Sign, State, Verdict, seen
from sfcc_cin7.operations.state import business, machinery
from sfcc_cin7.operations.state.judge import unseen
from sfcc_cin7.operations.state.measures import CIRCUIT
from sfcc_cin7.operations.state.unsigned import CHECKS, IN_VAIN, INBOX, TOLD_OTHERWISE
from sfcc_cin7.operations.state.verdicts import Measure
from sfcc_cin7_tests.alerts.house import merchant
from sfcc_cin7_tests.alerts.test_sending import Service, service
from sfcc_cin7_tests.operations.dagster_storage import dagster_storage
from sfcc_cin7_tests.operations.test_reading_state import MODEL, NOW, House

OWNERS = Owners()
READ: dict[str, list[Any]] = {INBOX: [], CHECKS: [], IN_VAIN: []}


def sign(name: str, verdict: Verdict, sentence: str = "It is so.", **more: Any) -> Sign:
    return Sign(
        name=name, verdict=verdict, sentence=sentence, owner="team:x", runbook="y.md", **more
    )


def told(*signs: Sign) -> list[str]:
    """The keys of the causes that these signs are told by, once they last."""
    found = seen(State(NOW, signs, READ), OWNERS)
    return sorted(each.key for each in group(found.evidence, NOW, MODEL.review).causes)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (machinery.DAGSTER, "dagster-dead"),
        (machinery.LOOKS, "dagster-blind"),
        (machinery.QUEUE, "run-queue"),
        ("live run: orders", "lane-dead:orders"),
        (business.ORDERS, "posting-stalled"),
        ("list inventory-uk", "list-unpublished:inventory-uk"),
        (business.CALLS, "calls-refused"),
        ("reconciling", "lane-late:reconciling"),
        ("database", "database-away"),
        ("operating model", "model-unreadable"),
    ],
)
def test_each_sign_that_fails_has_its_cause(name: str, key: str) -> None:
    assert told(sign(name, Verdict.FAILING)) == [key]
    assert told(sign(name, Verdict.OK)) == []
    assert key.partition(":")[0] in CODES


def test_a_reading_that_is_old_and_one_that_is_not_believed_are_two_causes() -> None:
    assert told(sign(business.READING, Verdict.FAILING)) == ["reading-late"]
    doubted = sign(business.READING, Verdict.FAILING, "The last reading is not believed: half.")
    assert told(doubted) == ["reading-doubted"]


def test_each_system_that_is_down_is_a_cause_with_what_it_answered() -> None:
    down = [Measure(CIRCUIT, int(each == "sfcc"), {"system": each}) for each in ("cin7", "sfcc")]
    assert told(sign(business.SYSTEMS, Verdict.WARNING, measures=down)) == ["system-down:sfcc"]
    refused = sign(business.SYSTEMS, Verdict.WARNING, "sfcc does not answer (401).", measures=down)
    assert told(refused) == ["key-refused:sfcc"]


def test_of_two_systems_that_are_down_each_is_told_by_its_own_answer() -> None:
    both = [Measure(CIRCUIT, 1, {"system": each}) for each in ("cin7", "sfcc")]
    sentence = "cin7 does not answer (HTTP 503). sfcc does not answer (HTTP 401)."
    down = sign(business.SYSTEMS, Verdict.WARNING, sentence, measures=both)
    assert told(down) == ["key-refused:sfcc", "system-down:cin7"]


def test_behind_a_database_that_is_away_nothing_is_seen() -> None:
    found = seen(unseen(NOW, "No answer.", "start it."), OWNERS)
    assert found.unseen == frozenset({EVERYTHING})
    assert [each.severity for each in found.evidence] == ["critical"]


def test_what_could_not_be_read_is_not_over_and_what_stands_for_many_stands_for_each() -> None:
    unknown = [sign(each, Verdict.NOT_KNOWN) for each in (machinery.LIVE_RUNS, business.ORDERS)]
    found = seen(State(NOW, unknown, {INBOX: []}), OWNERS)
    for source in ("sign:live run: orders", "sign:orders waiting", CHECKS, IN_VAIN):
        assert not found.saw(source)
    for source in (INBOX, "sign:run queue", "not-known:orders waiting"):
        assert found.saw(source)


def test_a_check_is_told_once_by_itself_or_by_what_it_looks_at() -> None:
    checks = {each.page for each in CODES.values()} - {PAGE, "alerts"}
    apart = {"dagster_daemon", "database_answers", "stock_webhook_active"}
    assert checks - apart <= TOLD_OTHERWISE


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> Iterator[House]:
    with dagster_storage(engine, tmp_path):
        house = House(engine)
        yield house
        house.close()


def looked(house: House) -> Seen:
    return seen(house.state(), OWNERS)


def test_a_row_of_the_inbox_and_a_check_that_fails_are_told_from_the_database(
    house: House, engine: Engine, tmp_path: Path
) -> None:
    import dagster as dg

    from sfcc_cin7.db.failing import save_failure

    with engine.begin() as connection:
        missing = Finding("tax-rule:Zero", "tax-rule-unknown", "Cin7 has no tax rule.", "team:x")
        open_items(connection, [missing], NOW)
        refused = Finding("a:b:1", "customer-refused", "Ann Smith is refused.", "team:x")
        open_items(connection, [refused], NOW)
        save_failure(connection, "cin7_stock", NOW - timedelta(minutes=5), "Cin7 answered 403.")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        for name, passed in (("margins_plausible", False), ("stock_webhook_active", False)):
            evaluation = dg.AssetCheckEvaluation(
                check_name=name, asset_key=dg.AssetKey("x"), passed=passed, metadata={}
            )
            instance.report_runless_asset_event(evaluation)
        healed = dg.AssetCheckEvaluation(
            check_name="margins_plausible", asset_key=dg.AssetKey("x"), passed=True, metadata={}
        )
        found = looked(house)
        codes = {each.code for each in found.evidence}
        assert {"tax-rule-unknown", "check-fails", "webhook-off", "lane-fails"} <= codes
        assert not any("Ann Smith" in str(each) for each in found.evidence)
        instance.report_runless_asset_event(healed)
    assert "check-fails" not in {each.code for each in looked(house).evidence}


def test_a_tax_rule_that_is_missing_is_told_over_http_and_so_is_its_end(
    house: House, engine: Engine, tmp_path: Path
) -> None:
    """From the database to a channel and back, with nothing between replaced but the clock."""
    model = merchant(recipients={"team:x": {"channels": ["chat"]}}, default="team:x")
    finding = Finding("a:b:1", "tax-rule-unknown", "Cin7 has no tax rule 'Zero'.", "team:x")
    with engine.begin() as connection:
        open_items(connection, [finding], NOW)
    with service() as chat:
        teller = Teller(
            look=lambda: seen(replace(house.state(), signs=[]), OWNERS),
            model=lambda: model,
            engine=lambda: engine,
            spool=Spool(tmp_path / "alerts.json"),
            post=Post(send_by_apprise, lambda _: chat.address),
            clock=house.clock,
        )
        turns(teller, house, chat, 1)
        with engine.begin() as connection:
            close_items(connection, "a:b:1", NOW, "it is there")
        turns(teller, house, chat, 2)
    first, last = chat.taken
    assert first["title"] == "[alpenglow] NOTICE Tax rule unknown"
    assert "Cin7 has no tax rule 'Zero'." in first["message"]
    assert last["title"] == "[alpenglow] Over: Tax rule unknown"


def turns(teller: Teller, house: House, chat: Service, letters: int) -> None:
    """Turns every five simulated seconds until so many letters have arrived."""
    import threading

    pause = threading.Event()
    for _ in range(60):
        teller.turn()
        house.clock.sleep(5)
        pause.wait(0.02)  # the thread that sends is a real one
        if len(chat.taken) >= letters:
            return
