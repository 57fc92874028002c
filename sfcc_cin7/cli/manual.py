"""`sfcc-cin7 manual`: the operations manual of this merchant."""

from pathlib import Path

import click

from sfcc_cin7.handover import as_html, as_markdown, operations_manual
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.runtime.settings import operating_model


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("manual"),
    show_default=True,
    help="The folder that manual.html and manual.md are written to.",
)
def manual(folder: Path) -> None:
    """Write the operations manual from the operating model: who, what, when, and each cause."""
    page = operations_manual(load_operating_model(operating_model()))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("manual.html", as_html(page)), ("manual.md", as_markdown(page))):
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(folder / name)
