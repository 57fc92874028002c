"""`sfcc-cin7 alerts ...`: what people were told of, whether channels work, and who takes it on."""

import click

from sfcc_cin7.alerts import (
    acknowledge,
    addresses,
    history,
    open_alerts,
    send_by_apprise,
    trial_letter,
)
from sfcc_cin7.db.database import migrate
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure


@click.group()
def alerts() -> None:
    """Who was told of what: the watcher sends (`sfcc-cin7 watch serve`)."""


@alerts.command("list")
def list_() -> None:
    """What is open, the longest first."""
    with Deployment() as given:
        migrate(given.engine)
        with given.engine.connect() as connection:
            rows = open_alerts(connection)
        now, currency = given.clock.now(), given.model.base_currency
        for row in rows:
            money = f", {figure(row.money, currency)} at risk" if row.money else ""
            many = f" ({row.things:,})" if row.things > 1 else ""
            taken = f", taken on by {row.acknowledged_by}" if row.acknowledged_by else ""
            age = age_in_words(now - row.since, seconds=True)
            click.echo(f"{row.id}  {row.severity:<8}  {row.title}{many}, {row.owner}")
            click.echo(f"{'':<10}for {age}{money}{taken}")
        if not rows:
            click.echo("No alert is open.")


@alerts.command()
@click.argument("alert", metavar="ALERT")
def show(alert: str) -> None:
    """The history of an alert: when it was told, to whom, and over which channel."""
    with Deployment() as given:
        migrate(given.engine)
        with given.engine.connect() as connection:
            rows = history(connection, alert)
        words = wording(given.model)
        if not rows:
            raise click.ClickException(f"Nothing is known of an alert {alert}.")
        for row in rows:
            click.echo(f"{words.second(row.at)}  {row.kind:<12}  {row.detail}")


@alerts.command()
@click.argument("alert", metavar="ALERT")
@click.option("--by", required=True, metavar="NAME", help="Who you are.")
def ack(alert: str, by: str) -> None:
    """Take an alert on: it goes on to nobody else. It closes when its cause is gone."""
    try:
        author = Author.of(by, "", reason_needed=False)
        with Deployment() as given:
            migrate(given.engine)
            with given.engine.begin() as connection:
                title = acknowledge(connection, alert, author.by, given.clock.now())
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{author.by} has taken it on: {title}.")


@alerts.command()
@click.argument("channels", nargs=-1)
@click.pass_context
def test(context: click.Context, channels: tuple[str, ...]) -> None:
    """Send a trial over each channel, or over those that are named. Exit code 1: one fails."""
    with Deployment() as given:
        policy, brand, now = given.model.alerts, given.model.brand, given.clock.now()
    if unknown := [each for each in channels if each not in policy.channels]:
        raise click.ClickException(f"alerts.channels has no {unknown[0]}.")
    if not policy.channels:
        raise click.ClickException("alerts.channels names no channel: nobody is told of anything.")
    failed = False
    for name, variable in policy.channels.items():
        if channels and name not in channels:
            continue
        address = addresses(variable)
        problem: str | None = f"{variable} is not set"
        if address:
            problem = send_by_apprise(address, trial_letter(brand, name, now))
        failed = failed or problem is not None
        click.echo(f"{name}: {problem or 'it took the letter'}")
    context.exit(int(failed))
