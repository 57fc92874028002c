"""How things are, judged from what was read; what could not be read is never well."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.merchant.fulfilment import FulfilmentPolicy
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations.routines import LOOKS, routines
from sfcc_cin7.operations.state import measures
from sfcc_cin7.operations.state.facts import (
    CallBudget,
    Facts,
    ForPeople,
    Heartbeat,
    LaneHeartbeat,
    Outage,
    Publication,
    Reading,
    RunQueue,
    Successes,
    Unknown,
    Waiting,
)
from sfcc_cin7.operations.state.judge import judge, lanes
from sfcc_cin7.operations.state.machinery import NEEDED
from sfcc_cin7.operations.state.verdicts import Sign, State, Verdict, worst
from sfcc_cin7.runtime import resident as resident_module
from sfcc_cin7.runtime.resident import ResidentLane
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUTINES = routines(MODEL, payouts=False)
ALLOWED = MODEL.posting.stalled_after_seconds
CADENCE = next(each.late_after for each in ROUTINES if each.by == "cin7_stock")
OK, WARNING, NOT_KNOWN, FAILING = Verdict


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


WELL = Facts(
    at=NOW,
    heartbeats=[Heartbeat(name, ago(20), 0) for name in NEEDED],
    looked=ago(12),
    runs=RunQueue(1, ago(3), 2),
    residents=[
        LaneHeartbeat(lane, ago(500), ago(3), ago(400))
        for lane in ("orders", "stock", "stock-now", "shipments", "books")
    ],
    waiting=Waiting(0, None),
    outages=[],
    reading=Reading(ago(50), 1200, True, None, ago(50)),
    publications=[Publication(each.id, ago(40), NOW) for each in MODEL.inventory_lists],
    budgets=[CallBudget("0123456789ab", 60, 12, 0, None)],
    people=ForPeople(0, Decimal(0), None, None, warned=False, alarmed=False),
    successes=Successes(
        {each.by: ago(30) for each in ROUTINES}, [ago(300 * n) for n in range(LOOKS)], ago(9e6)
    ),
)


def state(**facts: Any) -> State:
    return judge(replace(WELL, **facts), MODEL, payouts=False)


def sign(name: str, **facts: Any) -> Sign:
    (found,) = [each for each in state(**facts).signs if each.name == name]
    return found


def test_a_house_in_order_is_well_and_nothing_is_to_be_done():
    found = state()
    assert {each.name: each.sentence for each in found.signs if each.verdict is not OK} == {}
    assert found.verdict is OK
    assert not any(each.advice or each.since for each in found.signs)
    assert all(each.as_of for each in found.signs)


@pytest.mark.parametrize("part", [each.name for each in fields(Facts) if each.name != "at"])
def test_what_could_not_be_looked_at_is_not_known_and_says_why(part: str):
    found = state(**{part: Unknown("The statement took too long.")})
    unknown = [each for each in found.signs if each.verdict is NOT_KNOWN]
    assert unknown
    assert {each.sentence for each in unknown} == {"The statement took too long."}
    assert found.verdict is NOT_KNOWN
    assert all(each.owner and each.runbook and each.as_of is None for each in unknown)


def test_a_failure_outweighs_what_is_not_known_and_that_a_warning():
    assert worst([OK, WARNING]) is WARNING
    assert worst([WARNING, NOT_KNOWN, OK]) is NOT_KNOWN
    assert worst([NOT_KNOWN, FAILING]) is FAILING
    assert worst([]) is NOT_KNOWN


# Dagster


@pytest.mark.parametrize(
    ("daemon", "late", "dead"),
    [("SENSOR", 45, 90), ("QUEUED_RUN_COORDINATOR", 45, 90), ("SCHEDULER", 75, 120)],
)
def test_a_daemon_without_a_heartbeat_is_told(daemon: str, late: int, dead: int):
    def without(seconds: int) -> Sign:
        beats = [Heartbeat(name, ago(seconds if name == daemon else 5), 0) for name in NEEDED]
        return sign("Dagster's daemon", heartbeats=beats)

    assert without(late).verdict is OK
    assert without(late + 1).verdict is WARNING
    assert without(dead).verdict is WARNING
    found = without(dead + 1)
    assert (found.verdict, found.since) == (FAILING, ago(dead + 1))
    assert NEEDED[daemon].work in found.sentence
    assert "start it anew" in found.advice


def test_a_daemon_that_never_gave_a_sign_of_life_fails():
    beats = [Heartbeat("SENSOR", ago(5), 0), Heartbeat("SCHEDULER", ago(5), 0)]
    assert sign("Dagster's daemon", heartbeats=beats).verdict is FAILING
    assert sign("Dagster's daemon", heartbeats=[]).verdict is FAILING


def test_a_daemon_that_is_alive_and_fails_at_its_looks_is_a_warning():
    beats = [Heartbeat(name, ago(5), int(name == "SENSOR")) for name in NEEDED]
    found = sign("Dagster's daemon", heartbeats=beats)
    assert (found.verdict, "sensors failed" in found.sentence) == (WARNING, True)


def test_a_heartbeat_from_the_future_tells_nothing():
    beats = [Heartbeat(name, NOW + timedelta(hours=1), 0) for name in NEEDED]
    found = sign("Dagster's daemon", heartbeats=beats)
    assert found.verdict is NOT_KNOWN
    assert "differ by 1 h 0 min" in found.sentence


@pytest.mark.parametrize(
    ("age", "verdict"), [(60, OK), (61, WARNING), (120, WARNING), (121, FAILING)]
)
def test_a_daemon_that_is_alive_and_never_looks_is_no_sign_of_health(age: int, verdict: Verdict):
    found = sign("sensors", looked=ago(age))
    assert (found.verdict, found.since) == (verdict, None if verdict is OK else ago(age))
    assert sign("sensors", looked=None).verdict is NOT_KNOWN
    assert sign("sensors", looked=NOW + timedelta(minutes=1)).verdict is NOT_KNOWN


def test_a_run_that_waits_longer_than_any_lane_may_run_is_a_warning():
    assert sign("run queue", runs=RunQueue(3, ago(15 * 60), 1)).verdict is OK
    found = sign("run queue", runs=RunQueue(3, ago(15 * 60 + 1), 1))
    assert (found.verdict, found.since) == (WARNING, ago(15 * 60 + 1))


def resident(silent: float, *, leads: bool = True, since: float = 500) -> LaneHeartbeat:
    return LaneHeartbeat("orders", ago(since), ago(silent), ago(400) if leads else None)


def test_a_lane_in_which_nobody_works_fails_once_the_house_is_installed():
    assert sign("live run: orders", residents=[]).verdict is FAILING
    assert isinstance(WELL.successes, Successes)
    new = replace(WELL.successes, installed=None)
    assert sign("live run: orders", residents=[], successes=new).verdict is NOT_KNOWN
    assert sign("live runs", residents=Unknown("no")).verdict is NOT_KNOWN


def test_a_lane_that_no_shopper_waits_for_may_be_away_for_a_moment():
    found = sign("live run: books", residents=[resident(3)])
    assert (found.verdict, found.owner) == (WARNING, MODEL.owners.finance)


def test_a_merchant_without_lists_has_no_lanes_of_stock():
    without = MODEL.model_copy(update={"inventory_lists": []})
    assert lanes(without).keys() == {"orders", "shipments", "books"}
    sites = [site.model_copy(update={"fulfilment": FulfilmentPolicy()}) for site in MODEL.sites]
    assert "shipments" not in lanes(MODEL.model_copy(update={"sites": sites}))


def test_the_lanes_that_are_asked_for_are_those_that_are_there():
    there = vars(resident_module).values()
    known = {each.name for each in there if isinstance(each, ResidentLane)}
    assert lanes(MODEL).keys() == known


def test_a_run_that_told_of_a_long_pass_may_be_silent_for_so_long():
    assert sign("live run: orders", residents=[resident(-300)]).verdict is OK


@pytest.mark.parametrize(
    ("silent", "verdict"), [(20, OK), (21, WARNING), (60, WARNING), (61, FAILING)]
)
def test_a_lane_whose_live_run_is_silent_is_told_within_a_minute(silent: int, verdict: Verdict):
    found = sign("live run: orders", residents=[resident(silent), resident(300)])
    assert found.verdict is verdict
    assert found.since == (None if verdict is OK else ago(silent))


def test_a_run_that_waits_to_take_over_does_no_work_of_its_lane():
    waits = resident(1, leads=False, since=90)
    assert sign("live run: orders", residents=[waits, resident(300)]).verdict is FAILING
    assert sign("live run: orders", residents=[waits, resident(2)]).verdict is OK
    alone = sign("live run: orders", residents=[waits])
    assert (alone.verdict, alone.since) == (FAILING, ago(90))


def test_a_routine_that_is_late_names_its_owner_and_its_advice():
    late = {**{each.by: ago(30) for each in ROUTINES}, "order_ledger": ago(700)}
    assert isinstance(WELL.successes, Successes)
    found = sign("reconciling", successes=replace(WELL.successes, last=late))
    assert (found.verdict, found.owner, found.since) == (WARNING, "team:finance", ago(100))
    assert found.advice.startswith("Assets > order_ledger")
    late["order_ledger"] = ago(1201)
    assert sign("reconciling", successes=replace(WELL.successes, last=late)).verdict is FAILING


def test_a_routine_that_was_never_due_is_well_but_not_where_nobody_knows_since_when():
    last = {**{each.by: ago(30) for each in ROUTINES}, "operations_report": None}
    looks = [ago(30), ago(330)]
    young = sign("the daily report", successes=Successes(last, looks, ago(330)))
    assert (young.verdict, young.sentence[:20]) == (OK, "It has not run yet; ")
    nobody = sign("the daily report", successes=Successes(last, [], None))
    assert nobody.verdict is NOT_KNOWN


# The business


def test_an_order_may_wait_as_long_as_the_merchant_allows():
    assert sign("orders waiting", waiting=Waiting(2, ago(ALLOWED))).verdict is OK
    found = sign("orders waiting", waiting=Waiting(2, ago(ALLOWED + 5)))
    assert (found.verdict, found.since) == (FAILING, ago(5))
    assert found.sentence.startswith("2 wait, the first for 2 min")


def test_an_outage_is_a_warning_and_fails_when_it_lasts():
    brief, long = Outage("cin7", ago(30), "no connection"), Outage("sfcc", ago(ALLOWED + 1), "")
    found = sign("outside systems", outages=[brief])
    assert (found.verdict, found.since) == (WARNING, ago(30))
    assert found.sentence == "cin7 does not answer (no connection)."
    both = sign("outside systems", outages=[brief, long])
    assert (both.verdict, both.since) == (FAILING, ago(ALLOWED + 1))
    told = {each.of["system"]: each.value for each in found.measures}
    assert told == {"cin7": 1, "sfcc": 0}


def test_a_reading_that_is_not_believed_fails_since_the_last_that_was():
    reading = Reading(ago(10), 3, False, "3 rows, after 1200 before.", ago(400))
    found = sign("stock reading", reading=reading)
    assert (found.verdict, found.since, found.as_of) == (FAILING, ago(400), ago(10))
    assert found.sentence.endswith("3 rows, after 1200 before.")


def test_a_reading_is_as_young_as_the_cadence_wants():
    def read(age: timedelta) -> Sign:
        began = NOW - age
        return sign("stock reading", reading=Reading(began, 9, True, None, began))

    assert read(CADENCE).verdict is OK
    assert read(CADENCE + timedelta(seconds=1)).verdict is WARNING
    assert read(2 * CADENCE + timedelta(seconds=1)).verdict is FAILING
    assert sign("stock reading", reading=None).verdict is NOT_KNOWN


def test_a_list_that_is_not_published_in_time_fails_by_itself():
    late = Publication("inventory-uk", ago(2000), ago(100))
    never = Publication("inventory-us", None, None)
    overdue = Publication("inventory-jp", None, ago(1))
    lists = {"publications": [late, never, overdue]}
    assert sign("list inventory-uk", **lists).verdict is FAILING
    assert sign("list inventory-uk", **lists).since == ago(100)
    assert sign("list inventory-us", **lists).verdict is NOT_KNOWN
    assert sign("list inventory-jp", **lists).verdict is FAILING


def test_a_merchant_without_inventory_lists_is_not_asked_for_stock():
    without = MODEL.model_copy(update={"inventory_lists": []})
    facts = replace(WELL, reading=None, publications=[])
    found = judge(facts, without, payouts=False)
    assert found.verdict is OK
    assert not any("stock" in each.name or "list" in each.name for each in found.signs)


def test_a_refused_call_fails_and_a_budget_used_up_does_not():
    assert sign("calls to Cin7", budgets=[CallBudget("app", 60, 60, 0, None)]).verdict is OK
    pause = NOW + timedelta(seconds=40)
    found = sign("calls to Cin7", budgets=[CallBudget("app", 60, 60, 2, pause)])
    assert found.verdict is FAILING
    assert found.sentence == (
        "Cin7 refused 2 in the last 15 minutes. In the last minute: 60 of 60."
        f" They pause until {NOW:%Y-%m-%d} 12:00:40 GMT."
    )


@pytest.mark.parametrize(
    ("warned", "alarmed", "verdict"),
    [(False, False, OK), (True, False, WARNING), (True, True, FAILING)],
)
def test_what_waits_for_a_person_is_judged_as_the_review_desk_does(
    warned: bool, alarmed: bool, verdict: Verdict
):
    people = ForPeople(
        4, Decimal("810.5"), ago(5 * 3600), "team:finance", warned=warned, alarmed=alarmed
    )
    found = sign("for a person", people=people)
    assert (found.verdict, found.owner) == (verdict, "team:finance")
    assert found.sentence.startswith("4 things wait, 810.50")


# What others read


def test_every_figure_has_a_name_a_meaning_and_its_labels():
    residents = {"residents": [resident(3)]}
    told = [each for one in state(**residents).signs for each in one.measures]
    assert {each.name for each in told} == {*measures.MEANINGS} - {
        measures.STATE,
        measures.SIGN,
        measures.LOOKED,
    }
    for each in told:
        assert tuple(each.of) == measures.MEANINGS[each.name][1]


def test_the_page_lists_every_figure():
    page = (PROJECT / "docs" / "health.md").read_text(encoding="utf-8")
    for name, (meaning, labels) in measures.MEANINGS.items():
        listed = ", ".join(f"`{label}`" for label in labels)
        assert f"| `{measures.PREFIX}{name}` | {listed} | {meaning} |" in page


def test_the_document_is_json_with_exact_figures():
    document = decimal_json.loads(decimal_json.dumps(state().document()))
    assert document["verdict"] == "ok"
    assert document["at"] == "2026-03-01T12:00:00+00:00"
    (orders,) = [each for each in document["signs"] if each["name"] == "orders waiting"]
    assert orders["measures"][0] == {"name": "orders_waiting", "of": {}, "value": 0}


def test_every_sign_leads_to_a_runbook():
    folder = PROJECT / "sfcc_cin7" / "runbooks"
    for each in state(residents=[resident(3)]).signs:
        assert (folder / each.runbook).is_file()
