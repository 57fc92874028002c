"""Dagster under a supervisor: its code server, daemon and webserver, each a process of its own."""

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import yaml
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from sfcc_cin7.cli.brands import Brand
from sfcc_cin7.cli.embedded import every
from sfcc_cin7.cli.supervisor import LOOPBACK, Child, Supervisor, unused_port
from sfcc_cin7.db.brands import schema_of
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.runtime.places import STATE
from sfcc_cin7.runtime.settings import Ports

LOOK_AFTER_RUNS = 5.0
"""Seconds between two looks for runs whose processes have died."""


def start_dagster(
    supervisor: Supervisor,
    project: Path,
    state: Path,
    url: URL,
    environment: Mapping[str, str],
    further: Sequence[Brand] = (),
) -> str:
    """Start code server, webserver and daemon; the address of the UI when it answers.

    Each is a process of its own: a code server that dies takes neither the runs that it started
    nor the UI along. Each further brand has a code server too, with its own environment alone.
    Dagster's home is a folder of the state with the project's dagster.yaml in it. It works there
    too, so that a `.env` of the checkout never changes which systems it talks to.
    """
    ui_port = Ports().port
    brands = [Brand("", environment), *further]
    ports = {brand.name: unused_port() for brand in brands}
    home = state / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    instance = yaml.safe_load((project / "dagster.yaml").read_text())
    instance["concurrency"]["runs"]["max_concurrent_runs"] *= len(brands)  # each has its lanes
    (home / "dagster.yaml").write_text(yaml.safe_dump(instance))
    workspace = home / "workspace.yaml"
    servers = [
        {"grpc_server": {"host": LOOPBACK, "port": port, "location_name": schema_of(name)}}
        for name, port in ports.items()
    ]
    workspace.write_text(yaml.safe_dump({"load_from": servers}))
    own = {
        DATABASE_URL: url.render_as_string(hide_password=False),
        STATE: str(state),
        "DAGSTER_HOME": str(home),
    }
    os.environ.update(own)
    look_after_runs(supervisor)

    def start(name: str, *command: str, of: Mapping[str, str] = environment) -> Child:
        return supervisor.start(name, ["-m", *command], {**of, **own}, home)

    def serve(brand: Brand) -> None:
        port = ports[brand.name]
        where = ["-h", LOOPBACK, "-p", str(port)]
        what = ["-m", "sfcc_cin7.definitions", "--location-name", schema_of(brand.name)]
        name = process_of("code", brand.name)
        code = start(name, "dagster", "api", "grpc", *where, *what, of=brand.environment)
        supervisor.wait_until(code, lambda: accepts(port), f"listen on port {port}", 180)

    for brand in brands:
        serve(brand)
    start("daemon", "dagster._daemon", "run", "-w", str(workspace))
    where = ["-h", LOOPBACK, "-p", str(ui_port)]
    web = start("web", "dagster_webserver", *where, "-w", str(workspace))
    ui = f"http://{LOOPBACK}:{ui_port}"
    supervisor.wait_for(web, f"{ui}/server_info", 180)
    return ui


def process_of(what: str, brand: str) -> str:
    """The name of a brand's process, and of its log."""
    return f"{what}-{brand}" if brand else what


def accepts(port: int) -> bool:
    """Whether something listens on a loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def look_after_runs(supervisor: Supervisor) -> None:
    """Close the runs of a predecessor, and from now on those whose processes die unnoticed."""
    from dagster import DagsterInstance
    from dagster_postgres.utils import DagsterPostgresException

    from sfcc_cin7.cli.dead_runs import DeadRuns

    runs = DeadRuns(supervisor.at_end.enter_context(DagsterInstance.get()))
    runs.close_former()

    def look() -> None:
        with suppress(OperationalError, DagsterPostgresException):  # it is away
            runs.look()

    supervisor.guards.append(every(LOOK_AFTER_RUNS, look))
