"""`sfcc-cin7 periods ...`: which months of the books are closed, and closing one."""

import click

from sfcc_cin7.runtime.deployment import Deployment


@click.group()
def periods() -> None:
    """Months of the books."""


@periods.command()
def show() -> None:
    """What is closed, by whom, and what the next month waits for."""
    from sfcc_cin7.ledger import months_shown

    with Deployment() as given:
        for sentence in months_shown(given.engine, given.model, given.clock):
            click.echo(sentence)


@periods.command()
@click.argument("month")
@click.option("--by", "author", required=True, help="Who closes it.")
@click.option("--because", "reason", default="", help="What there is to say about it.")
def close(month: str, author: str, reason: str) -> None:
    """Close MONTH (as 2026-01): what comes later for it is posted in the open one."""
    from sfcc_cin7.ledger import close_month

    with Deployment() as given:
        close_month(given.engine, given.model, given.clock, month, author, reason)
    click.echo(f"{month} is closed.")


@periods.command()
@click.argument("month")
@click.option("--by", "author", required=True, help="Who opens it.")
@click.option("--because", "reason", required=True, help="Why.")
def reopen(month: str, author: str, reason: str) -> None:
    """Open MONTH, the last closed one, again."""
    from sfcc_cin7.ledger import reopen_month

    with Deployment() as given:
        reopen_month(given.engine, given.clock, month, author, reason)
    click.echo(f"{month} is open again.")
