"""`sfcc-cin7 model diff` tells what another operating model would change before it is taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfcc_cin7.merchant.difference import Change, changed_settings
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.project import SANDBOX_MODEL

UK, JP = "alpenglow-uk", "alpenglow-jp"
READS = ("GET ", "POST /dwsso/oauth2/access_token", "POST /product/")
TEXT = SANDBOX_MODEL.read_text()


@pytest.fixture(scope="module")
def systems() -> Iterator[RunningSandbox]:
    """A shop whose order list shows at once what was placed."""
    with running_sandbox(skus=150, sfcc=SfccSettings(index_lag=0)) as running:
        yield running


def changed_to(folder: Path, text: str) -> Path:
    path = folder / "merchant.yaml"
    path.write_text(text)
    return path


def test_settings_are_told_by_their_place_and_rows_by_their_id(tmp_path: Path) -> None:
    text = TEXT.replace(
        "[Osaka DC], sites: [alpenglow-jp], buffer: 1",
        "[Osaka DC], sites: [alpenglow-jp], buffer: 3",
    )
    text = text.replace("brand: alpenglow", "posting: {workers: 8}\nbrand: alpenglow")

    other = load_operating_model(changed_to(tmp_path, text))

    ours = load_operating_model(SANDBOX_MODEL)
    assert [each for each in changed_settings(ours, other) if each.place != "report.folder"] == [
        Change("inventory_lists[inventory-jp].buffer", "1", "3"),
        Change("posting.workers", "4", "8"),
    ]
    assert changed_settings(ours, ours) == []


def test_a_tax_rule_that_is_mapped_otherwise_is_told_with_its_place(tmp_path: Path) -> None:
    text = TEXT.replace("rule: Tax Exempt (US)", "rule: Exempt")

    other = load_operating_model(changed_to(tmp_path, text))

    found = changed_settings(load_operating_model(SANDBOX_MODEL), other)
    (told,) = [each for each in found if each.place != "report.folder"]
    assert told.place == "sites[alpenglow-us].tax_rules"
    assert "(country: US, kind: untaxed, rule: Tax Exempt (US))" in told.before
    assert "(country: US, kind: untaxed, rule: Exempt)" in told.after


def test_orders_that_become_something_else_are_counted_and_nothing_is_written(
    command: Command, environment: dict[str, str], systems: RunningSandbox, tmp_path: Path
) -> None:
    for site, count in ((UK, 3), (JP, 2)):
        for _ in range(count):
            systems.sandbox.shoppers.place(site, "plain")
    new = TEXT.replace("customer: Alpenglow UK Web", "customer: Alpenglow Web")
    new = new.replace("      - {country: JP, rate: 0.1, rule: JP Consumption Tax 10%}\n", "")

    result = command(["model", "diff", str(changed_to(tmp_path, new))], environment)

    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert f"sites[{UK}].customer: Alpenglow UK Web -> Alpenglow Web" in lines
    assert f"{UK}: 3 orders tried, 3 would become something else." in lines
    (told,) = [line for line in lines if line.startswith("3  ")]
    assert told.startswith(f"3  customer: Alpenglow UK Web -> Alpenglow Web, such as {UK}/")
    assert f"{JP}: 2 orders tried, 2 would become something else." in lines
    (told,) = [line for line in lines if line.startswith("2  ")]
    assert told.startswith("2  posted -> waits (tax-rule-unmapped), such as ")
    assert "alpenglow-us: 0 orders tried, 0 would become something else." in lines
    made = systems.sandbox.calls.summary(2000)["recent"]
    calls = [f"{call['method']} {call['path']}" for call in made if call["system"] != "sandbox"]
    assert calls
    assert [call for call in calls if not call.startswith(READS)] == []
