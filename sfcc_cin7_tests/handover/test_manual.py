"""The manual of a merchant names everything that anybody may be told, with their own figures."""

from pathlib import Path

from click.testing import CliRunner

from sfcc_cin7.alerts.deciding.effects import ORDERS_WAIT, effect_of
from sfcc_cin7.cli.main import main
from sfcc_cin7.handover import as_markdown, operations_manual
from sfcc_cin7.inbox.codes import BOOKED, CODES, SEEN
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)


def test_it_has_every_code_with_its_page_and_each_owner() -> None:
    text = as_markdown(operations_manual(MODEL))
    for row in CODES.values():
        assert f"({row.code})" in text
        assert row.runbook in text
    for owner in MODEL.owners.model_dump().values():
        assert owner in text


def test_figures_are_those_of_the_operating_model() -> None:
    stalled = MODEL.posting.model_copy(update={"stalled_after_seconds": 77.0})
    text = as_markdown(operations_manual(MODEL.model_copy(update={"posting": stalled})))
    assert "| an order waits to be posted | 77 s |" in text


def test_commands_that_it_names_exist() -> None:
    text = as_markdown(operations_manual(MODEL))
    commands = set(main.list_commands(None))  # type: ignore[arg-type]
    named = {
        line.split("sfcc-cin7 ")[1].split()[0] for line in text.splitlines() if "sfcc-cin7 " in line
    }
    assert {each.strip("`|") for each in named} <= commands


def test_an_alert_says_that_orders_wait_only_where_orders_do() -> None:
    waits = {row for row in CODES.values() if effect_of(row.code) == ORDERS_WAIT}
    not_booked = {row.code for row in waits if row.closes not in (BOOKED, SEEN)}
    assert not_booked == {"order-unreadable", "posting-stalled"}


def test_it_is_written_as_html_that_loads_nothing_and_as_markdown(tmp_path: Path) -> None:
    environment = {"SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL)}
    told = CliRunner().invoke(main, ["manual", "--to", str(tmp_path)], env=environment)
    assert told.exit_code == 0, told.output
    html = (tmp_path / "manual.html").read_text(encoding="utf-8")
    assert "<h1>alpenglow: the operations manual</h1>" in html
    assert "http" not in html.replace("http-equiv", "")
    assert (tmp_path / "manual.md").exists()
