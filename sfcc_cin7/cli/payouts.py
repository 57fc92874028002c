"""`sfcc-cin7 payouts ...`: what a settlement file says, before anything is booked."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values.problems import ConfigurationError


@click.group()
def payouts() -> None:
    """What gateways' settlement files say."""


@payouts.command(name="read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--gateway", help="The gateway of the operating model; else the file's folder.")
def read_file(file: Path, gateway: str | None) -> None:
    """Show what is understood of FILE: kinds of rows, sums, transfers. Nothing is booked."""
    from sfcc_cin7.ledger import summary

    gateways = _model().ledger.gateways
    name = gateway or file.resolve().parent.name
    if name not in gateways:
        raise ConfigurationError(
            f"The operating model has no gateway {name}: say --gateway and one of"
            f" {', '.join(sorted(gateways)) or 'none'}."
        )
    for sentence in summary(file.read_bytes(), gateways[name]):
        click.echo(sentence)


@payouts.command(name="confirm")
@click.argument("gateway")
@click.argument("name")
@click.option("--sum", "sums", multiple=True, metavar='"9.80 GBP"')
@click.option("--by", "author", required=True, help="Who saw the sum on the bank's statement.")
def confirm_report(gateway: str, name: str, sums: tuple[str, ...], author: str) -> None:
    """Make report NAME of GATEWAY final: its lines come to these sums, one for each currency
    (to none, if it has no lines)."""
    from sfcc_cin7.ledger import confirm
    from sfcc_cin7.runtime.deployment import Deployment

    with Deployment() as given:
        stated = dict(map(_sum, sums))
        confirm(given.engine, gateway, name, stated, author)
    click.echo(f"{name} is final.")


def _sum(text: str) -> tuple[str, Decimal]:
    try:
        amount, currency = text.split()
        return currency.upper(), Decimal(amount)
    except (ValueError, InvalidOperation):
        raise ConfigurationError(f"{text} is no sum like 9.80 GBP.") from None


def _model() -> OperatingModel:
    from sfcc_cin7.runtime.settings import operating_model

    return load_operating_model(operating_model())
