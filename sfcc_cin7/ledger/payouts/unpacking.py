"""The text of a report, however it is packed: plain, .gz, .zip with one file, or .xlsx."""

import csv
import gzip
import io
import zipfile
import zlib
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.ledger.payouts.reports.sheet import decoded

MOST_BYTES = 1024 * 1024 * 1024
"""More than this comes out of no archive."""
DEEPEST = 3
"""So many archives may lie one in the other."""
SPREADSHEET = "[Content_Types].xml"


def text_of(content: bytes, depth: int = 0) -> str:
    """What a file says, by its content and not by its name.

    Raises:
        UnusableReport: the archive is broken, holds no file or several, or archives without end;
            nothing can be decoded.
    """
    if depth > DEEPEST:
        raise UnusableReport("Archives lie in it one in the other: unpack it here.")
    if content.startswith(b"\x1f\x8b"):
        return text_of(_gunzipped(content), depth + 1)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_archive(content, depth)
    if not content.strip():
        raise UnusableReport("The file is empty: it is still to be written, or was cut.")
    return decoded(content)


def _gunzipped(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return _bounded(file.read(MOST_BYTES + 1))
    except (OSError, EOFError, zlib.error):
        raise UnusableReport("The archive (.gz) is broken: was it cut?") from None


def _of_archive(content: bytes, depth: int) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if sum(one.file_size for one in files) > MOST_BYTES:
                raise UnusableReport(f"More than {MOST_BYTES} bytes come out of the archive.")
            if any(one.filename == SPREADSHEET for one in files):
                return _of_spreadsheet(content)
            files = [one for one in files if not one.filename.startswith("__MACOSX/")]
            if len(files) != 1:
                raise UnusableReport(f"The archive holds {len(files)} files: unpack it here.")
            with archive.open(files[0]) as file:
                return text_of(_bounded(file.read(MOST_BYTES + 1)), depth + 1)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, RuntimeError, NotImplementedError):
        raise UnusableReport("The archive (.zip) is broken or encrypted: was it cut?") from None


def _bounded(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise UnusableReport(f"More than {MOST_BYTES} bytes come out of the archive.")
    return content


def _of_spreadsheet(content: bytes) -> str:
    """The one sheet that is not empty, as comma-separated values; blank columns before and after
    the table are left out."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=False, data_only=True)
        tables = [[list(map(_cell, row)) for row in sheet.values] for sheet in book.worksheets]
    except Exception:  # a broken sheet ends in whatever its parser stumbles over
        raise UnusableReport("The spreadsheet (.xlsx) is broken: was it cut?") from None
    tables = [rows for rows in tables if any(any(row) for row in rows)]
    if len(tables) != 1:
        raise UnusableReport(f"The spreadsheet has {len(tables)} sheets with content: bring one.")
    [rows] = tables
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([row[used[0] : used[-1] + 1] for row in rows])
    return out.getvalue()


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
