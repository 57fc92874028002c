"""An engineer at a terminal, against the sandbox and against an account elsewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sfcc_cin7.cli import conformance as commands
from sfcc_cin7.cli.conformance import Progress
from sfcc_cin7.cli.main import main
from sfcc_cin7.conformance.registry import PROBES
from sfcc_cin7.merchant.profile import load_profile
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox

Conformance = Callable[..., Result]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=200) as running:
        yield running


@pytest.fixture
def conformance(sandbox: RunningSandbox, tmp_path: Path) -> Conformance:
    def run(*arguments: str, answer: str | None = None, **environment: str) -> Result:
        port = sandbox.url.rpartition(":")[2]
        where = ["--folder", str(tmp_path)] if arguments[0] != "list" else []
        return CliRunner().invoke(
            main,
            ["conformance", arguments[0], *where, *arguments[1:]],
            input=answer,
            env={"SFCC_CIN7_SANDBOX_PORT": port, **environment},
        )

    return run


def test_a_run_on_the_sandbox_ends_with_profile_and_report(
    conformance: Conformance, tmp_path: Path
) -> None:
    result = conformance("run", "--against", "sandbox", "--only", "sfcc.stock.export-on",
                         "--only", "cin7.sale.void")  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "What is written carries the marker zz-conf-" in result.output
    assert "2/2  holds    cin7.sale.void: VOIDED" in result.output
    [run] = tmp_path.iterdir()
    profile = load_profile(run / "profile.yaml")
    assert profile.account == "sandbox"
    assert profile.value("sfcc.stock.export-on") == "moves"
    assert (run / "report.html").exists()


def test_cleaning_says_that_nothing_is_left(
    conformance: Conformance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SystemClock", ManualClock)  # lists may lag; nobody waits for it
    result = conformance("clean", "--against", "sandbox")

    assert result.exit_code == 0, result.output
    assert result.output.endswith("Nothing is left.\n")


def test_a_run_that_expects_something_else_fails(conformance: Conformance, tmp_path: Path) -> None:
    expect = tmp_path / "expected.yaml"
    expect.write_text(
        "account: trial\nbehaviours:\n  cin7.auth.refusal-form:"
        " {value: text, observed: 2026-01-01, probe: cin7.auth.refusal-form}\n"
    )
    result = conformance("run", "--against", "sandbox", "--only", "cin7.auth.refusal-form",
                         "--expect", str(expect))  # fmt: skip

    assert result.exit_code == 1
    assert "DIFFERS  cin7.auth.refusal-form: list, expected text" in result.output


def test_writing_to_another_machine_is_asked_for_first(
    conformance: Conformance, tmp_path: Path
) -> None:
    trial = tmp_path / "trial.env"
    trial.write_text(
        "CIN7_ACCOUNT_ID=1\nCIN7_APPLICATION_KEY=secret-key\nCIN7_URL=https://192.0.2.1/v2\n"
    )
    result = conformance("run", "--against", str(trial), "--only", "cin7.sale.void", answer="n\n")

    assert result.exit_code == 1
    assert "Against https://192.0.2.1/v2" in result.output
    assert "Write to these systems? [y/N]" in result.output
    assert "secret-key" not in result.output
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


@pytest.mark.parametrize("kind", [[], ["--account-kind", "live"]])
def test_the_call_limit_of_an_account_in_which_people_work_is_not_used_up(
    conformance: Conformance, tmp_path: Path, kind: list[str]
) -> None:
    live = tmp_path / "live.env"
    live.write_text("CIN7_ACCOUNT_ID=1\nCIN7_APPLICATION_KEY=k\nCIN7_URL=https://192.0.2.1/v2\n")
    result = conformance("run", "--against", str(live), *kind, "--exceed-call-limit", "--yes")

    assert result.exit_code == 1
    assert "--account-kind" in result.output
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_ctrl_c_keeps_what_was_seen_and_says_how_to_clean(
    conformance: Conformance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_progress: Progress, _result: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "__call__", interrupted)
    result = conformance("run", "--against", "sandbox", "--only", "cin7.auth")

    assert result.exit_code == 130
    assert "the run ended early, after 1 of 3 probes" in result.output
    assert "sfcc-cin7 conformance clean --against sandbox" in result.output
    [run] = tmp_path.iterdir()
    assert len(load_profile(run / "profile.yaml").behaviours) == 1


def test_an_unknown_probe_is_a_sentence(conformance: Conformance) -> None:
    result = conformance("run", "--against", "sandbox", "--only", "cin7.nonsense")

    assert result.exit_code == 1
    assert "There is no probe 'cin7.nonsense'" in result.output


def test_a_sandbox_that_is_not_there_is_a_sentence(conformance: Conformance) -> None:
    result = conformance("run", "--against", "sandbox", SFCC_CIN7_SANDBOX_PORT="1")

    assert result.exit_code == 1
    assert "No sandbox answers at http://127.0.0.1:1" in result.output


def test_a_file_that_is_not_there_is_a_sentence(conformance: Conformance) -> None:
    result = conformance("run", "--against", "nowhere.env")

    assert "There is no file nowhere.env" in result.output


def test_every_probe_is_listed_with_its_claim(conformance: Conformance) -> None:
    result = conformance("list")

    assert len(result.output.splitlines()) == len(PROBES)
    assert "cin7.order.line-total" in result.output
