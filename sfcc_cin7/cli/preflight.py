"""`sfcc-cin7 preflight`: whether to go live, as a report for the people who decide it."""

import json
from pathlib import Path

import click

from sfcc_cin7.preflight import as_html, as_json, as_markdown, look_at_both
from sfcc_cin7.values.problems import ConfigurationError

LAST = "preflight.json"


def write_report(folder: Path, days: int) -> bool:
    """Write preflight.html, .md and .json to the folder; returns whether nothing stops.

    Raises:
        ConfigurationError: the environment is incomplete, or the last report is not readable.
    """
    last = folder / LAST
    try:
        before = json.loads(last.read_text(encoding="utf-8")) if last.exists() else None
    except ValueError:
        raise ConfigurationError(f"{last} is no report of preflight: move it away.") from None
    report = look_at_both(days, before, lambda word: click.echo(word, err=True))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("preflight.html", as_html(report)),
        ("preflight.md", as_markdown(report)),
        (LAST, json.dumps(as_json(report), indent=1)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(folder / name)
    click.echo(f"{report.verdict}: {len(report.seen)} things to mend")
    return report.verdict != "no-go"
