"""`sfcc-cin7 books ...`: a month is signed."""

import click

from sfcc_cin7.cli.opened import because, by, model_of, opened


@click.group()
def books() -> None:
    """What goes to the books, and months that are signed."""


@books.command("sign-off")
@click.argument("month", metavar="YYYY-MM")
@because
@by
def sign_off(month: str, by: str, because: str) -> None:
    """Sign MONTH, with the list of what was open."""
    from sfcc_cin7 import ledger
    from sfcc_cin7.inbox.action import ActionRefused, Author

    try:
        with opened() as on:
            who = Author.of(by, because)
            said = ledger.sign_off(on.engine, on.clock, model_of(on), month, who)
    except ActionRefused as refused:
        raise click.ClickException(str(refused)) from None
    for sentence in said:
        click.echo(sentence)


@books.command()
@click.argument("month", metavar="YYYY-MM", default="")
def signed(month: str) -> None:
    """Who signed MONTH (or all months), and what was open then."""
    from sfcc_cin7 import ledger

    with opened() as on:
        for row in ledger.signatures(on.engine, month):
            click.echo(f"{row.month}  {row.at:%Y-%m-%d %H:%M} UTC  {row.by}: {row.because}")
            for one in row.open:
                click.echo(
                    f"  {one['number']:>6}  {one['day']}  {one['subject']}  {one['code']}"
                    f"  {one['amount']} {one['currency']}"
                )
