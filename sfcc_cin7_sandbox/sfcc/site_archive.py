"""The job step of site import: an archive from Impex/src/instance with files for many importers.

The archive is a ZIP file with one folder, inside which each kind of data has its own ("Site Import
& Export", Salesforce Help). Of these the sandbox keeps inventory lists and price books; an archive
with anything else is refused whole, so that nobody takes for imported what is not.
"""

from collections.abc import Mapping
from typing import Protocol

from sfcc_cin7_sandbox.sfcc.inventory_import import Report
from sfcc_cin7_sandbox.sfcc.schemas import Malformed
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.webdav import unpacked

STEPS = {"inventory-lists": "ImportInventoryLists", "pricebooks": "ImportPriceBook"}
"""Which step imports what is in which folder."""
IGNORED = ("version.txt",)


class FileImport(Protocol):
    """A job step that imports one file."""

    def run(self, content: bytes, mode: str, share: float = 1) -> Report: ...


class SiteArchiveImport:
    """Imports the files of an archive in the order of their names, always in mode MERGE."""

    def __init__(self, importers: Mapping[str, FileImport], settings: SfccSettings) -> None:
        self._importers = dict(importers)
        self._settings = settings

    def run(self, content: bytes, mode: str, share: float = 1) -> Report:
        """Raises Malformed for what is no archive, or holds what cannot be imported; then nothing
        of it is. A file that its own importer finds malformed is refused, the others are not."""
        try:
            files = unpacked(content, self._settings.most_impex_bytes)
        except ValueError as error:
            raise Malformed(str(error)) from None
        if len({name.partition("/")[0] for name in files}) != 1:
            raise Malformed("The archive has more than one folder, or none.")
        work = {}
        for name, inside in sorted(files.items()):
            below = name.partition("/")[2]
            folder, _, file = below.partition("/")
            if folder in STEPS and file.endswith(".xml") and "/" not in file:
                work[below] = (self._importers[STEPS[folder]], inside)
            elif below not in IGNORED:
                raise Malformed(f"The sandbox has no import for {below}.")
        report = Report()
        for below, (importer, inside) in work.items():
            try:
                part = importer.run(inside, mode, share)
            except Malformed as malformed:
                report.refused.append(f"{below}: {malformed}")
                continue
            report.written += part.written
            report.refused += [f"{below}: {each}" for each in part.refused]
            report.skipped += [f"{below}: {each}" for each in part.skipped]
        return report
