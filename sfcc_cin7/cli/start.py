"""Everything under one parent: the database, Dagster, and for the demo both systems emulated.

What it leaves behind is in the state folder (`.state`): delete that, and it starts anew.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import URL

from sfcc_cin7.cli.brands import Brand, further_brands, refuse_brands_that_clash, with_places
from sfcc_cin7.cli.dagster_services import process_of, start_dagster
from sfcc_cin7.cli.embedded import the_only_one
from sfcc_cin7.cli.emulated import sandbox_address, sandbox_environment
from sfcc_cin7.cli.supervisor import (
    LOOPBACK,
    Supervisor,
    require_free,
    supervised,
    unused_port,
)
from sfcc_cin7.db.database import DATABASE_URL, connect, migrate
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.runtime.arming import ARMED, LOOKS_ONLY, armed
from sfcc_cin7.runtime.places import STATE, brand, state_folder
from sfcc_cin7.runtime.settings import (
    HOOKS_PORT,
    HOOKS_SECRET,
    HOOKS_URL,
    LINKS_SECRET,
    OPERATING_MODEL,
    PAYOUTS,
    SANDBOX_PORT,
    UI_PORT,
    WATCH_PORT,
    Cin7Settings,
    MerchantSettings,
    Ports,
    SfccSettings,
    hooks,
    links,
    read,
    require,
    variables,
)
from sfcc_cin7.values.problems import ConfigurationError

Say = Callable[[str], None]

ORDERS_PER_MINUTE = 10
RUNNING = "running"
"""A file of the state, there from a start to its end."""
AFTER_A_KILL = 15.0
"""Seconds that what a killed start had started may take to end."""

LOOK_AT = """\
  Open {ui}
    {ui}/asset-groups          the lineage: press Alt+E to open all groups
    {ui}/assets/cin7_sales     orders on their way into the ERP, second by second
    {ui}/runs                  what runs now
  Four checks fail on purpose; README.md says which and why.
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
    patience = _patience(state)
    require_free(ports.sandbox_port, SANDBOX_PORT, patience)
    require_free(ports.port, UI_PORT, patience)
    require_free(ports.hooks_port, HOOKS_PORT, patience)
    require_free(ports.watch_port, WATCH_PORT, patience)
    address = sandbox_address()
    environment = sandbox_environment(address) | {
        HOOKS_URL: f"http://{LOOPBACK}:{ports.hooks_port}",
        HOOKS_SECRET: secrets.token_urlsafe(32),
        LINKS_SECRET: secrets.token_urlsafe(32),
        OPERATING_MODEL: str(project / "config" / "sandbox.yaml"),
        PAYOUTS: str(state / "payouts"),
        ARMED: "1",
    }
    with supervised(state / "logs") as supervisor:
        step = Steps(say)
        _note_start(supervisor, state)
        url = the_only_one(supervisor, state, say)
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
        start_watch(supervisor, url, environment)
        step.done(f"health is told at http://{LOOPBACK}:{ports.watch_port}/health")
        ui = start_dagster(supervisor, project, state, url, environment)
        step.done("Dagster ready")
        say(LOOK_AT.format(ui=ui, logs=state / "logs"))
        supervisor.at_end.callback(say, "Stopping ...")
        supervisor.watch()


def up(say: Say) -> None:
    """Dagster against the systems that the environment names, until Ctrl-C. Raises as `demo`."""
    project, state, ports = project_folder(), state_folder(), Ports()
    if name := brand():
        raise ConfigurationError(f"`up` starts every brand: run it without {name}.")
    require()
    model = read(MerchantSettings).operating_model.resolve()
    load_operating_model(model)
    brands = further_brands(project)
    refuse_brands_that_clash(brands)
    brands = [with_places(each, project) for each in brands]
    environment = variables(read(SfccSettings), read(Cin7Settings)) | {OPERATING_MODEL: str(model)}
    patience = _patience(state)
    links()  # a secret that cannot be used is told before anything starts
    require_free(ports.port, UI_PORT, patience)
    require_free(ports.watch_port, WATCH_PORT, patience)
    if (configured := hooks()) is not None:
        require_free(ports.hooks_port, HOOKS_PORT, patience)
        secret = configured.secret.get_secret_value()
        environment |= {HOOKS_URL: configured.url, HOOKS_SECRET: secret}
    with supervised(state / "logs") as supervisor:
        step = Steps(say)
        _note_start(supervisor, state)
        url = the_only_one(supervisor, state, say)
        step.done("database ready")
        if configured is not None:
            start_hooks(supervisor, url, environment)
            step.done("webhooks are taken")
        start_watch(supervisor, url, environment)
        step.done(f"health is told at http://{LOOPBACK}:{ports.watch_port}/health")
        for another in brands:
            watched = start_beside(supervisor, url, another)
            step.done(f"health of {another.name} is told at http://{LOOPBACK}:{watched}/health")
        ui = start_dagster(supervisor, project, state, url, environment, brands)
        step.done(f"Dagster ready: {ui}")
        if not armed():
            say(LOOKS_ONLY)
        supervisor.at_end.callback(say, "Stopping ...")
        supervisor.watch()


def start_hooks(
    supervisor: Supervisor,
    url: URL,
    environment: Mapping[str, str],
    brand: str = "",
    port: int | None = None,
) -> None:
    """Start the receiver of Cin7's webhooks, on loopback: what lets Cin7 in stands before it."""
    own = {DATABASE_URL: url.render_as_string(hide_password=False)}
    command = ["-m", "sfcc_cin7.cli", "hooks", "serve"]
    name = process_of("hooks", brand)
    receiver = supervisor.start(name, command, {**environment, **own}, project_folder())
    supervisor.wait_for(receiver, f"http://{LOOPBACK}:{port or Ports().hooks_port}/live", 60)


def start_watch(
    supervisor: Supervisor,
    url: URL,
    environment: Mapping[str, str],
    brand: str = "",
    port: int | None = None,
) -> None:
    """Start the watcher, on loopback: it tells how things are also when Dagster does not run."""
    own = {DATABASE_URL: url.render_as_string(hide_password=False)}
    command = ["-m", "sfcc_cin7.cli", "watch", "serve"]
    name = process_of("watch", brand)
    watcher = supervisor.start(name, command, {**environment, **own}, project_folder())
    supervisor.wait_for(watcher, f"http://{LOOPBACK}:{port or Ports().watch_port}/live", 60)


def start_beside(supervisor: Supervisor, url: URL, another: Brand) -> int:
    """Start the watcher of a further brand, and its receiver if it has webhooks; where the watcher
    listens. Ports that the brand's file does not name are any that are free."""
    engine = connect(url, another.name)
    migrate(engine)
    engine.dispose()
    given = another.environment
    taken = {name: given.get(name) or str(unused_port()) for name in (WATCH_PORT, HOOKS_PORT)}
    environment = {**given, **taken, STATE: str(state_folder())}
    if given.get(HOOKS_URL):
        start_hooks(supervisor, url, environment, another.name, int(taken[HOOKS_PORT]))
    start_watch(supervisor, url, environment, another.name, int(taken[WATCH_PORT]))
    return int(taken[WATCH_PORT])


def _patience(state: Path) -> float:
    """How long ports may still be in use: a while where a start has not ended, because it was
    killed; its keeper ends what it had started."""
    return AFTER_A_KILL if (state / RUNNING).exists() else 0.0


def _note_start(supervisor: Supervisor, state: Path) -> None:
    (state / RUNNING).touch()
    supervisor.at_end.callback((state / RUNNING).unlink, missing_ok=True)


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
