"""Runbooks where they are needed: beside the check that fails, and beside the orders that wait."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import dagster as dg

from sfcc_cin7.values.horizon import Horizon

FOLDER = "sfcc_cin7/runbooks"
"""Where the pages are, in the repository and in whatever the package is installed into."""
BEHIND = """**It has not looked at everything.** What it speaks of may be well; nobody knows yet.
`speaks up to` says until when all is known, and the description what is behind. If calls to the ERP
are scarce (`cin7_calls`), it goes on by itself as soon as orders leave some; if a lane stands
still, see `lanes_on_time`. Until then look into the other system before you rely on it.

"""
"""What to do about a horizon, before the page of the check."""
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")
_ANCHOR = re.compile(r'<a id="[^"]*"></a>')


def verdict(
    check: str,
    *,
    passed: bool,
    description: str,
    horizon: Horizon,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    metadata: Mapping[str, Any] | None = None,
) -> dg.AssetCheckResult:
    """The result of a check, with its runbook. It is green as far as its horizon reaches and no
    further: what was not looked at makes it amber, and red when that lasts.

    While the check fails the page itself can be read in the UI; while it passes only its name is
    kept, because each result is stored. As text: a path would be shown as a link that leads
    nowhere.
    """
    if horizon.told:
        description = " ".join([*([] if passed else [description]), *horizon.told])
        is_red = horizon.blind or (not passed and severity is dg.AssetCheckSeverity.ERROR)
        severity = dg.AssetCheckSeverity.ERROR if is_red else dg.AssetCheckSeverity.WARN
    passed = passed and horizon.clear
    page = f"{check}.md"
    runbook = (
        dg.MetadataValue.text(f"{FOLDER}/{page}: read here while this fails")
        if passed
        else dg.MetadataValue.md((BEHIND if horizon.told else "") + _readable(_read(page)))
    )
    return dg.AssetCheckResult(
        check_name=check,  # Dagster refuses another one's name
        passed=passed,
        severity=severity,
        description=description,
        metadata={**(metadata or {}), **_how_far(horizon), "runbook": runbook},
    )


def _how_far(horizon: Horizon) -> dict[str, Any]:
    """What a check says of its horizon. `oldest unread, minutes` stands only where there is any."""
    upto = f"{horizon.upto:%Y-%m-%d %H:%M:%S %Z}" if horizon.upto else "nothing yet"
    oldest = horizon.oldest
    return {
        "speaks up to": upto,
        "unread": horizon.unread,
        **({"oldest unread, minutes": round(oldest.total_seconds() / 60, 1)} if oldest else {}),
    }


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
