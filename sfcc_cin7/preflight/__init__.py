"""What is wrong before anything starts, each in one sentence, and the go/no-go report."""

from sfcc_cin7.preflight.preflight import findings
from sfcc_cin7.preflight.report import Report, as_html, as_json, as_markdown
from sfcc_cin7.preflight.scoping import look_at_both

__all__ = ["Report", "as_html", "as_json", "as_markdown", "findings", "look_at_both"]
