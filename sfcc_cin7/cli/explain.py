"""`sfcc-cin7 explain NAME`: one order, SKU, payout or break from end to end."""

import click

from sfcc_cin7.cli.opened import model_of, opened
from sfcc_cin7.handover import explain as explanation
from sfcc_cin7.inbox.action import ActionRefused


@click.command()
@click.argument("name", metavar="ORDER|SKU|PAYOUT|break:NUMBER")
def explain(name: str) -> None:
    """What happened to an order, a SKU, a payout or a break, what is open, and what to do.

    Nothing is asked of either system: it is told from the store, each line with its instant.
    """
    try:
        with opened() as given, given.engine.connect() as connection:
            story = explanation(connection, name, model_of(given), given.clock.now())
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(story.text())
