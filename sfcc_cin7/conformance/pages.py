"""The report as a Markdown page, and as one HTML page that needs nothing else: no script, no font,
no picture."""

from sfcc_cin7.conformance.report import Report
from sfcc_cin7.runtime.templates import rendered

PACKAGE = "sfcc_cin7.conformance"


def as_markdown(report: Report) -> str:
    return rendered(PACKAGE, "page.md.jinja", report=report)


def as_html(report: Report) -> str:
    return rendered(PACKAGE, "page.html.jinja", report=report)
