"""`sfcc-cin7 stock ...`: what a person asks about stock at a terminal."""

import click

from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require
from sfcc_cin7.stock import explain as explanation
from sfcc_cin7.stock import release_list


@click.group()
def stock() -> None:
    """What the storefront offers, and why."""


@stock.command()
@click.argument("list_id", metavar="LIST")
@click.argument("sku")
def explain(list_id: str, sku: str) -> None:
    """How the figure of a SKU in an inventory list comes about; nothing is changed."""
    require()
    with Deployment() as given:
        lines = explanation(given.engine, given.storefront, given.model, given.clock, list_id, sku)
        for what, figure in lines:
            click.echo(f"{what + ':':<24} {figure}")


@stock.command()
@click.argument("list_id", metavar="LIST")
def release(list_id: str) -> None:
    """Let pass what an inventory list is held for, for an hour; the next pass publishes it.

    Look first whether it is true: a location renamed, a wrong stock-take file and an ERP that
    answers zeros look alike.
    """
    require()
    with Deployment() as given:
        sentence = release_list(given.engine, given.model, list_id, given.clock.now())
        click.echo(f"Released: {sentence}")
