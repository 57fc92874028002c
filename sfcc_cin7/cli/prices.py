"""`sfcc-cin7 prices ...`: what a person asks about prices at a terminal, and lets pass."""

import click

from sfcc_cin7.catalogue import explain_price, held_prices, release_prices
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require


@click.group()
def prices() -> None:
    """What the price books ask, and why."""


@prices.command(name="list")
@click.argument("book")
def list_(book: str) -> None:
    """The prices of a price book that wait for a person, with both figures."""
    require()
    with Deployment() as given:
        rows = [*held_prices(given.engine, given.model, book)]
        for sku, code, expected, actual in rows:
            click.echo(f"{sku:<32} {code:<20} {actual}, against {expected}")
        if not rows:
            click.echo("Nothing waits.")


@prices.command()
@click.argument("book")
@click.argument("sku")
def explain(book: str, sku: str) -> None:
    """How the price of a SKU in a price book comes about; nothing is changed."""
    require()
    with Deployment() as given:
        for what, figure in explain_price(given.engine, given.model, book, sku):
            click.echo(f"{what + ':':<24} {figure}")


@prices.command()
@click.argument("book")
@click.argument("skus", nargs=-1)
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", required=True, help="Why.")
def release(book: str, skus: tuple[str, ...], by: str, because: str) -> None:
    """Let pass what waits in a price book, of these SKUs or all of it; the next pass tells it."""
    require()
    with Deployment() as given:
        try:
            author = Author.of(by, because)
            count = release_prices(given.engine, given.model, book, skus, author, given.clock.now())
        except ActionRefused as refused:
            raise click.ClickException(str(refused)) from None
        click.echo(f"Released: {count:,} prices of {book}.")
