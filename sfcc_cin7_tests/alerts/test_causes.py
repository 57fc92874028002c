"""What was seen is told by its cause, not by its symptoms."""

from decimal import Decimal
from typing import Any

from sfcc_cin7.alerts.deciding.causes import LANES, Cause, group
from sfcc_cin7.alerts.deciding.effects import EFFECTS, OF_FAMILIES, effect_of
from sfcc_cin7.alerts.deciding.evidence import Evidence
from sfcc_cin7.inbox.codes import CODES
from sfcc_cin7.operations.routines import routines
from sfcc_cin7.operations.state.judge import lanes
from sfcc_cin7_tests.alerts.house import NOON, evidence, merchant, tax_rule_missing

MODEL = merchant()


def causes(*found: Evidence, already: tuple[str, ...] = ()) -> list[Cause]:
    return list(group(found, NOON, MODEL.review, already).causes)


def keys(*found: Evidence, already: tuple[str, ...] = ()) -> list[str]:
    return sorted(each.key for each in causes(*found, already=already))


def late(*names: str) -> list[Evidence]:
    return [evidence("lane-late", name, about=name) for name in names]


def test_two_tax_rules_that_are_missing_are_two_causes() -> None:
    other = evidence("tax-rule-unknown", "a:b:1", sentence="Cin7 has no tax rule 'Luxury'.")
    assert len(keys(*tax_rule_missing(40), other)) == 2


def test_an_order_puts_its_money_at_risk_once() -> None:
    twice = [evidence("oversold", "a:b:1", money=Decimal(40), source=where) for where in "xy"]
    (only,) = causes(*twice)
    assert (only.things, only.money) == (1, Decimal(40))


def test_cin7_that_does_not_answer_is_one_cause_with_every_lane_that_waits_for_it() -> None:
    down = evidence("system-down", "system:cin7", about="cin7", sentence="cin7: HTTP 503")
    six = late(*[each.name for each in routines(MODEL, payouts=True)][:6])
    stalled = evidence("posting-stalled", "orders waiting")
    assert keys(down, *six, stalled) == ["system-down:cin7"]


def test_a_key_that_was_revoked_is_named_so_wherever_it_was_noticed() -> None:
    down = evidence("system-down", "system:cin7", about="cin7", sentence="Cin7 answered 403.")
    vain = evidence("lane-fails", "lane:cin7_stock", sentence="Cin7 refused the credentials.")
    (only,) = causes(down, vain, *late("reading stock"))
    assert (only.key, only.things, only.severity) == ("key-refused:cin7", 2, "critical")
    assert only.title == "Cin7 refuses our credentials"


def test_a_system_that_is_down_explains_no_lane_that_the_other_one_failed() -> None:
    down = evidence("system-down", "Cin7", about="cin7", sentence="cin7: HTTP 503")
    ours = evidence("lane-fails", "lane:a", about="a", sentence="Cin7 did not answer.")
    other = evidence("lane-fails", "lane:b", about="b", sentence="SFCC answered 500.")
    assert keys(down, ours, other) == ["lane-fails:b", "system-down:cin7"]


def test_a_dead_daemon_explains_every_lane_and_a_dead_lane_only_its_own() -> None:
    dead = evidence("dagster-dead", "daemon")
    lane = evidence("lane-dead", "live run: stock", about="stock")
    work = late("reading stock", "reconciling")
    assert keys(dead, lane, *work) == ["dagster-dead"]
    assert keys(lane, *work) == ["lane-dead:stock", "lane-late:reconciling"]


def test_a_sku_that_was_renamed_is_one_cause_with_the_orders_that_name_it() -> None:
    renamed = evidence("sku-unknown-in-erp", "sku:TENT-2", about="TENT-2", source="inbox")
    waits = evidence("sku-unknown", "a:b:1", sentence="The ERP has no product TENT-2: create it.")
    other = evidence("sku-unknown", "a:b:2", sentence="The ERP has no product TENT-22: create it.")
    assert keys(renamed, waits, other) == ["sku-unknown", "sku:TENT-2"]


def test_a_list_that_another_job_overwrites_is_one_cause_however_many_skus_it_has() -> None:
    drifts = [evidence("stock-drift", f"stock:uk/{n}", about="uk") for n in range(300)]
    (only,) = causes(*drifts)
    assert (only.key, only.things, len(only.subjects)) == ("stock-drift:uk", 300, 5)


def test_many_causes_of_one_kind_are_told_together_and_what_was_told_alone_stays_so() -> None:
    five = [evidence("sku-unknown-in-erp", f"sku:{n}", about=f"S{n}") for n in range(5)]
    more = [evidence("sku-unknown-in-erp", f"sku:{n}", about=f"S{n}") for n in range(5, 40)]
    assert len(keys(*five)) == 5
    assert len(keys(*five, *more, already=tuple(keys(*five)))) == 6
    assert keys(*five, *more) == ["sku:*"]
    assert keys(*five[:2], already=("sku:*",)) == ["sku:*"]  # and what was told together, too


def test_severity_rises_with_money_and_age_as_the_review_desk_has_it() -> None:
    def severity(**given: Any) -> str:
        return causes(evidence("oversold", **given))[0].severity

    policy = MODEL.review
    assert severity() == "notice"
    assert severity(money=policy.warn_money) == "warning"
    assert severity(money=policy.alarm_money) == "critical"
    assert severity(since=NOON.replace(hour=12 - int(policy.warn_hours))) == "warning"
    assert severity(since=NOON.replace(day=1)) == "critical"
    assert severity(severity="warning") == "warning"


def test_each_code_says_what_it_brings_about_and_no_effect_is_of_a_code_that_is_gone() -> None:
    assert all(effect_of(code) for code in CODES)
    assert set(EFFECTS) <= set(CODES)
    for start in OF_FAMILIES:
        assert any(code.startswith(start) for code in CODES)


def test_what_a_dead_lane_leaves_undone_is_named_as_it_is_looked_at() -> None:
    names = {each.name for each in routines(MODEL, payouts=True)}
    assert set(LANES) == set(lanes(MODEL))
    assert all(work <= names | set(CODES) for work in LANES.values())
