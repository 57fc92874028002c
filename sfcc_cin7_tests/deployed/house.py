"""Code server, webserver and daemon as a platform runs them: each a user, with what it needs."""

import compileall
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from sfcc_cin7_tests.project import PROJECT

CODE, WEBSERVER, DAEMON = 61001, 61002, 61003
"""Users without a name, as containers have them."""
PATIENCE = 180.0


@dataclass(frozen=True)
class Process:
    """A running process, its user, and the folder that is its own."""

    name: str
    user: int
    popen: "subprocess.Popen[bytes]"
    folder: Path

    @property
    def family(self) -> list[int]:
        """It and what it has started."""
        found, seen = [self.popen.pid], set()
        while pid := next((each for each in found if each not in seen), None):
            seen.add(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def environment(self) -> bytes:
        """What the kernel holds of the environment of it and its children."""
        return b"".join(Path(f"/proc/{pid}/environ").read_bytes() for pid in self.family)

    def memory(self) -> Iterator[bytes]:
        """What it and its children have in memory, piece by piece."""
        for pid in self.family:
            with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
                for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                    place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
                    if place is None:
                        continue
                    start, end = (int(each, 16) for each in place.groups())
                    try:
                        memory.seek(start)
                        yield memory.read(end - start)
                    except (OSError, ValueError, OverflowError):  # the kernel's own pages
                        continue

    def holds(self, *secrets: str) -> set[str]:
        """Which of these are anywhere in its memory."""
        wanted = {each: each.encode() for each in secrets}
        return {
            each for part in self.memory() for each, spelled in wanted.items() if spelled in part
        }


@dataclass(frozen=True)
class House:
    """The processes, and the address of the UI."""

    code: Process
    webserver: Process
    daemon: Process
    ui: str

    def ask(self, query: str, **variables: Any) -> Any:
        """What the webserver answers to a question of GraphQL."""
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.ui}/graphql", json=body, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def materialize(self, *assets: str, partition: str) -> None:
        """Launch a run by the webserver, as a person does there, and wait until it succeeded."""
        selector = {
            "repositoryLocationName": "sfcc_cin7",
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
            "assetSelection": [{"path": [each]} for each in assets],
        }
        tags = [{"key": "dagster/partition", "value": partition}]
        params = {"selector": selector, "executionMetadata": {"tags": tags}}
        launched = self.ask(LAUNCH, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run, status = launched["run"]["runId"], ""
        deadline = time.monotonic() + PATIENCE
        while status not in ("SUCCESS", "FAILURE", "CANCELED") and time.monotonic() < deadline:
            time.sleep(0.5)
            status = self.ask(STATUS, run=run)["runOrError"]["status"]
        assert status == "SUCCESS", (status, self.told())

    def told(self) -> str:
        """The ends of what the processes printed."""
        processes = (self.code, self.webserver, self.daemon)
        return "\n".join((each.folder / "log").read_text()[-4000:] for each in processes)


LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def house(
    folder: Path,
    merchant: Mapping[str, str],
    secrets: Mapping[str, str],
    app: str,
    dagster: str,
) -> Iterator[House]:
    """Start all three. `merchant` are variables and `secrets` such as come in files, for the code
    server alone; `app` and `dagster` are addresses of the database for two logins."""
    shutil.copytree(
        PROJECT / "sfcc_cin7",
        folder / "code" / "sfcc_cin7",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    compileall.compile_dir(folder / "code", quiet=1)  # once, and not by each of them
    shutil.copytree(PROJECT / "config", folder / "code" / "config")
    home = folder / "home"  # nobody but root writes here, as in an image
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    port, ui_port = unused_port(), unused_port()
    served = {"host": "127.0.0.1", "port": port, "location_name": "sfcc_cin7"}
    (home / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [{"grpc_server": served}]}))
    python, path = _interpreter(folder / "code")
    started: list[Process] = []

    def start(
        name: str,
        user: int,
        url: str,
        given: Mapping[str, str],
        hidden: Mapping[str, str],
        *words: str,
    ) -> Process:
        own = folder / name
        own.mkdir(mode=0o700)
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(own),
            "DAGSTER_HOME": str(home),
            "SFCC_CIN7_STATE": str(own / "state"),
            **given,
        }
        for variable, value in {"SFCC_CIN7_DATABASE_URL": url, **hidden}.items():
            file = own / variable.lower()
            file.write_text(value)
            file.chmod(0o400)
            os.chown(file, user, user)
            environment[f"{variable}_FILE"] = str(file)
        os.chown(own, user, user)
        with (own / "log").open("wb") as log:
            popen = subprocess.Popen(
                [python, "-m", *words],
                user=user,
                group=user,
                extra_groups=[],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(name, user, popen, own)
        started.append(process)
        return process

    try:
        where = ["-h", "127.0.0.1", "-p", str(port), "--location-name", "sfcc_cin7"]
        grpc = ["dagster", "api", "grpc", "-m", "sfcc_cin7.definitions", *where]
        code = start("code-server", CODE, app, merchant, secrets, *grpc)
        _until(code, lambda: _accepts(port))
        serve = ["dagster_webserver", "-h", "127.0.0.1", "-p", str(ui_port), "-w", "workspace.yaml"]
        webserver = start("webserver", WEBSERVER, dagster, {}, {}, *serve)
        run = ["dagster._daemon", "run", "-w", "workspace.yaml"]
        daemon = start("daemon", DAEMON, dagster, {}, {}, *run)
        ui = f"http://127.0.0.1:{ui_port}"
        _until(webserver, lambda: _answers(f"{ui}/server_info"))
        yield House(code, webserver, daemon, ui)
    finally:
        _end(started)


def _end(started: list[Process]) -> None:
    for sign, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        for process in started:
            for pid in process.family if process.popen.poll() is None else ():
                os.kill(pid, sign)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and any(each.popen.poll() is None for each in started):
            time.sleep(0.1)


def _interpreter(code: Path) -> tuple[str, str]:
    """A Python that other users may start, and the path on which it finds everything."""
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    path = f"{code}{os.pathsep}{site}"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            tried = subprocess.run(
                [python, "-c", "import dagster_webserver, dagster_postgres, lxml.etree"],
                user=CODE,
                group=CODE,
                extra_groups=[],
                cwd="/",
                env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python, path
    name = pwd.getpwuid(os.geteuid()).pw_name
    pytest.skip(f"No other user than {name} can start Python with what is installed in {site}.")


def _until(process: Process, ready: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        log = (process.folder / "log").read_text()[-3000:]
        assert process.popen.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.2)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False
