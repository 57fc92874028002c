"""`sfcc-cin7 review ...`: what waits for a person, and everything that the desk's jobs do."""

from collections.abc import Callable
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy import select

from sfcc_cin7 import review as desk
from sfcc_cin7.cli.opened import because, by, model_of, opened
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.review import (
    CorrectOrder,
    DeclineOrders,
    Item,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
    by_cause,
    detail,
    inbox,
    keys_of,
    shown,
    summary,
    together,
    ways_out,
)
from sfcc_cin7.runtime.deployment import Deployment

KEYS = "[BRAND:SITE:ORDER]..."
ORDER = ("brand", "site", "number")
"""What an order's key is made of; that of a consolidated sale has one part more."""


@click.group()
def review() -> None:
    """What waits for a person: see it, and let it go on."""


@review.command("list")
@click.option("--code", help="Only what waits for this reason.")
@click.option("--owner", help="Only what this owner is asked about.")
def list_(code: str | None, owner: str | None) -> None:
    """The inbox, the worst first."""
    with opened() as given:
        model, items = _read(given, code=code, owner=owner)
    words = wording(model)
    for cause in by_cause(items):
        click.echo(
            f"{cause.code.cause} ({cause.code.code}), {cause.owner}: {cause.code.what_to_do}"
        )
        for item in cause.items:
            row = shown(item, model.base_currency, words)
            click.echo(f"  {row['what']}  {row['at risk']}  [{item.subject}]")
    found = together(items, model.review, model.base_currency)
    click.echo(summary(found, model.base_currency, words))


@review.command()
@click.argument("subject")
def show(subject: str) -> None:
    """Why one order (or SKU, or tax rule) waits, and what was done about it so far. An order is
    named by its number, or by its key where several sites have that number."""
    with opened() as given:
        [subject] = _named(given, subject)
        model, items = _read(given, subject=subject)
        words = wording(model)
        query = (
            select(order_events.c.at, order_events.c.kind, order_events.c.detail)
            .where(order_events.c.order_key == subject)
            .order_by(order_events.c.id)
        )
        with given.engine.connect() as connection:
            events = connection.execute(query).all()
    for item in items:
        for name, value in detail(item, model.base_currency, words).items():
            if value != "":
                click.echo(f"{name + ':':<15} {value}")
        if subject.startswith(f"{model.brand}:") and len(subject.split(":")) == len(ORDER):
            for way in ways_out(item.code, subject):
                click.echo(f"  {way}")
        click.echo("")
    for event in events:
        told = ", ".join(f"{name}: {value}" for name, value in event.detail.items())
        click.echo(f"{words.second(event.at)}  {event.kind}  {told}")
    if not items and not events:
        raise click.ClickException(f"Nothing is known of {subject}: see `sfcc-cin7 review list`.")


@review.command()
@click.argument("orders", metavar=KEYS, nargs=-1)
@click.option("--code", default="", help="Every order that waits for this reason.")
@click.option("--because", default="", metavar="REASON", help="Why; it is kept.")
@by
def retry(**given: Any) -> None:
    """Send orders in review back to be posted, when their cause is mended."""
    _act(RetryOrders, given, lambda on, asked: desk.retry_orders(on.engine, on.clock, asked))


@review.command()
@click.argument("orders", metavar=KEYS, nargs=-1)
@because
@by
def release(**given: Any) -> None:
    """Let orders go on that a hold, a window, a sequence or a waived finding holds."""
    _act(ReleaseOrders, given, lambda on, asked: desk.release_orders(on.engine, on.clock, asked))


CORRECTIONS = (
    click.option("--sku", "skus", multiple=True, metavar="SHOP=ERP", help="Book a SKU as another."),
    click.option(
        "--tax-rule", "tax_rules", multiple=True, metavar="RATE=RULE", help="20=RULE, GB/20=."
    ),
    click.option("--option", "options", multiple=True, metavar="ID:VALUE=SERVICE", help="Option."),
    click.option("--account", "payment_accounts", multiple=True, metavar="METHOD=ACCOUNT"),
    click.option("--country", "ship_to_country", default="", help="Of every shipment: GB."),
    click.option(
        "--address",
        "ship_to_address",
        default="",
        help="Where every shipment goes: billing, a shipment's id, or storefront (look there).",
    ),
    click.option("--rounding", "rounding_charge", default="", help="Rounding that is accepted."),
    click.option("--accept", multiple=True, metavar="CODE", help="A finding that may pass."),
)


def corrections(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which an order is corrected."""
    for option in reversed(CORRECTIONS):
        command = option(command)
    return command


@review.command()
@click.argument("order", metavar="BRAND:SITE:ORDER", default="")
@click.option("--code", default="", help="Instead: every order that waits for this reason.")
@corrections
@because
@by
def correct(**given: Any) -> None:
    """Book orders under other names; what the shopper paid is never changed."""

    def act(on: Deployment, asked: CorrectOrder) -> list[str]:
        return desk.correct_order(on.engine, on.clock, model_of(on), asked)

    _act(CorrectOrder, _paired(given), act)


@review.command()
@click.argument("order", metavar="BRAND:SITE:ORDER")
@corrections
def preview(**given: Any) -> None:
    """The sale that would be sent of an order, with these corrections; nothing is kept."""

    def act(on: Deployment, asked: PreviewOrder) -> list[str]:
        return desk.preview_order(on.engine, on.clock, model_of(on), asked)

    _act(PreviewOrder, _paired(given), act)


@review.command()
@click.argument("orders", metavar=KEYS, nargs=-1)
@click.option("--code", default="", help="Every order that waits for this reason.")
@because
@by
def decline(**given: Any) -> None:
    """Give orders up for good: they are booked by hand, or not at all."""
    _act(DeclineOrders, given, lambda on, asked: desk.decline_orders(on.engine, on.clock, asked))


def _paired(given: dict[str, Any]) -> dict[str, Any]:
    names = ("skus", "tax_rules", "options", "payment_accounts")
    return {**given, **{name: dict(_pair(each) for each in given[name]) for name in names}}


@review.command()
@click.argument("subjects", nargs=-1)
@click.option("--code", default="", help="Every item with this code (of the subjects, if any).")
@click.option("--until", default="", metavar="DAY", help="2026-03-02, or 2026-03-02T09:00 (UTC).")
@click.option("--days", default=0, help="Instead: so many days from now.")
@because
@by
def waive(**given: Any) -> None:
    """Take items out of the inbox until a day; they come back if their cause is still there."""
    _act(WaiveItems, given, lambda on, asked: desk.waive_items(on.engine, on.clock, asked))


def _act(kind: Any, given: dict[str, Any], act: Callable[[Deployment, Any], list[str]]) -> None:
    lists = {name: list(value) for name, value in given.items() if isinstance(value, tuple)}
    try:
        with opened() as deployment:
            said = act(deployment, kind(**{**given, **lists}))
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise click.ClickException(f"{first['loc'][0]}: {first['msg']}") from None
    for sentence in said:
        click.echo(sentence)


def _named(given: Deployment, name: str) -> list[str]:
    try:
        return keys_of(given.engine, [name])
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.rpartition("=")
    if not separator or not name or not value:
        raise click.UsageError(f"{text!r}: write what it is and what it is booked as, with =.")
    return name, value


def _read(given: Deployment, **narrowed: str | None) -> tuple[OperatingModel, list[Item]]:
    model = model_of(given)
    with given.engine.connect() as connection:
        return model, inbox(connection, model, given.clock.now(), **narrowed)
