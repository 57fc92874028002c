"""`sfcc-cin7 payouts ...`: what a settlement file says before anything is booked, and vouching."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from sfcc_cin7.cli.main import main
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.layouts import adyen, adyen_payout, adyen_row
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

SALE = adyen_row(credit="100.00", net=("", "99.00"), fee="1.00")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFCC_CIN7_OPERATING_MODEL", str(SANDBOX_MODEL))


def say(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["payouts", *arguments])


def test_a_file_is_told_of_before_it_is_booked(tmp_path: Path) -> None:
    (tmp_path / "adyen").mkdir()
    file = tmp_path / "adyen" / "batch.csv"
    file.write_text(adyen(SALE, adyen_payout("99.00")))
    told = say("read", str(file)).output
    assert "1 lines, final." in told
    assert "charge: 1, net 99.00 GBP, fees 1.00 GBP" in told
    assert "to the bank: 99.00 GBP for CoWEB/30" in told


def test_what_cannot_be_read_is_one_sentence_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    file.write_text(adyen(SALE)[:-20])
    result = say("read", str(file), "--gateway", "adyen")
    assert result.exit_code == 1
    assert "Line 2 has fewer fields" in result.output


def test_a_sum_that_was_seen_at_the_bank_makes_a_report_final(
    engine: Engine, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till(engine, clock, load_operating_model(SANDBOX_MODEL), tmp_path)
    till.leave("adyen", "batch.csv", adyen(SALE))
    till.read()
    url = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", url)
    wrong = say("confirm", "adyen", "batch.csv", "--sum", "98.00 GBP", "--by", "kim")
    assert "come to 99.00 GBP" in wrong.output
    assert till.inbox() == {"report:adyen/batch.csv": "report-not-final"}
    right = say("confirm", "adyen", "batch.csv", "--sum", "99.00 GBP", "--by", "kim")
    assert right.exit_code == 0, right.output
    assert till.inbox() == {}
