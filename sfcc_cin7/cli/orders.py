"""`sfcc-cin7 orders ...`: what would become of past orders, before anything is posted."""

from collections.abc import Mapping
from datetime import timedelta

import click

from sfcc_cin7.catalogue import read_catalogues, was_read
from sfcc_cin7.db.database import migrate
from sfcc_cin7.orders import Trial, chosen, together, try_orders
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require

MOST_STEPS = 15


@click.group()
def orders() -> None:
    """Orders of the storefront."""


@orders.command(name="try")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="How far back from now, by creation.",
)
@click.option("--site", default="", help="One site of the operating model; otherwise all.")
def try_(days: int, site: str) -> None:
    """Read and translate past orders, and write nothing to either system.

    Tells how many would be posted, how many would wait, and what to add to the operating model or
    to the ERP so that most of them go on.
    """
    require()
    with Deployment() as given:
        migrate(given.engine)
        sites = chosen(given.model, site)
        if not was_read(given.engine):
            click.echo("Both catalogues are read first.", err=True)
            read_catalogues(
                given.engine, given.storefront, given.erp("catalogue"), given.model, given.clock
            )
        now = given.clock.now()
        start = now - timedelta(days=days)
        trials = try_orders(
            given.engine, given.storefront, given.model, sites, start, now, progress=_tell
        )
    for line in report(trials):
        click.echo(line)


def report(trials: Mapping[str, Trial]) -> list[str]:
    """What was found, in lines for a person."""
    lines = [_counted(site, trial) for site, trial in trials.items()]
    whole = together(list(trials.values()))
    if len(trials) > 1:
        lines.append(_counted("all", whole))
    steps = list(whole.steps(MOST_STEPS))
    if steps:
        lines += [
            "",
            "What to add to the operating model or to Cin7, one after the other, and how many"
            " orders that releases:",
        ]
        for step in steps:
            lines += [
                f"{step.releases:>8}  {step.words}",
                f"{'':>8}  lacking in {step.lacking}, such as {', '.join(step.examples)}",
            ]
    if whole.waiting:
        lines += [
            "",
            "Why orders would wait; one may have several reasons, and what to do about each is in"
            " sfcc_cin7/runbooks/review-codes.md:",
        ]
        lines += [f"{count:>8}  {code}, such as {some}" for code, count, some in whole.by_code()]
    return lines


def _counted(site: str, trial: Trial) -> str:
    share = f" ({trial.posted / trial.tried:.1%})" if trial.tried else ""
    return (
        f"{site}: {trial.tried} orders tried, {trial.posted} would be posted{share},"
        f" {trial.waiting} would wait for a person."
    )


def _tell(site: str, tried: int, day: str) -> None:
    until = f", up to {day}" if day else ""
    click.echo(f"{site}: {tried} orders tried{until}", err=True)
