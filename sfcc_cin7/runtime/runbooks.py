"""Runbooks where they are needed: beside the check that fails, and beside the orders that wait."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

FOLDER = "docs/runbooks"
_PAGES = Path(__file__).resolve().parent.parent.parent / FOLDER
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
    kept, because each result is stored.
    """
    path = f"{FOLDER}/{check}.md"
    page = None if passed else _read(f"{check}.md")
    runbook = dg.MetadataValue.md(_readable(page)) if page else dg.MetadataValue.path(path)
    return dg.AssetCheckResult(
        check_name=check,  # Dagster refuses another one's name
        passed=passed,
        severity=severity,
        description=description,
        metadata={**(metadata or {}), "runbook": runbook},
    )


def advice(codes: Iterable[str]) -> str:
    """What to do about each of these review codes, as Markdown; one without a row is left out."""
    page = _read("review-codes.md") or ""
    rows = {
        code: line
        for line in page.splitlines()
        for code in re.findall(r'<a id="([^"]*)"></a>', line)
    }
    told = [_readable(rows[code]) for code in codes if code in rows]
    return "\n".join(["| code | what to do |", "|---|---|", *told]) if told else ""


def _read(page: str) -> str | None:
    """A page of the project; None where the package was installed without its documents."""
    try:
        return (_PAGES / page).read_text(encoding="utf-8")
    except OSError:
        return None


def _readable(page: str) -> str:
    """Without what works in the project's folder alone: anchors, and links to other files."""
    return _LINK.sub(r"\1", _ANCHOR.sub("", page))
