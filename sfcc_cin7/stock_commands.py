"""`sfcc-cin7 stock ...`: what a person asks about stock at a terminal."""

from pathlib import Path

import click
from dotenv import load_dotenv

from sfcc_cin7.clock import SystemClock
from sfcc_cin7.operating_model import load_operating_model
from sfcc_cin7.preflight import storefront_connection
from sfcc_cin7.settings import OPERATING_MODEL, require
from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.stock.explain import explain as explanation
from sfcc_cin7.store.database import connect, database_url


@click.group()
def stock() -> None:
    """What the storefront offers, and why."""
    load_dotenv(Path.cwd() / ".env")


@stock.command()
@click.argument("list_id", metavar="LIST")
@click.argument("sku")
def explain(list_id: str, sku: str) -> None:
    """How the figure of a SKU in an inventory list comes about; nothing is changed."""
    values, clock = require(), SystemClock()
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    with SfccClient(storefront_connection(values), clock) as shop:
        for what, figure in explanation(connect(database_url()), shop, model, clock, list_id, sku):
            click.echo(f"{what + ':':<24} {figure}")
