"""`sfcc-cin7 drill ...`: troubles on purpose, beside `sfcc-cin7 demo`."""

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import click

from sfcc_cin7.cli.emulated import sandbox_address
from sfcc_cin7.cli.opened import by, model_of, opened
from sfcc_cin7.handover import DRILLS, Hands, Holder, hands, without_drill
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations import Lookout, seen
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.settings import SfccSettings, read_if_named
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.problems import ConfigurationError

LOOPBACK = ("127.0.0.1", "localhost")


@click.group()
def drill() -> None:
    """Practise: a trouble is planted in the sandbox, and you find it and see to it."""


@drill.command("list")
def list_() -> None:
    """Every drill, by the code that it is of."""
    for name, each in DRILLS.items():
        where = "at this machine" if each.by_hand else "in the sandbox"
        click.echo(f"{name:<28} {known(name).cause} ({where})")
    click.echo(f"{len(DRILLS)} drills; {len(without_drill())} codes have none yet.")


@drill.command()
@click.argument("name")
@by
def start(name: str, by: str) -> None:
    """Plant the trouble NAME, and watch until it is resolved. Ctrl-C ends only the watching."""
    with _told(), _holder() as (holder, given):
        for sentence in holder.start(name, by, lambda: _hands(given)):
            click.echo(sentence)
        _watch(holder)


@drill.command()
def watch() -> None:
    """Watch the drill that is under way."""
    with _told(), _holder() as (holder, _):
        _watch(holder)


@drill.command()
def mend() -> None:
    """Whoever works in the other system does what you ask."""
    with _told(), _holder() as (holder, given):
        holder.mend(lambda: _hands(given))
        click.echo("It is done; the product notices by itself.")


@drill.command()
def stop() -> None:
    """Give up the drill that is under way. What is planted stays: mend it first."""
    with _told(), _holder() as (holder, _):
        click.echo(f"{holder.stop()} is given up.")


@drill.command()
@click.argument("person")
def certificate(person: str) -> None:
    """What PERSON did, as a page in Markdown."""
    with _told(), _holder() as (holder, given):
        rows, words = holder.certificate(person), wording(model_of(given))
    if not rows:
        raise click.ClickException(f"{person} was at no drill yet.")
    resolved = sum(row.resolved_at is not None for row in rows)
    click.echo(f"# Drills of {person}\n\n{resolved} of {len(rows)} resolved.\n")
    click.echo("| drill | planted | shown after | resolved after that |\n| --- | --- | --- | --- |")
    for row in rows:
        shown, over = "not shown", "given up" if row.given_up_at else "not yet"
        if row.seen_at is not None:
            shown = age_in_words(row.seen_at - row.planted_at, seconds=True)
        if row.resolved_at is not None:
            over = age_in_words(row.resolved_at - row.seen_at, seconds=True)
        cause, at = known(row.drill).cause, words.instant(row.planted_at)
        click.echo(f"| {cause} ({row.drill}) | {at} | {shown} | {over} |")


def _watch(holder: Holder) -> None:
    for sentence in holder.watch():
        click.echo(sentence)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None


@contextlib.contextmanager
def _holder() -> Iterator[tuple[Holder, Deployment]]:
    with opened() as given:
        url, model = given.engine.url, model_of(given)
        payouts = bool(PlaceSettings().payouts)
        lookout = Lookout(lambda: url, lambda: model, given.clock, payouts=payouts)
        try:
            look = lambda: seen(lookout.look(), model.owners)  # noqa: E731
            yield Holder(given.engine, given.clock, look), given
        finally:
            lookout.close()


def _hands(given: Deployment) -> contextlib.AbstractContextManager[Hands]:
    named = read_if_named(SfccSettings)
    if named is not None and urlsplit(named.api_url).hostname not in LOOPBACK:
        raise ConfigurationError(
            "The environment names a real storefront: drills are held beside `sfcc-cin7 demo`."
        )
    return hands(sandbox_address(), given.clock)
