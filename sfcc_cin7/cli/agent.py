"""`sfcc-cin7 mcp` and `sfcc-cin7 agent ...`: what an agent may do, and what people let it do."""

import click

from sfcc_cin7 import agent as agents
from sfcc_cin7.cli.opened import by, opened
from sfcc_cin7.db.database import connect_to_look
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.operations import Lookout
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.settings import Ports, agent_token


@click.command()
@click.option("--as", "who", required=True, metavar="NAME", help="On whose behalf; it is kept.")
@click.option("--http", is_flag=True, help="Over HTTP on loopback instead of stdio.")
def mcp(who: str, http: bool) -> None:
    """Serve an agent over the Model Context Protocol (docs/agent.md); needs the extra `agent`.

    It may read, and propose; nothing is done before a person confirms it.
    """
    token = agent_token() if http else ""
    with opened() as given:
        _serve(given, who, token)


def _serve(given: Deployment, who: str, token: str) -> None:
    url, clock = given.engine.url, given.clock
    lookout = Lookout(
        lambda: url, lambda: given.model, clock, payouts=bool(PlaceSettings().payouts)
    )
    looking = connect_to_look(url, agents.STATEMENT)
    try:
        made = agents.served(looking, given.engine, clock, lambda: given.model, lookout.look, who)
        if token:
            port = Ports().agent_port
            click.echo(f"An agent is served at http://127.0.0.1:{port}/mcp", err=True)
            agents.serve_http(made, token, port)
        else:
            made.run("stdio")
    finally:
        lookout.close()
        looking.dispose()


@click.group()
def agent() -> None:
    """What agents proposed and asked: people decide here."""


@agent.command("list")
def list_() -> None:
    """What was proposed, the newest first."""
    with opened() as given:
        now = given.clock.now()
        with given.engine.connect() as connection:
            rows = agents.proposals(connection)
    for each in rows:
        click.echo(f"{each.id}  {each.action:<8}  {each.standing(now)}: {each.because}")
    if not rows:
        click.echo("Nothing was proposed.")


@agent.command()
@click.argument("proposal")
@click.option("--yes", is_flag=True, help="Do not ask: it was read already.")
@by
def confirm(proposal: str, yes: bool, by: str) -> None:
    """Read a proposal with its proof, and get the token that lets it be executed once."""
    with opened() as given:
        try:
            wanted = agents.show(given.engine, proposal)
            arguments = ", ".join(f"{name}: {value}" for name, value in wanted.arguments.items())
            click.echo(f"{wanted.proposed_by} proposes: {wanted.action} ({arguments})")
            click.echo(f"Because: {wanted.because}\nWhat would be done:\n{wanted.proof}")
            if not yes and not click.confirm("Is this to be done?"):
                agents.reject(given.engine, proposal, by, given.clock.now())
                click.echo("It is rejected.")
                return
            token = agents.confirm(given.engine, proposal, by, given.clock.now())
        except ActionRefused as refused:
            raise click.ClickException(str(refused)) from None
    click.echo(f"Give the agent this token, within ten minutes; it is good once:\n{token}")


@agent.command()
@click.argument("proposal")
@by
def reject(proposal: str, by: str) -> None:
    """Nobody executes it any more."""
    with opened() as given:
        try:
            agents.reject(given.engine, proposal, by, given.clock.now())
        except ActionRefused as refused:
            raise click.ClickException(str(refused)) from None
    click.echo("It is rejected.")


@agent.command()
def calls() -> None:
    """The latest calls: who asked for what, and what came of it."""
    with opened() as given, given.engine.connect() as connection:
        rows = agents.calls(connection)
    for row in rows:
        arguments = ", ".join(f"{name}: {value}" for name, value in row.arguments.items())
        told = f"{row.tool}({arguments}) {row.kind} {row.detail}".rstrip()
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.who}  {told}")
