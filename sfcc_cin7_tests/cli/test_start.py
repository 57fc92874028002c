"""What `up` and `demo` refuse before they start anything, and what the commands import."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfcc_cin7.cli import start
from sfcc_cin7.cli.main import main
from sfcc_cin7.cli.supervisor import Stopped, Supervisor, unused_port
from sfcc_cin7.runtime.arming import ARMED, LOOKS_ONLY
from sfcc_cin7.runtime.settings import HOOKS_PORT, SANDBOX_PORT, UI_PORT, WATCH_PORT
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.project import PROJECT


@pytest.fixture
def checkout(tmp_path: Path) -> None:
    """The current folder of `command` looks like the project's."""
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(PROJECT / name, tmp_path)


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("variable", ["SFCC_CIN7_PORT", "SFCC_CIN7_SANDBOX_PORT"])
def test_a_port_in_use_names_the_variable_to_change(command: Command, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        with socket.create_server(("127.0.0.1", 0)) as other:
            unused = str(other.getsockname()[1])
        ports = {"SFCC_CIN7_PORT": unused, "SFCC_CIN7_SANDBOX_PORT": unused, variable: port}
        result = command("demo", ports)

    assert result.exit_code == 1
    assert f"Port {port} cannot be used" in result.output
    assert f"set {variable} to another port" in result.output


@pytest.mark.usefixtures("checkout")
def test_a_port_that_is_no_number_is_explained(command: Command) -> None:
    result = command("demo", {"SFCC_CIN7_SANDBOX_PORT": "eighty"})

    assert result.exit_code == 1
    assert "SFCC_CIN7_SANDBOX_PORT is 'eighty'" in result.output


def test_the_wrong_folder_is_explained(command: Command) -> None:
    result = command("demo", {})

    assert result.exit_code == 1
    assert "has no dagster.yaml: run this in the project's folder" in result.output


@pytest.mark.usefixtures("checkout")
def test_up_starts_nothing_while_a_secret_is_missing(
    command: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    result = command("up", environment | {"CIN7_APPLICATION_KEY": ""})

    assert result.exit_code == 1
    assert result.output.startswith("Error: CIN7_APPLICATION_KEY is not set")
    assert not (tmp_path / ".state").exists()


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(("value", "looks_only"), [("", True), ("1", False)])
def test_up_says_whether_it_only_looks(
    command: Command,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    value: str,
    looks_only: bool,
) -> None:
    monkeypatch.setattr(start, "start_dagster", lambda *_: "http://ui")
    monkeypatch.setattr(start, "start_watch", lambda *_: None)
    monkeypatch.setattr(Supervisor, "watch", nobody_waits)
    with socket.create_server(("127.0.0.1", 0)) as other:
        unused = str(other.getsockname()[1])

    free = {UI_PORT: unused, WATCH_PORT: str(unused_port()), ARMED: value}
    result = command("up", environment | free)

    assert "Dagster ready: http://ui" in result.output
    assert (LOOKS_ONLY in result.output) is looks_only


@pytest.mark.usefixtures("checkout")
def test_the_demo_is_armed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str] = {}
    monkeypatch.setattr(start, "the_only_one", lambda *_: None)
    monkeypatch.setattr(Supervisor, "start", lambda *_: None)
    monkeypatch.setattr(Supervisor, "wait_for", lambda *_: None)
    monkeypatch.setattr(start, "start_dagster", lambda *given: told.update(given[-1]))
    monkeypatch.setattr(start, "start_hooks", lambda *_: None)
    monkeypatch.setattr(start, "start_watch", lambda *_: None)
    monkeypatch.setattr(Supervisor, "watch", nobody_waits)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    names = (UI_PORT, SANDBOX_PORT, HOOKS_PORT, WATCH_PORT)
    ports = {name: str(each.getsockname()[1]) for name, each in zip(names, listeners, strict=True)}
    for each in listeners:
        each.close()

    command("demo", ports)

    assert told[ARMED] == "1"


def nobody_waits(_: Supervisor) -> None:
    raise Stopped


def test_check_reads_the_dotenv_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SFCC_CIN7_OPERATING_MODEL=merchant.yaml\n")

    run = subprocess.run(
        [sys.executable, "-m", "sfcc_cin7.cli", "check"],
        cwd=tmp_path,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert run.stderr.startswith("Error: SFCC_API_URL is not set")
    assert "SFCC_CIN7_OPERATING_MODEL" not in run.stderr


@pytest.mark.usefixtures("checkout")
def test_a_dotenv_file_changes_nothing_about_the_demo(command: Command, tmp_path: Path) -> None:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    unused, named, busy = (str(each.getsockname()[1]) for each in listeners)
    listeners[0].close()
    (tmp_path / ".env").write_text(f"SFCC_CIN7_PORT={named}\n")

    result = command("demo", {"SFCC_CIN7_SANDBOX_PORT": unused, "SFCC_CIN7_HOOKS_PORT": busy})

    for each in listeners:
        each.close()
    assert result.exit_code == 1
    assert f"Port {named}" not in result.output


def test_the_help_lists_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    brought = ("conformance", "health", "review", "sandbox", "stock", "watch")
    for name in ("check", "demo", "migrate", "up", *brought):
        assert f"\n  {name} " in result.output


def test_the_module_is_the_command() -> None:
    words = [sys.executable, "-m", "sfcc_cin7.cli", "hooks", "--help"]
    run = subprocess.run(words, capture_output=True, text=True, check=True)

    assert "\n  serve " in run.stdout


@pytest.mark.parametrize(
    "script",
    [
        "from click.testing import CliRunner; from sfcc_cin7.cli.main import main;"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0;",
        "import sfcc_cin7.definitions;",
    ],
    ids=["the help", "the code location, which a posting run loads"],
)
def test_frames_are_imported_only_where_they_are_used(script: str) -> None:
    words = [sys.executable, "-c", f"{script} import sys; sys.exit('pandas' in sys.modules)"]

    assert subprocess.run(words, check=False).returncode == 0


def test_the_sandbox_is_imported_by_its_own_command_alone() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from sfcc_cin7.cli.main import main;"
        "CliRunner().invoke(main, ['check'], env={'SFCC_API_URL': ''});"
        "import sfcc_cin7.cli.start, sfcc_cin7.preflight.preflight;"
        "sys.exit(any(name.startswith('sfcc_cin7_sandbox') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
