"""A clean checkout without any environment: every way in works, and all lead to one house."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from sfcc_cin7.cli.embedded import stop_embedded
from sfcc_cin7.db.database import connect, embedded_url
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL

pytestmark = pytest.mark.processes

FILES = ("dagster.yaml", "workspace.yaml", "pyproject.toml")
FOLDERS = ("sfcc_cin7", "config")
PATIENCE = 240.0
"""Seconds after which a command that does not answer counts as hanging."""
LAUNCHED = "-m sfcc_cin7.definitions"


@contextmanager
def cloned() -> Iterator[Path]:
    """A checkout as git has it; at the end its database is stopped, whoever still uses it."""
    with tempfile.TemporaryDirectory(prefix="sfcc_cin7_clone_") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded database may run as another user
        (folder / "home").mkdir()
        for each in FILES:
            shutil.copy(PROJECT / each, folder)
        for each in FOLDERS:
            shutil.copytree(
                PROJECT / each, folder / each, ignore=shutil.ignore_patterns("__pycache__")
            )
        try:
            yield folder
        finally:
            embedded_url(folder / ".state" / "postgres")  # only who has it can stop it
            stop_embedded(folder / ".state" / "postgres")


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    with cloned() as folder:
        yield folder


class Started:
    """A command as somebody types it in a checkout, with nothing set."""

    def __init__(self, clone: Path, command: str) -> None:
        name, *words = command.split()
        self._log = clone / "home" / f"{time.monotonic_ns()}.log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).with_name(name)), *words],
                cwd=clone,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(clone / "home"),
                    "COLUMNS": "200",
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self, code: int = 0) -> str:
        """What it printed, when it has ended as it should."""
        try:
            found = self.process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):  # a code server outlives its parent for a while
                os.killpg(self.process.pid, signal.SIGKILL)
        assert found == code, self.printed
        return self.printed

    @property
    def printed(self) -> str:
        return self._log.read_text()


def runs(clone: Path) -> list[tuple[str, str]]:
    """Job and state of the runs that the checkout's database knows."""
    engine = connect(embedded_url(clone / ".state" / "postgres"))
    with engine.connect() as connection:
        found = connection.execute(text("select pipeline_name, status from dagster.runs"))
        names = [(row.pipeline_name, row.status) for row in found]
    engine.dispose()
    return names


def nothing_lies_about(clone: Path) -> None:
    """What was kept is in the state folder."""
    assert {path.name for path in clone.iterdir()} == {*FILES, *FOLDERS, "home", ".state"}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("dagster definitions validate", "Validation successful for code location sfcc_cin7."),
        ("dg check defs", "All definitions loaded successfully."),
        ("dg list defs --json", '"order_ledger"'),
    ],
)
def test_the_definitions_are_found_and_good(clone: Path, command: str, told: str) -> None:
    output = Started(clone, command).ended()
    assert told in output
    for warning in ("BetaWarning", "PreviewWarning", "Traceback"):
        assert warning not in output
    nothing_lies_about(clone)


def test_two_that_start_at_the_same_moment_share_one_new_database() -> None:
    """One has all that it takes; the other says in one sentence which credentials are missing."""
    with cloned() as clone:
        pruning = Started(clone, f"dagster job execute {LAUNCHED} -j prune_documents")
        catalogues = Started(clone, f"dagster asset materialize {LAUNCHED} --select sku_map")
        output = catalogues.ended(1)
        pruning.ended()
        assert set(runs(clone)) == {("prune_documents", "SUCCESS"), ("__ASSET_JOB", "FAILURE")}
        nothing_lies_about(clone)
    [sentence] = {line for line in output.splitlines() if "SFCC_API_URL is not set" in line}
    assert "it is the Commerce API (https://<short code>.api." in sentence
    assert "SFCC_CLIENT_SECRET" in sentence


ASKED = """{
  workspaceOrError { ... on Workspace { locationEntries {
    name locationOrLoadError { __typename } } } }
  assetNodeOrError(assetKey: {path: ["order_ledger"]}) {
    ... on AssetNode { partitionKeys pools } }
  instance { info }
}"""


@pytest.mark.parametrize("command", ["dagster dev", "dagster dev -w workspace.yaml", "dg dev"])
def test_dagster_itself_shows_the_same_house(clone: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    dagster = Started(clone, f"{command} -h 127.0.0.1 -p {port}")
    try:
        shown = answered(dagster, f"http://127.0.0.1:{port}/graphql")
    finally:
        dagster.process.send_signal(signal.SIGINT)
        output = dagster.ended()
    [location] = shown["workspaceOrError"]["locationEntries"]
    assert location["name"] == "sfcc_cin7"
    assert location["locationOrLoadError"] == {"__typename": "RepositoryLocation"}
    ledger = shown["assetNodeOrError"]
    assert ledger["partitionKeys"][0] == load_operating_model(SANDBOX_MODEL).first_day
    assert ledger["pools"] == ["reconcile"]
    assert "key: sfcc_cin7/lane" in shown["instance"]["info"]
    assert "module: sfcc_cin7.runtime.storage" in shown["instance"]["info"]
    assert "BetaWarning" not in output
    nothing_lies_about(clone)


def answered(dagster: Started, url: str) -> Any:
    """What Dagster's webserver says when it is up."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and dagster.process.poll() is None:
        try:
            answer = httpx.post(url, json={"query": ASKED}, timeout=60)
        except httpx.HTTPError:
            time.sleep(0.2)
            continue
        return answer.json()["data"]
    raise AssertionError(dagster.printed)
