"""A delimited file as it really comes, down to rows that know where they stood.

Encodings: UTF-8 with or without a byte-order mark, UTF-16 with one. Delimiters: comma, semicolon,
tab, bar. Lines without anything are passed over, wherever they stand; headers are compared without
regard to case and to how many blanks stand between their words. A row that has fewer or more fields
than its header is refused: a file that was cut says so.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.lines import AnotherKind, UnusableReport
from sfcc_cin7.values.money import ZERO

DELIMITERS = ",;\t|"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
PREAMBLE = 30
"""So many rows may stand before the header: titles, and what the whole file is about."""
POINT = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$")
COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$")
EITHER = re.compile(r"[-+]?\d{1,3}[.,]\d{3}$")
"""One separator and three digits: thousands for some, a fraction for others."""
BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]|(?<=\d)['\u2019](?=\d{3})")
"""What stands between thousands without being a separator: blanks of any width, and apostrophes."""
TAKEN_OFF = re.compile(r"\((?P<bracketed>[\d.,]+)\)|(?P<trailing>[\d.,]+)-")
"""How accountants write a negative figure: (12.50), or 12.50-."""
CUT_SHORT = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a reference of many digits."""
MOST_DIGITS = 14
"""Before the decimal point; no movement of money has more."""


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        UnusableReport: it is in none of the encodings that are read.
    """
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:2]:  # UTF-16 without a mark
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
        if "\0" in text:
            raise UnusableReport("It has characters that no text has: was it cut or mangled?")
        return text
    except UnicodeDecodeError:
        raise UnusableReport(
            "It is neither UTF-8 nor UTF-16 with a byte-order mark: save it as CSV UTF-8."
        ) from None


def fields(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line at which each row ends, and its fields without blanks around them.

    Raises:
        UnusableReport: a quotation mark is not closed, as in a file that was cut.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for found in reader:
            row = [field.strip() for field in found]
            if any(row):
                yield reader.line_num, row
    except csv.Error:
        raise UnusableReport(
            f"Line {reader.line_num}: a quotation mark is not closed. Was the file cut?"
        ) from None


def delimited(text: str) -> tuple[str, str]:
    """The delimiter of a text, and the text without the line that tells it to a spreadsheet."""
    start = text.lstrip("\r\n\ufeff ")
    first = [line for _, line in zip(range(PREAMBLE), io.StringIO(start), strict=False)]
    told = first[0].rstrip() if first else ""
    if re.fullmatch(r'"?sep=."?', told):
        return delimited(start[len(told) :])
    return max(DELIMITERS, key=lambda each: sum(line.count(each) for line in first)), text


@dataclass(frozen=True)
class Row(Mapping[str, str]):
    """A row by its columns; `line` is where it stands in the file.

    Raises:
        UnusableReport: a spreadsheet has cut one of its references short.
    """

    line: int
    cells: Mapping[str, str]
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        for column, text in self.cells.items():
            if "+" in text and CUT_SHORT.fullmatch(text):
                raise self.refuse(
                    column,
                    "a spreadsheet has cut it short (1.2E+15): take the file as the gateway"
                    " wrote it",
                )

    def __getitem__(self, column: str) -> str:
        return self.cells[spelt(column)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def first(self, columns: Iterable[str]) -> str:
        """What the first of these columns says that says anything."""
        return next((self[name] for name in columns if self.get(name)), "")

    def refuse(self, column: str, why: str) -> UnusableReport:
        """The refusal of this row: figures and names of shoppers stay out of it."""
        return UnusableReport(f"Line {self.line}, column {column}: {why}.")

    def amount(self, column: str, *, needed: bool = False) -> Decimal:
        """A figure in major units; nothing is 0, unless it is `needed`.

        Raises:
            UnusableReport: it is no number, could be read as two, or is needed and not there.
        """
        text = plain_figure(self.get(column, ""))
        if not text and needed:
            raise self.refuse(column, "nothing is there")
        if not text:
            return ZERO
        if len(re.split(r"[.,](?=\d*$)", text)[0].lstrip("+-")) > MOST_DIGITS:
            raise self.refuse(column, "it is no amount of money")
        if self.decimal_comma and COMMA.match(text):
            return Decimal(text.replace(".", "").replace(",", "."))
        if not self.decimal_comma and POINT.match(text):
            if EITHER.match(text) and "," in text:
                raise self.refuse(column, "thousands or a fraction? Only one separator is there")
            return Decimal(text.replace(",", ""))
        raise self.refuse(column, "it is not a number")


def plain_figure(text: str) -> str:
    """A figure without what only makes it readable, its sign first."""
    figure = BLANKS.sub("", text).replace("\u2212", "-")
    negative = TAKEN_OFF.fullmatch(figure)
    return f"-{negative['bracketed'] or negative['trailing']}" if negative else figure


def spelt(header: str) -> str:
    """A header as it is compared: one blank between words, in small letters."""
    return " ".join(header.split()).casefold()


def table(
    text: str,
    required: Sequence[str],
    amounts: Sequence[str] = (),
    also: Mapping[str, Sequence[str]] | None = None,
    aside: Callable[[Mapping[str, str]], bool] = lambda _: False,
) -> list[Row]:
    """The rows of a file with a header.

    `amounts` are the columns whose figures say whether the file writes decimal commas; `also` names
    other spellings of a column, of older forms and other languages; rows that are `aside` may be of
    any length and are passed over.

    Raises:
        UnusableReport: a column is missing or stands twice, or a row is too short or too long.
    """
    delimiter, text = delimited(text)
    rows = fields(text, delimiter)
    header: list[str] = []
    for _, (_, names) in zip(range(PREAMBLE), rows, strict=False):
        found_header = _header(names, also or {})
        if not header:
            header = found_header  # which is told of, if there is none
        if all(spelt(name) in found_header for name in required):
            header = found_header
            break
    missing = [name for name in required if spelt(name) not in header]
    if len(missing) == len(required):
        raise AnotherKind("It has none of the columns of this report: is it another kind?")
    if missing:
        another = " Is it another kind of report?" if len(missing) > len(required) / 2 else ""
        raise UnusableReport(f"The header lacks {', '.join(missing)}.{another}")
    twice = [name for name in required if header.count(spelt(name)) > 1]
    if twice:
        raise UnusableReport(f"The header has {', '.join(twice)} more than once.")
    found = []
    for line, values in rows:
        if aside(dict(zip(header, values, strict=False))):
            continue
        if len(values) != len(header):
            few = "fewer" if len(values) < len(header) else "more"
            raise UnusableReport(
                f"Line {line} has {few} fields ({len(values)}) than the header ({len(header)})."
                " Was the file cut?"
            )
        found.append((line, dict(zip(header, values, strict=True))))
    comma = _decimal_comma(
        values.get(spelt(column), "") for _, values in found for column in amounts
    )
    return [Row(line, values, comma) for line, values in found]


def _header(names: Sequence[str], also: Mapping[str, Sequence[str]]) -> list[str]:
    """Names as they are compared, other spellings brought to the first."""
    header = [spelt(name) for name in names]
    for column, others in also.items():
        if spelt(column) not in header:
            other = next((spelt(name) for name in others if spelt(name) in header), None)
            header = [spelt(column) if name == other else name for name in header]
    return header


def _decimal_comma(figures: Iterable[str]) -> bool:
    """Whether the file writes 1.525,00 and not 1,525.00: what can be only one of them decides."""
    commas = points = 0
    for figure in figures:
        text = plain_figure(figure)
        if EITHER.match(text) or text.lstrip("+-").isdecimal():
            continue
        commas += bool(COMMA.match(text))
        points += bool(POINT.match(text))
    return commas > points
