"""`sfcc-cin7 check` holds the operating model against the profile that it names."""

from pathlib import Path

import pytest

from sfcc_cin7.preflight import preflight
from sfcc_cin7.preflight.preflight import Finding, findings
from sfcc_cin7_tests.conformance.bench import ENVIRONMENT
from sfcc_cin7_tests.conformance.test_profile import model_file, profile_file


@pytest.fixture
def no_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but the operating model is somebody else's test."""

    def unreachable(*_args: object) -> str:
        return "not looked at"

    for name in (
        "_database",
        "_storefront",
        "_lists",
        "_writers",
        "_erp",
        "_locations",
        "_customers",
    ):
        monkeypatch.setattr(preflight, name, unreachable)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def profile_findings(model: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.setenv("SFCC_CIN7_OPERATING_MODEL", str(model))
    return [finding for finding in findings() if finding.what == "profile"]


@pytest.mark.usefixtures("no_systems")
def test_a_contradiction_and_what_cannot_be_lived_with_are_failed_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviours = {"cin7.order.line-total": "with-tax", "cin7.sale-list.lag": "longer"}
    profile_file(tmp_path, **behaviours)
    text = Path("config/sandbox.yaml").read_text()
    text = text.replace("    taxation: net\n", "    taxation: net\n    line_total: net\n")

    found = profile_findings(model_file(tmp_path, text=text), monkeypatch)

    assert [finding.good for finding in found] == [False, False]
    assert "line_total is net" in found[0].sentence
    assert "cin7.sale-list.lag is longer" in found[1].sentence


@pytest.mark.usefixtures("no_systems")
def test_a_model_that_follows_its_profile_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_file(tmp_path, **{"cin7.order.line-total": "with-tax"})

    [finding] = profile_findings(model_file(tmp_path), monkeypatch)

    assert finding.good
    assert "1 behaviours of a trial account agree" in finding.sentence


@pytest.mark.usefixtures("no_systems")
def test_a_model_without_a_profile_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile_findings(Path("config/sandbox.yaml").resolve(), monkeypatch) == []
