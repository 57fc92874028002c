"""A month is reported and closed from the Launchpad, and at a command."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from sfcc_cin7.cli.main import main
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.ledger import close_assets, sign_off
from sfcc_cin7.ledger.bank_assets import read_statements
from sfcc_cin7.ledger.close_assets import MonthConfig
from sfcc_cin7.ledger.close_checks import bank_agrees, clearing_explained, closed_months_stand
from sfcc_cin7.ledger.close_jobs import close_month, reopen_month
from sfcc_cin7.ledger.records import periods
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7_tests.ledger.bank.layouts import camt, camt_entry
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, row, till
from sfcc_cin7_tests.project import SANDBOX_MODEL

__all__ = ["till"]
FACE = [
    close_assets.gateway_roll_forward,
    close_assets.tax_by_place,
    close_assets.gift_certificate_liability,
    close_assets.margin_by_month,
]
Resources = dict[str, Any]


@pytest.fixture
def february(till: Till) -> Till:
    """A transfer that arrived at the bank, in March."""
    till.clock.sleep((datetime(2026, 2, 1, tzinfo=UTC) - till.clock.now()).total_seconds())
    till.sold(gateway="stripe", reference="r")
    charge = row("1", "charge", "100.00", "2026-02-01T12:00:00Z", fee="1.00", reference="r")
    sent = row("2", "payout", "0", "2026-02-02T00:00:00Z", net="99.00")
    till.leave("stripe", "a.csv", NORMALISED + charge + sent)
    came = camt_entry("99.00", "2026-02-03", text="PAYOUT", party="STRIPE")
    till.leave("bank", "february.xml", camt(came, closing="99.00"))
    till.clock.sleep((datetime(2026, 3, 3, tzinfo=UTC) - till.clock.now()).total_seconds())
    till.pass_()
    return till


def given(till: Till) -> Resources:
    """Stands for the resources of the code location."""
    return {
        "merchant": SimpleNamespace(model=lambda: till.model),
        "store": SimpleNamespace(engine=till.engine, clock=till.clock),
        "reports": SimpleNamespace(where=str(till.folder)),
    }


def run(till: Till, job: dg.JobDefinition, op: str, **config: str) -> dg.ExecuteInProcessResult:
    resources = {name: value for name, value in given(till).items() if name != "reports"}
    return job.execute_in_process(
        run_config={"ops": {op: {"config": config}}}, resources=resources, raise_on_error=False
    )


def closed(till: Till) -> str:
    with till.engine.connect() as connection:
        return periods.closed_until(connection)


def test_the_month_before_is_reported_with_a_page_each(february: Till) -> None:
    told = given(february)
    pages = {}
    for asset in FACE:
        body = asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]
        shown = body(MonthConfig(), told["merchant"], told["store"]).metadata
        assert "2026-02" in str(shown.get("month") or shown.get("months"))
        pages[asset.key.to_user_string()] = str(shown["page"].value)
    assert "| stripe GBP | 0.00 GBP | 99.00 GBP | 99.00 GBP | 0.00 GBP | none |" in pages[
        "gateway_roll_forward"
    ]  # fmt: skip


def test_the_checks_of_a_month_that_agrees_pass_and_say_how_far_they_see(february: Till) -> None:
    told = given(february)
    shown = read_statements(february.model, told["store"], told["reports"])
    assert (shown["transfers that arrived"], shown["problems"]) == (1, 0)
    said = evaluated(bank_agrees, **told)
    assert (said.passed, said.description) == (
        True,
        "What gateways sent arrived at the bank, to the cent.",
    )
    assert evaluated(closed_months_stand, **told).passed
    explained = evaluated(clearing_explained, **told)
    assert (explained.passed, explained.description) == (
        True,
        "Every difference between clearing accounts and reports has a name.",
    )
    february.clock.sleep(3600)
    assert not evaluated(bank_agrees, **told).passed  # nobody has looked for an hour


def test_a_month_is_closed_and_opened_again_from_the_launchpad(february: Till) -> None:
    op = "close_the_month"
    nobody = run(february, close_month, op, month="2026-02", author="your name", reason="why")
    assert (nobody.success, closed(february)) == (False, "")
    early = run(february, close_month, op, month="2026-03", author="ann")
    assert not early.success
    [failure] = [each for each in early.all_events if each.is_step_failure]
    assert "2026-03 cannot be closed. It is not over" in str(failure.event_specific_data)
    assert run(february, close_month, op, month="2026-02", author="ann").success
    assert closed(february) == "2026-02-28"
    op = "open_the_month_again"
    assert run(february, reopen_month, op, month="2026-02", author="ann", reason="a bill").success
    assert closed(february) == ""


def test_whoever_signs_a_month_closes_it_and_may_sign_it_again(february: Till) -> None:
    signed = (february.engine, february.clock, february.model)
    for _ in range(2):
        sign_off(*signed, "2026-02", Author("ann", "all is in"))
        assert closed(february) == "2026-02-28"
    with pytest.raises(ActionRefused, match="not over"):
        sign_off(*signed, "2026-03", Author("ann", "all is in"))


@pytest.fixture
def at_a_terminal(february: Till, monkeypatch: pytest.MonkeyPatch) -> Till:
    url = february.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", url)
    monkeypatch.setenv("SFCC_CIN7_OPERATING_MODEL", str(SANDBOX_MODEL))
    return february


def said(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.usefixtures("at_a_terminal")
def test_a_month_is_closed_at_a_command_that_says_who() -> None:
    assert said("periods", "show").output.startswith("No month is closed.")
    assert said("periods", "close", "2026-02").exit_code != 0
    done = said("periods", "close", "2026-02", "--by", "ann", "--because", "all is in")
    assert (done.exit_code, done.output) == (0, "2026-02 is closed.\n")
    shown = said("periods", "show").output
    assert "closed until 2026-02-28" in shown
    assert "2026-02 closed by ann" in shown
    again = said("periods", "reopen", "2026-02", "--by", "ann", "--because", "a bill")
    assert (again.exit_code, again.output) == (0, "2026-02 is open again.\n")


def test_what_is_understood_of_a_statement_is_shown_before_anything_is_booked(
    at_a_terminal: Till, tmp_path: Path
) -> None:
    told = said("bank", "read", str(at_a_terminal.folder / "bank" / "february.xml")).output
    assert "1 line, 99.00 GBP in all" in told
    assert "2026-02-03: 99.00 GBP of stripe" in told
    broken = tmp_path / "x.xml"
    broken.write_text("<a>")
    assert "It cannot be read as a bank statement" in str(said("bank", "read", str(broken)).output)
