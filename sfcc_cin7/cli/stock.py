"""`sfcc-cin7 stock ...`: what a person asks about stock at a terminal."""

from pathlib import Path

import click

from sfcc_cin7.db.database import connect, database_url
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.preflight.findings import storefront_connection
from sfcc_cin7.runtime.settings import OPERATING_MODEL, require
from sfcc_cin7.stock.showing.explain import explain as explanation
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import SystemClock


@click.group()
def stock() -> None:
    """What the storefront offers, and why."""


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
