"""The report as a Markdown page."""

from collections.abc import Iterator

from sfcc_cin7.conformance.report import SYSTEMS, Report
from sfcc_cin7.conformance.results import Result


def page(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.title}"
    yield ""
    yield f"Run {report.run} of {report.day}, on a {report.account} account. {report.summary}"
    if report.unworkable:
        yield ""
        yield "## What the product cannot live with"
        yield ""
        for result in report.unworkable:
            yield f"- **{result.probe.id}** is `{result.observed}`. It would take: {result.takes}"
    yield ""
    yield "## Differs"
    yield ""
    if not report.differs:
        yield "Nothing."
    for result in report.differs:
        yield from _difference(result)
    if report.known:
        yield ""
        yield "## Differs, as expected"
        yield ""
        for result in report.known:
            yield from _difference(result)
    yield ""
    yield "## Could not be probed"
    yield ""
    if not report.open:
        yield "Nothing."
    for result in report.open:
        yield f"- **{result.probe.id}**: {_cell(result.why)}."
    yield ""
    yield "## Holds"
    for system, name in SYSTEMS.items():
        held = [result for result in report.holds if result.probe.system == system]
        if held:
            yield ""
            yield f"| {name} | claim | seen | certainty before |"
            yield "|---|---|---|---|"
            for result in held:
                cells = (result.probe.id, result.probe.claim, f"`{result.observed}`")
                yield f"| {' | '.join(map(_cell, cells))} | {result.probe.certainty} |"


def _difference(result: Result) -> Iterator[str]:
    probe = result.probe
    yield f"- **{probe.id}**: {_cell(probe.claim)}"
    beliefs = "".join(f", {who}: `{what}`" for who, what in result.held_against.items())
    yield f"  - Seen: `{result.observed}`{beliefs} ({probe.certainty};"
    yield f"    {_cell(probe.source)})."
    yield f"  - For this merchant: {_cell(result.effect)}"
    if result.takes:
        yield f"  - It would take: {_cell(result.takes)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
