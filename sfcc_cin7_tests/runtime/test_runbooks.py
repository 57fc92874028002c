"""Whoever sees a check fail, or an order wait, reads beside it what to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from sfcc_cin7.definitions import defs
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.runbooks import advice, verdict
from sfcc_cin7.values.horizon import Horizon
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL

CLEAR = Horizon(datetime(2026, 1, 1, tzinfo=UTC), 0, None, (), blind=False)
OF_THE_STATE = ("alerts", "dagster_daemon", "database_answers")
"""What no check inside Dagster can tell."""
CHECKS = sorted(key.name for check in defs.asset_checks or () for key in check.check_keys)


def runbook(*, passed: bool, check: str = "inventory_drift") -> Any:
    return verdict(check, passed=passed, description="told", horizon=CLEAR).metadata["runbook"]


def test_there_is_a_page_for_every_check_and_sign_and_no_page_without_one() -> None:
    pages = {page.stem for page in (PROJECT / "sfcc_cin7" / "runbooks").glob("*.md")}
    assert len(CHECKS) > 12
    assert pages == {*CHECKS, "review-codes", *OF_THE_STATE}


def test_every_check_gives_its_verdict_with_its_runbook() -> None:
    elsewhere = [
        module.name
        for module in (PROJECT / "sfcc_cin7").rglob("*.py")
        if "AssetCheckResult(" in module.read_text(encoding="utf-8")
    ]
    assert elsewhere == ["runbooks.py"]


@pytest.mark.parametrize("check", CHECKS)
def test_the_page_of_a_failing_check_is_read_in_the_ui(check: str) -> None:
    page = runbook(passed=False, check=check)
    assert isinstance(page, dg.MarkdownMetadataValue)
    assert page.value is not None
    assert page.value.startswith(f"# {check}")
    assert "what to do" in page.value.lower()


def behind(*, blind: bool) -> Horizon:
    told = ("3 sales not read yet, the first for 12 min.",)
    return Horizon(CLEAR.upto, 3, timedelta(minutes=12), told, blind=blind)


@pytest.mark.parametrize(
    ("passed", "severity", "blind", "shown"),
    [
        (True, "ERROR", False, "WARN"),
        (True, "ERROR", True, "ERROR"),
        (False, "WARN", False, "WARN"),
        (False, "WARN", True, "ERROR"),
        (False, "ERROR", False, "ERROR"),
    ],
)
def test_no_check_is_green_that_has_not_looked_at_everything(
    passed: bool, severity: str, blind: bool, shown: str
) -> None:
    result: Any = verdict(
        "inventory_drift",
        passed=passed,
        severity=dg.AssetCheckSeverity(severity),
        description="told",
        horizon=behind(blind=blind),
    )
    assert (result.passed, result.severity.value) == (False, shown)
    assert result.description.endswith("3 sales not read yet, the first for 12 min.")
    assert result.description.startswith("told ") != passed, "of what is unread nothing is well"
    assert result.metadata["speaks up to"].value == "2026-01-01 00:00:00 UTC"
    assert result.metadata["unread"].value == 3
    assert "has not looked at everything" in result.metadata["runbook"].value


def test_how_far_a_check_sees_is_told_in_the_merchants_own_time() -> None:
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    horizon = seen(load_operating_model(SANDBOX_MODEL), at, own("orders", at))
    result: Any = verdict("stalled_posting", passed=True, description="well", horizon=horizon)
    assert result.metadata["speaks up to"].value == "2026-07-01 13:00:00 BST"


def test_links_that_lead_nowhere_in_the_ui_become_their_words() -> None:
    page = runbook(passed=False).value
    assert "or in\nsnapshot_believed." in page
    assert ".md)" not in page


def test_a_check_that_passes_names_its_page() -> None:
    page = runbook(passed=True)
    assert isinstance(page, dg.TextMetadataValue), "a path would be a link that leads nowhere"
    assert page.value is not None
    assert page.value.startswith("sfcc_cin7/runbooks/inventory_drift.md")


def test_the_advice_is_about_the_codes_that_wait_alone() -> None:
    told = advice(["sku-unknown", "of-no-page", "tax-rule-unknown"])
    assert "create the product in Cin7" in told
    assert "create the sale tax rule in Cin7" in told
    assert len(told.splitlines()) == 4
    assert "<a id" not in told


def test_nothing_that_runs_by_itself_plans_a_check_and_hides_its_verdict() -> None:
    checks = {check.node_def.name for check in defs.asset_checks or ()}
    scheduled = {each.job_name for each in defs.schedules or () if hasattr(each, "job_name")}
    sensed = {each.job_name for each in defs.sensors or () if each.has_jobs}
    assert len(scheduled | sensed) > 6
    for job in map(str, scheduled | sensed):
        nodes = {node.name for node in defs.resolve_job_def(job).graph.nodes}
        assert nodes.isdisjoint(checks), job
