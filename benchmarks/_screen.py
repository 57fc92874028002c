"""What the Dagster UI shows of each check, asked as the catalogue's page asks it (GraphQL)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

SAID = ("SUCCEEDED", "FAILED")
"""The verdicts; a check that runs, is skipped or could not start shows none."""
CHECKS = """{ assetNodes { assetChecksOrError { ... on AssetChecks { checks {
  name executionForLatestMaterialization { status evaluation {
    timestamp severity description metadataEntries {
      label
      ... on TextMetadataEntry { text }
      ... on MarkdownMetadataEntry { mdStr }
      ... on IntMetadataEntry { intRepr }
      ... on FloatMetadataEntry { floatValue }
      ... on TableMetadataEntry { table { records } }
    }
  } }
} } } } }"""
NOT_ABOUT_IT = ("runbook", "lanes")
"""Texts that are there whatever is wrong, and name everything."""


@dataclass(frozen=True)
class Shown:
    """What stands on the screen of one check. `text` is its sentence with all that is shown beside
    it; `upto` until when it speaks; `said` when it was evaluated."""

    status: str
    severity: str = ""
    sentence: str = ""
    text: str = ""
    said: float = 0
    upto: datetime | None = None

    @property
    def is_readable(self) -> bool:
        return self.status in SAID

    @property
    def is_green(self) -> bool:
        return self.status == "SUCCEEDED"

    def tells(self, names: str | tuple[str, ...]) -> bool:
        """Whether it is red or amber and has one of these in its words."""
        wanted = (names,) if isinstance(names, str) else names
        text = self.text.casefold()
        return self.status == "FAILED" and any(each.casefold() in text for each in wanted)


class Screen:
    """The UI at an address; what it shows of instants is in the merchant's zone."""

    def __init__(self, address: str, zone: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        self._zone = ZoneInfo(zone)

    def look(self) -> dict[str, Shown] | None:
        """Every check by name; None while the UI does not answer."""
        try:
            answer = self._client.post("/graphql", json={"query": CHECKS})
            nodes = answer.raise_for_status().json()["data"]["assetNodes"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        return {
            check["name"]: self._shown(check["executionForLatestMaterialization"])
            for node in nodes
            for check in node["assetChecksOrError"].get("checks", [])
        }

    def _shown(self, execution: Mapping[str, Any] | None) -> Shown:
        if execution is None or execution["evaluation"] is None:
            return Shown(execution["status"] if execution else "NOTHING")
        said = execution["evaluation"]
        entries = {row["label"]: _value(row) for row in said["metadataEntries"]}
        texts = [text for label, text in entries.items() if label not in NOT_ABOUT_IT]
        sentence = said["description"] or ""
        return Shown(
            execution["status"],
            said["severity"],
            sentence,
            "\n".join([sentence, *texts]),
            float(said["timestamp"]),
            self._instant(entries.get("speaks up to", "")),
        )

    def _instant(self, text: str) -> datetime | None:
        try:
            local = datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - zone below
        except ValueError:
            return None
        zone = UTC if text.endswith("UTC") else self._zone
        return local.replace(tzinfo=zone)


def _value(entry: Mapping[str, Any]) -> str:
    for name in ("text", "mdStr", "intRepr", "floatValue"):
        if entry.get(name) is not None:
            return str(entry[name])
    records = (entry.get("table") or {}).get("records", [])
    return "\n".join(str(json.loads(row)) for row in records)
