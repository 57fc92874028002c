"""Finance works on breaks from the Launchpad and at a terminal."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from sfcc_cin7 import ledger
from sfcc_cin7.cli.main import main
from sfcc_cin7.ledger.books import open_breaks_shown
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.review import break_jobs as jobs
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.layouts import paypal, paypal_row
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

KIM = "kim@alpenglow.example"
WHO = {"by": KIM, "because": "the shopper was told"}


class Finance(Till):
    """The till's people, who stand for the store and the operating model of Dagster too."""

    def ask(self, job: dg.JobDefinition, op: str, **config: Any) -> str:
        given: dict[str, Any] = {"store": self, "merchant": Given(self.model)}
        result = job.execute_in_process(
            run_config={"ops": {op: {"config": config}}}, resources=given, raise_on_error=False
        )
        if result.success:
            return " ".join(result.output_for_node(op))
        return str(result.failure_data_for_node(op).error.message)  # type: ignore[union-attr]


class Given:
    def __init__(self, model: OperatingModel) -> None:
        self.model = lambda: model


@pytest.fixture
def finance(
    engine: Engine, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Finance:
    """An order of 100.00 of which PayPal settled 98.60."""
    monkeypatch.setenv("SFCC_CIN7_STATE", str(tmp_path / "state"))
    model = load_operating_model(SANDBOX_MODEL)
    limits = model.ledger.model_copy(update={"limits": {KIM: Decimal(5)}})
    till = Finance(engine, clock, model.model_copy(update={"ledger": limits}), tmp_path)
    till.sold()
    till.leave("paypal", "stl.csv", paypal(paypal_row("CAP1", "T0006", 9860)))
    till.pass_()
    return till


def numbers(finance: Finance) -> list[int]:
    found = ledger.listed_breaks(finance.engine, finance.clock, finance.model)
    return [one.number for one in found]


def test_a_break_is_accepted_and_taken_back_from_the_launchpad(finance: Finance) -> None:
    [number] = numbers(finance)
    shown = open_breaks_shown(finance.model, finance)["worth most"]  # type: ignore[arg-type]
    assert shown.records[0].data["number"] == str(number)
    said = finance.ask(jobs.accept_breaks, "accept", **WHO, breaks=[number])
    assert said.endswith("accepted (decision 1).")
    assert numbers(finance) == []
    assert "undone" in finance.ask(jobs.undo_decision, "undo", **WHO, decision=1)
    refused = finance.ask(jobs.accept_breaks, "accept", by="lee", because="why", breaks=[number])
    assert "no open break" in refused
    finance.pass_()
    assert len(numbers(finance)) == 1


def test_breaks_are_exported_from_the_launchpad_as_both_forms(
    finance: Finance, tmp_path: Path
) -> None:
    finance.ask(jobs.export_breaks, "export")
    files = sorted((tmp_path / "state" / "exports").iterdir())
    assert [path.suffix for path in files] == [".csv", ".xlsx"]
    assert "payout-amount" in files[0].read_text(encoding="utf-8-sig")


def say(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_same_is_done_at_a_terminal(
    finance: Finance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "model.yaml"
    own.write_text(SANDBOX_MODEL.read_text().replace("finance@alpenglow.example", KIM))
    monkeypatch.setenv("SFCC_CIN7_OPERATING_MODEL", str(own))
    url = finance.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", url)
    [number] = numbers(finance)
    who = ("--by", KIM, "--because", "why")
    assert "payout-amount" not in say("breaks", "list", "--code", "payout-fee").output
    assert f"{number}" in say("breaks", "list").output
    file = tmp_path / "breaks.xlsx"
    assert "breaks.xlsx: 1 break." in say("breaks", "list", "--to", str(file)).output
    assert file.stat().st_size > 0
    assert "written off" in say("breaks", "write-off", str(number), *who).output
    assert "write-off" in say("breaks", "decisions").output
    assert "is undone" in say("breaks", "undo", "1", *who).output
    assert "is not over" in say("books", "sign-off", "2999-01", *who).output
    assert "signed by" in say("books", "sign-off", "2000-01", *who).output
    assert KIM in say("books", "signed").output


def test_journals_are_written_at_a_terminal_and_once_more_if_they_were_lost(
    finance: Finance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFCC_CIN7_OPERATING_MODEL", str(SANDBOX_MODEL))
    url = finance.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", url)
    folder = ("--to", str(tmp_path / "journals"))
    told = say("books", "export", *folder).output
    assert "2 entries went out." in told, told
    assert "0 entries went out." in say("books", "export", *folder).output
    [path] = (tmp_path / "journals").iterdir()
    path.unlink()
    assert str(path) in say("books", "export", "--again", "1", *folder).output
    assert path.exists()
