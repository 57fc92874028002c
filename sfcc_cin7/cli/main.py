"""`sfcc-cin7 ...`: the demo, the real thing, and whether everything is set up."""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import click
from dotenv import load_dotenv

from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.values.problems import ConfigurationError

BROUGHT = "sfcc_cin7.commands"
"""The entry points by which a package brings a command, or a group of them, of its own."""
ENVIRONMENT = ".env"
BRAND = "SFCC_CIN7_BRAND"
OWN_SYSTEMS = ("demo", "conformance", "sandbox")
"""Commands that are told their systems, or bring them: no `.env` of the folder changes which."""


class Commands(click.Group):
    """Commands that end in one sentence where a person has to mend something.

    What a package brings is imported when it is asked for: the product itself does not know the
    sandbox, and no other command needs the conformance kit, the review desk or the stock room.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *entry_points(group=BROUGHT).names])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is None:
            for brought in entry_points(group=BROUGHT, name=cmd_name):
                command = brought.load()
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ConfigurationError, ApiError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands)
@click.option("--brand", envvar=BRAND, help="A further brand: its variables are in .env.BRAND.")
@click.pass_context
def main(context: click.Context, brand: str | None) -> None:
    """Keeps Salesforce Commerce Cloud and Cin7 Core telling the same story."""
    if brand:
        os.environ[BRAND] = brand
    if context.invoked_subcommand not in OWN_SYSTEMS:
        load_dotenv(Path.cwd() / (f"{ENVIRONMENT}.{brand}" if brand else ENVIRONMENT))


@main.command()
def demo() -> None:
    """Everything at once: database, both systems emulated with shoppers, Dagster."""
    from sfcc_cin7.cli.start import demo

    _supervise(demo)


@main.command()
def up() -> None:
    """Database and Dagster against the systems that the environment (or .env) names."""
    from sfcc_cin7.cli.start import up

    _supervise(up)


@main.command()
def check() -> None:
    """Whether the operating model, the database and both systems can be used."""
    from sfcc_cin7.preflight import findings

    failed = False
    for finding in findings():
        failed |= not finding.good
        click.echo(f"{'ok    ' if finding.good else 'failed'}  {finding.what}: {finding.sentence}")
    if failed:
        raise SystemExit(1)


@main.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("preflight"),
    show_default=True,
    help="The folder of the report; the one that lies there is compared with.",
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
def preflight(folder: Path, days: int) -> None:
    """Look at both systems, write to neither, and report whether to go live and what to mend."""
    from sfcc_cin7.cli.preflight import write_report

    if not write_report(folder, days):
        raise SystemExit(1)


@main.command()
@click.option(
    "--with-roles",
    is_flag=True,
    help="Also make the roles of processes that are not the tables' owner, without logins.",
)
def migrate(with_roles: bool) -> None:
    """Bring the database's tables up to date (`demo` and `up` do so by themselves).

    Dagster's are made where they are missing, and what each role may do is granted anew.
    """
    from sfcc_cin7.db.database import migrate
    from sfcc_cin7.db.roles import create_roles, grant_again
    from sfcc_cin7.runtime.deployment import Deployment
    from sfcc_cin7.runtime.storage import Storage

    with Deployment() as deployment:
        migrate(deployment.engine)
        Storage.make_tables(deployment.engine.url)
        if with_roles:
            create_roles(deployment.engine)
        else:
            grant_again(deployment.engine)
        url = deployment.engine.url.render_as_string(hide_password=True)
    click.echo(f"Up to date: {url}")


@main.command()
def restored() -> None:
    """Tell that the database was brought back, where that shows by nothing (a copied disk)."""
    from sfcc_cin7.db.recovery import notice
    from sfcc_cin7.runtime.deployment import Deployment

    with Deployment() as deployment, deployment.engine.begin() as connection:
        notice(connection, deployment.clock)
    click.echo("Noted: whatever is written next is looked up first.")


@main.group()
def runs() -> None:
    """Dagster's runs, where containers are started and ended by others."""


@runs.command(name="close-former")
@click.option("--host", required=True, help="How the daemon reaches the code server.")
@click.option("--port", type=click.IntRange(1, 65535), default=4000, show_default=True)
def close_former(host: str, port: int) -> None:
    """Before a code server starts: what the one before it ran has ended with it.

    Only where a code server's runs are its processes (DefaultRunLauncher) and the former one is
    gone. What Dagster believes to run would keep its lane closed until its time is over.
    """
    from dagster import DagsterInstance

    from sfcc_cin7.cli.dead_runs import close_all

    with DagsterInstance.get() as instance:
        closed = close_all(instance, host, port)
    click.echo(f"{closed} runs of the former code server were closed.")


@main.group()
def hooks() -> None:
    """Cin7's webhooks: hints that make the next reading of stock and shipments sooner."""


@hooks.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
def serve_hooks(host: str) -> None:
    """Take Cin7's webhooks until Ctrl-C (`demo` and `up` do so by themselves), and answer the links
    of alerts where SFCC_CIN7_LINKS_SECRET signs them (docs/alerts.md)."""
    from sfcc_cin7.alerts import Links, acknowledging_page
    from sfcc_cin7.fulfilment import sale_hooks
    from sfcc_cin7.runtime.deployment import Deployment
    from sfcc_cin7.runtime.hooks import serve
    from sfcc_cin7.runtime.settings import HOOKS_SECRET, HOOKS_URL, Ports, hooks, links
    from sfcc_cin7.stock import stock_hook

    settings = hooks()
    if settings is None:
        raise ConfigurationError(
            f"{HOOKS_URL} and {HOOKS_SECRET} are not set: see docs/webhooks.md."
        )
    secret = settings.secret.get_secret_value()
    listening, signed = Ports().hooks_port, links()
    with Deployment() as deployment:
        engine, clock = deployment.engine, deployment.clock
        taken = [stock_hook(engine, clock), *sale_hooks(engine, clock)]
        pages = []
        if signed is not None:
            made = Links(signed.url, signed.secret.get_secret_value())
            pages.append(acknowledging_page(engine, clock, made))
        serve(taken, secret, host, listening, pages)


@main.command()
def claims() -> None:
    """What only our database knows, as JSON: who shares a sale, and what waits for a person."""
    from sfcc_cin7.cli.claims import claims
    from sfcc_cin7.merchant.operating_model import load_operating_model
    from sfcc_cin7.runtime.deployment import Deployment
    from sfcc_cin7.runtime.settings import operating_model
    from sfcc_cin7.values import decimal_json

    with Deployment() as deployment, deployment.engine.connect() as connection:
        model = load_operating_model(operating_model())
        click.echo(decimal_json.dumps(claims(connection, model)))


def _supervise(run: Callable[[Callable[[str], None]], None]) -> None:
    from sfcc_cin7.cli.supervisor import ChildFailed, Stopped

    try:
        run(click.echo)
    except Stopped:
        click.echo("Stopped; nothing is left running.")
    except ChildFailed as error:
        raise click.ClickException(str(error)) from None
