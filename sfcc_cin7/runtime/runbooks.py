"""Runbooks where they are needed: beside the check that fails, and beside the orders that wait."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import dagster as dg

FOLDER = "sfcc_cin7/runbooks"
"""Where the pages are, in the repository and in whatever the package is installed into."""
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")
_ANCHOR = re.compile(r'<a id="[^"]*"></a>')


def verdict(
    check: str,
    *,
    passed: bool,
    description: str,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    metadata: Mapping[str, Any] | None = None,
) -> dg.AssetCheckResult:
    """The result of a check, with its runbook.

    While the check fails the page itself can be read in the UI; while it passes only its name is
    kept, because each result is stored. As text: a path would be shown as a link that leads
    nowhere.
    """
    page = f"{check}.md"
    runbook = (
        dg.MetadataValue.text(f"{FOLDER}/{page}: read here while this fails")
        if passed
        else dg.MetadataValue.md(_readable(_read(page)))
    )
    return dg.AssetCheckResult(
        check_name=check,  # Dagster refuses another one's name
        passed=passed,
        severity=severity,
        description=description,
        metadata={**(metadata or {}), "runbook": runbook},
    )


def advice(codes: Iterable[str]) -> str:
    """What to do about each of these review codes, as Markdown; one without a row is left out."""
    rows = {
        code: line
        for line in _read("review-codes.md").splitlines()
        for code in re.findall(r'<a id="([^"]*)"></a>', line)
    }
    told = [_readable(rows[code]) for code in codes if code in rows]
    return "\n".join(["| code | what to do |", "|---|---|", *told]) if told else ""


def _read(page: str) -> str:
    """A page; it travels with the package."""
    return files("sfcc_cin7").joinpath("runbooks", page).read_text(encoding="utf-8")


def _readable(page: str) -> str:
    """Without what works in the project's folder alone: anchors, and links to other files."""
    return _LINK.sub(r"\1", _ANCHOR.sub("", page))
