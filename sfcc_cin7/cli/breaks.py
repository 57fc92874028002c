"""`sfcc-cin7 breaks ...`: what differs between the books, and what a person does about it."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from sfcc_cin7.cli.opened import because, by, model_of, opened
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import counted

NUMBERS = "NUMBER..."


@click.group()
def breaks() -> None:
    """What differs between storefront, ERP and gateways: see it, and work on it."""


@breaks.command("list")
@click.option("--state", type=click.Choice(["open", "closed", "all"]), default="open")
@click.option("--code", default="", help="Only this cause, as the inbox has it: payout-amount.")
@click.option("--owner", default="", help="Only what this owner is asked about.")
@click.option("--site", default="", help="Only orders of this site.")
@click.option("--gateway", default="", help="Only lines and payouts of this gateway.")
@click.option("--month", default="", metavar="YYYY-MM")
@click.option("--least", default="0", help="Only what is worth so much in the base currency.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write them to a file instead: .csv or .xlsx.",
)
def list_(to: Path | None, least: str, **given: Any) -> None:
    """Breaks, most money first."""
    from sfcc_cin7 import ledger

    with opened() as on:
        wanted = ledger.Wanted(**given, least=_amount(least))
        found = ledger.listed_breaks(on.engine, on.clock, model_of(on), wanted)
    if to is not None:
        forms = {".csv": ledger.as_csv, ".xlsx": ledger.as_spreadsheet}
        if to.suffix.lower() not in forms:
            raise ConfigurationError(f"{to.name} is neither a .csv nor an .xlsx.")
        to.write_bytes(forms[to.suffix.lower()](found))
        click.echo(f"{to}: {counted(len(found), 'break')}.")
        return
    for one in found:
        money = "" if one.amount is None else f"{one.amount:f} {one.currency}"
        click.echo(f"{one.number:>6}  {one.day}  {one.what}  {one.problem}  {money}  {one.owner}")
        click.echo(f"        {one.explanation}")
    click.echo(f"{counted(len(found), 'break')}.")


@breaks.command()
@click.argument("numbers", metavar=NUMBERS, nargs=-1, required=True, type=int)
@because
@by
def accept(numbers: tuple[int, ...], **who: str) -> None:
    """Let breaks stay as they are; they are open again once their figures change."""
    from sfcc_cin7 import ledger

    _act(lambda on: ledger.accept_breaks(on.engine, on.clock, model_of(on), numbers, _who(who)))


@breaks.command("write-off")
@click.argument("numbers", metavar=NUMBERS, nargs=-1, required=True, type=int)
@because
@by
def write_off(numbers: tuple[int, ...], **who: str) -> None:
    """Give the money of breaks up: it is posted to write-offs."""
    from sfcc_cin7 import ledger

    _act(lambda on: ledger.write_breaks_off(on.engine, on.clock, model_of(on), numbers, _who(who)))


@breaks.command()
@click.argument("number", type=int)
@click.argument("order")
@because
@by
def match(number: int, order: str, **who: str) -> None:
    """Give the settlement line that break NUMBER is about to ORDER, named by its number or key."""
    from sfcc_cin7 import ledger
    from sfcc_cin7.review import keys_of

    def act(on: Deployment) -> list[str]:
        [key] = keys_of(on.engine, [order])
        return ledger.match_line(on.engine, on.clock, model_of(on), number, key, _who(who))

    _act(act)


@breaks.command()
@click.argument("decision", type=int)
@because
@by
def undo(decision: int, **who: str) -> None:
    """Take a decision back; what it posted is reversed."""
    from sfcc_cin7 import ledger

    _act(lambda on: ledger.undo(on.engine, on.clock, model_of(on), decision, _who(who)))


@breaks.command()
def decisions() -> None:
    """What was decided and not undone, the newest first."""
    from sfcc_cin7 import ledger

    with opened() as on:
        for row in ledger.decisions_shown(on.engine, model_of(on)):
            click.echo("  ".join(each for each in row if each))


def _act(act: Callable[[Deployment], list[str]]) -> None:
    from sfcc_cin7.inbox.action import ActionRefused

    try:
        with opened() as on:
            said = act(on)
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None
    for sentence in said:
        click.echo(sentence)


def _who(given: dict[str, str]) -> Any:
    from sfcc_cin7.inbox.action import Author

    return Author.of(given["by"], given["because"])


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ConfigurationError(f"{text} is no amount like 10.00.") from None
