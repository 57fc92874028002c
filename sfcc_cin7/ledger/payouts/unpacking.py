"""What lies in a file, however it is packed: plain, .gz, .zip with files, or .xlsx with sheets."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.ledger.payouts.reports.sheet import decoded

MOST_BYTES = 1024 * 1024 * 1024
"""More than this comes out of no archive."""
MOST_MEMBERS = 1000
DEEPEST = 3
"""So many archives may lie one in the other."""
LONGEST_NAME = 200
SPREADSHEET = "[Content_Types].xml"
NOT_MEANT = ("__MACOSX/", "Thumbs.db", "desktop.ini")
"""What file managers add to an archive."""


@dataclass(frozen=True)
class Member:
    """What is a report of its own: a file, or the sheet of a spreadsheet as comma-separated values
    (UTF-8). `name` says where in the archive it lies, and is empty where there is nothing beside
    it; `problem` says why it cannot be unpacked."""

    name: str
    content: bytes = b""
    problem: str | None = None
    sheet: bool = False

    @property
    def text(self) -> str:
        """Raises UnusableReport: nothing is there, or nothing can be decoded."""
        if self.problem is not None:
            raise UnusableReport(self.problem)
        if not self.content.strip():
            raise UnusableReport("The file is empty: it is still to be written, or was cut.")
        return decoded(self.content)


def members(content: bytes) -> list[Member]:
    """What a file holds, by its content and not by its name.

    Raises:
        UnusableReport: the archive is broken, or holds nothing.
    """
    found = list(_members(content, 0))
    if not found:
        raise UnusableReport("The archive holds 0 files: was it packed before its file was there?")
    if len(found) == 1:
        return [replace(found[0], name="")]
    names: set[str] = set()
    for at, one in enumerate(found):
        name = one.name if one.name not in names else f"{one.name}#{at + 1}"
        names.add(name)
        found[at] = replace(one, name=name)
    return found


def _members(content: bytes, depth: int) -> Iterator[Member]:
    if depth > DEEPEST:
        raise UnusableReport("Archives lie in it one in the other: unpack it here.")
    if content.startswith(b"\x1f\x8b"):
        yield from _members(_gunzipped(content), depth + 1)
    elif content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _of_archive(content, depth)
    else:
        yield Member("", content)


def _gunzipped(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return _bounded(file.read(MOST_BYTES + 1))
    except (OSError, EOFError, zlib.error):
        raise UnusableReport("The archive (.gz) is broken: was it cut?") from None


def _of_archive(content: bytes, depth: int) -> list[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if sum(one.file_size for one in files) > MOST_BYTES:
                raise UnusableReport(f"More than {MOST_BYTES} bytes come out of the archive.")
            if any(one.filename == SPREADSHEET for one in files):
                return _of_spreadsheet(content)
            files = [one for one in files if _is_meant(one.filename)]
            if len(files) > MOST_MEMBERS:
                raise UnusableReport(f"The archive holds {len(files)} files: unpack it here.")
            found: list[Member] = []
            for one in files:
                with archive.open(one) as file:
                    inner = _bounded(file.read(MOST_BYTES + 1))
                found += _of_member(one.filename, inner, depth)
            return found
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, RuntimeError, NotImplementedError):
        raise UnusableReport("The archive (.zip) is broken or encrypted: was it cut?") from None


def _is_meant(name: str) -> bool:
    last = name.rpartition("/")[2]
    return not name.startswith(NOT_MEANT) and last not in NOT_MEANT and not last.startswith(".")


def _of_member(name: str, content: bytes, depth: int) -> list[Member]:
    """What lies in an archive; a broken one in it is told and hides nothing beside it."""
    own = "".join(each if each.isprintable() else "?" for each in name)[:LONGEST_NAME]
    try:
        inner = list(_members(content, depth + 1))
    except UnusableReport as error:
        return [Member(own, problem=str(error))]
    return [replace(one, name="/".join(filter(None, (own, one.name)))) for one in inner]


def _bounded(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise UnusableReport(f"More than {MOST_BYTES} bytes come out of the archive.")
    return content


def _of_spreadsheet(content: bytes) -> list[Member]:
    """The sheets that are not empty; blank columns before and after a table are left out."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=False, data_only=True)
        sheets = [
            (sheet.title, [list(map(_cell, row)) for row in sheet.values])
            for sheet in book.worksheets
        ]
    except Exception:  # a broken sheet ends in whatever its parser stumbles over
        raise UnusableReport("The spreadsheet (.xlsx) is broken: was it cut?") from None
    found = [
        Member(title, _as_csv(rows), sheet=True)
        for title, rows in sheets
        if any(any(row) for row in rows)
    ]
    if not found:
        raise UnusableReport("The spreadsheet has no sheet with content.")
    return found


def _as_csv(rows: list[list[str]]) -> bytes:
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([row[used[0] : used[-1] + 1] for row in rows])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)
