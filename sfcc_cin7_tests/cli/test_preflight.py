"""`sfcc-cin7 preflight` says whether to go live, and writes to neither system."""

import json
from pathlib import Path

import pytest

from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7_sandbox.control.server import RunningSandbox
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.project import SANDBOX_MODEL

READS = ("GET ", "POST /dwsso/oauth2/access_token", "POST /product/")


def told(area: str) -> list[str]:
    """Sentences of the report in the folder."""
    rows = json.loads(Path("preflight/preflight.json").read_text())["rows"]
    return [row["sentence"] for row in rows if row["area"] == area]


def test_the_report_names_what_to_mend_and_shows_what_was_mended_since(
    command: Command, environment: dict[str, str], systems: RunningSandbox, tmp_path: Path
) -> None:
    model = tmp_path / "merchant.yaml"
    known = SANDBOX_MODEL.read_text()
    environment |= {"SFCC_CIN7_OPERATING_MODEL": str(model)}
    systems.sandbox.shoppers.place("alpenglow-uk", "plain")

    model.write_text(known.replace('"1210"', '"nowhere"').replace("rate: 0.1,", "rate: 0.12,"))
    first = command("preflight", environment)
    account = "site alpenglow-us: GIFT_CERTIFICATE goes to 'nowhere', no active account of Cin7."
    tax = told("tax rules")
    payments = told("payments")
    model.write_text(known.replace("rate: 0.1,", "rate: 0.12,"))
    second = command("preflight", environment)

    assert first.exit_code == 0, first.output
    assert "go with conditions" in first.stdout
    assert payments == [account]
    assert any("JP Consumption Tax 10%' has 10 % in Cin7, but stands" in each for each in tax)
    assert any("JP Reduced Tax 8%' is not in Cin7." in each for each in tax)
    assert second.exit_code == 0, second.output
    page = Path("preflight/preflight.md").read_text()
    assert f"gone: payments: {account}" in page
    assert "new:" not in page
    assert "<h1>Preflight of alpenglow: go with" in Path("preflight/preflight.html").read_text()
    made = systems.sandbox.calls.summary(2000)["recent"]
    calls = [f"{each['method']} {each['path']}" for each in made if each["system"] != "sandbox"]
    assert [each for each in calls if not each.startswith(READS)] == []


def test_a_key_that_is_not_accepted_is_a_no_go(
    command: Command, environment: dict[str, str]
) -> None:
    result = command("preflight", environment | {"CIN7_APPLICATION_KEY": "wrong"})

    assert result.exit_code == 1
    assert "no-go" in result.stdout
    assert "does not accept the account id" in told("Cin7 Core (CIN7_APPLICATION_KEY)")[0]


def test_stock_that_could_not_be_read_is_no_go(
    command: Command, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: object) -> None:
        raise Unavailable("cin7", "GET /ref/productavailability", None, "no answer")

    monkeypatch.setattr(Cin7Client, "availability_page", dead)

    result = command("preflight", environment)

    assert result.exit_code == 1, result.output
    assert told("stock") == ["It could not be read, so nothing is known of it."]
