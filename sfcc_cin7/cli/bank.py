"""`sfcc-cin7 bank ...`: what a bank statement says, before anything is booked."""

from pathlib import Path

import click

from sfcc_cin7.merchant.operating_model import load_operating_model


@click.group()
def bank() -> None:
    """What the bank's statements say."""


@bank.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read(file: Path) -> None:
    """Show what is understood of the statement FILE: balances, sums, what is of gateways."""
    from sfcc_cin7.ledger import bank_summary
    from sfcc_cin7.runtime.settings import operating_model

    for sentence in bank_summary(file.read_bytes(), load_operating_model(operating_model())):
        click.echo(sentence)
