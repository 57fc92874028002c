"""The report as one HTML page that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterator, Sequence
from html import escape

from sfcc_cin7.conformance.report import SYSTEMS, Report
from sfcc_cin7.conformance.results import Result

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; overflow-wrap: break-word; }
h1, h2 { line-height: 1.2; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8885; }
code { background: #8882; padding: 0 .25rem; border-radius: .2rem; }
.unworkable { border-left: .4rem solid #b3261e; padding: .1rem 1rem; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0 0 0 1rem; }
"""  # noqa: E501


def page(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    title = escape(report.title)
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    told = f"Run {report.run} of {report.day}, on a {report.account} account. {report.summary}"
    yield f"<p>{escape(told)}</p>"
    if report.unworkable:
        yield '<section class="unworkable"><h2>What the product cannot live with</h2><ul>'
        for result in report.unworkable:
            yield (
                f"<li><strong>{escape(result.probe.id)}</strong> is {_code(result.observed)}."
                f" It would take: {escape(result.takes or '')}</li>"
            )
        yield "</ul></section>"
    yield "<section><h2>Differs</h2>"
    yield from _differences(report.differs)
    if report.known:
        yield "</section><section><h2>Differs, as expected</h2>"
        yield from _differences(report.known)
    yield "</section><section><h2>Could not be probed</h2>"
    yield from _open(report)
    yield "</section><section><h2>Holds</h2>"
    for system, name in SYSTEMS.items():
        held = [result for result in report.holds if result.probe.system == system]
        if held:
            yield from _table(name, held)
    yield "</section></body></html>"


def _differences(results: Sequence[Result]) -> Iterator[str]:
    if not results:
        yield "<p>Nothing.</p>"
        return
    yield "<dl>"
    for result in results:
        probe = result.probe
        yield f"<dt>{escape(probe.id)}</dt><dd>{escape(probe.claim)}</dd>"
        beliefs = "".join(f", {who}: {_code(what)}" for who, what in result.held_against.items())
        yield (
            f"<dd>Seen: {_code(result.observed)}{beliefs}"
            f" ({escape(probe.certainty)}; {escape(probe.source)}).</dd>"
        )
        yield f"<dd>For this merchant: {escape(result.effect)}</dd>"
        if result.takes:
            yield f"<dd>It would take: {escape(result.takes)}</dd>"
    yield "</dl>"


def _open(report: Report) -> Iterator[str]:
    if not report.open:
        yield "<p>Nothing.</p>"
        return
    yield "<ul>"
    for result in report.open:
        yield f"<li><strong>{escape(result.probe.id)}</strong>: {escape(result.why)}.</li>"
    yield "</ul>"


def _table(name: str, held: list[Result]) -> Iterator[str]:
    yield f"<table><caption>{escape(name)}</caption>"
    yield (
        '<tr><th scope="col">probe</th><th scope="col">claim</th><th scope="col">seen</th>'
        '<th scope="col">certainty before</th></tr>'
    )
    for result in held:
        probe = result.probe
        yield (
            f"<tr><td>{escape(probe.id)}</td><td>{escape(probe.claim)}</td>"
            f"<td>{_code(result.observed)}</td><td>{escape(probe.certainty)}</td></tr>"
        )
    yield "</table>"


def _code(text: str | None) -> str:
    return f"<code>{escape(text or '')}</code>"
