"""`sfcc-cin7 model ...`: what another operating model would change, before it is taken."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import click

from sfcc_cin7.catalogue import read_catalogues, was_read
from sfcc_cin7.db.database import migrate
from sfcc_cin7.merchant.difference import Change, changed_settings
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.orders import Comparison, compare_models
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require
from sfcc_cin7.values.wording import counted

MOST_KINDS = 25


@click.group()
def model() -> None:
    """The operating model: what a change of it would do."""


@model.command()
@click.argument("changed", type=click.Path(path_type=Path))
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="Orders of how many days back from now, by creation.",
)
def diff(changed: Path, days: int) -> None:
    """Which settings another operating model has otherwise, and which past orders would become
    something else under it. Nothing is written to either system, and nothing is taken over.

    What it would do to stock figures is not computed: settings of lists are told alone.
    """
    require()
    with Deployment() as given:
        before, after = given.model, load_operating_model(changed)
        for line in settings_shown(changed_settings(before, after)):
            click.echo(line)
        migrate(given.engine)
        if not was_read(given.engine):
            click.echo("Both catalogues are read first.", err=True)
            read_catalogues(
                given.engine, given.storefront, given.erp("catalogue"), before, given.clock
            )
        now = given.clock.now()
        found = compare_models(
            given.engine,
            given.storefront,
            before,
            after,
            now - timedelta(days=days),
            now,
            progress=lambda site, tried, day: click.echo(f"{site}: {tried}, {day}", err=True),
        )
    for line in orders_shown(found):
        click.echo(line)


def settings_shown(changes: list[Change]) -> Iterator[str]:
    """Settings in lines for a person."""
    yield f"{counted(len(changes), 'setting')} differ:" if changes else "No setting differs."
    for each in changes:
        yield f"  {each.place}: {each.before} -> {each.after}"


def orders_shown(found: Mapping[str, Comparison]) -> Iterator[str]:
    """Orders in lines for a person."""
    for site, comparison in found.items():
        yield (
            f"{site}: {counted(comparison.tried, 'order')} tried,"
            f" {comparison.differing} would become something else."
        )
        for sentence, count, examples in comparison.by_kind()[:MOST_KINDS]:
            yield f"{count:>8}  {sentence}, such as {examples}"
