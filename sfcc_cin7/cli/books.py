"""`sfcc-cin7 books ...`: journals go to the books, and a month is signed."""

from pathlib import Path

import click

from sfcc_cin7.cli.opened import because, by, model_of, opened


@click.group()
def books() -> None:
    """What goes to the books, and months that are signed."""


@books.command()
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the files; else `journals` beside the database.",
)
@click.option("--again", type=int, help="Instead: write the files of this batch once more.")
def export(to: Path | None, again: int | None) -> None:
    """Write journals of days that are over and did not go out yet, as the accounting system of
    the operating model (`ledger.books`) imports them. Repeated, it writes nothing twice."""
    from sfcc_cin7 import ledger
    from sfcc_cin7.runtime.places import state_folder

    folder = to or state_folder() / "journals"
    with opened() as on:
        if again is not None:
            for path in ledger.export_again(on.engine, model_of(on), again, folder):
                click.echo(str(path))
            return
        told = ledger.export_journals(on.engine, on.clock, model_of(on), folder)
    for path in told.files:
        click.echo(str(path))
    click.echo(f"{told.entries} entries went out.")
    for why, times in told.left_out.items():
        click.echo(f"{times} left out: {why}.")
    for note in told.notes:
        click.echo(note)


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
