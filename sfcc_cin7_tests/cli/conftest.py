"""A merchant's engineer at a terminal, with an environment of their own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.cli.main import main
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_tests.project import SANDBOX_MODEL

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def systems() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=200) as running:
        yield running


@pytest.fixture
def environment(systems: RunningSandbox, engine: Engine) -> dict[str, str]:
    """Everything set up as it should be, and nothing used up of what Cin7 lets out in a minute."""
    systems.reset()
    return sandbox_environment(systems.url) | {
        "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
        "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
    }


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """`command("check", environment)` in an empty folder; what it printed and its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(name: str | Sequence[str], environment: Mapping[str, str]) -> Result:
        words = [name] if isinstance(name, str) else name
        return CliRunner().invoke(main, words, env=dict(environment))

    return run
