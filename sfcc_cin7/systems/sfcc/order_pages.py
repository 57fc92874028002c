"""Pages of orders, although one of the orders cannot be read.

One order may spoil every page that it is on. A document that is no JSON leaves the others legible
in the same answer. An answer that the server cannot make, because it would exceed the 10 MB of an
Admin API (Salesforce Commerce API, Timeouts and Limits), is asked for in smaller pieces.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7.values import decimal_json

Order = dict[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """Stands in the place of an order; `number` is its order number where that can be made out."""

    number: str | None = None


@dataclass(frozen=True)
class Missed(Unreadable):
    """An unreadable order of a window, created after the instant `after` at the earliest."""

    after: datetime = field(kw_only=True)


Entry = Order | Unreadable
Read = Callable[[int, int], list[Entry]]
"""Reads a page, given its offset and limit."""

MOST_FAILURES = 10_000
"""Places of a spoilt answer at which nothing whole begins: beyond that it is not worth the time."""
_LIST = re.compile(r'"data"\s*:\s*\[')
_NUMBER = re.compile(r'"orderNo"\s*:\s*"([^"\\]{1,50})"')
_BETWEEN = " ,\t\r\n"


def entry(row: object) -> Entry:
    """What a row of a list is."""
    if isinstance(row, Unreadable):
        return row
    if isinstance(row, dict) and isinstance(row.get("orderNo"), str):
        return row
    return Unreadable()


def legible(content: bytes) -> Any:
    """An order list as it is; of one that is no JSON, whatever orders are whole in it.

    An order taken from a spoilt answer may be part of what spoilt it: read it alone before acting
    on what it says. Raises ValueError where there is no list of orders, or one spoilt beyond
    measure.
    """
    try:
        return decimal_json.loads(content)
    except ValueError:
        text = content.decode("utf-8", errors="replace")
        begins = _LIST.search(text)
        if begins is None:
            raise
        return {"data": list(_pieces(text, begins.end()))}


def readable_page(
    read: Read, answers: Callable[[], object], offset: int, limit: int
) -> list[Entry]:
    """The orders from `offset` on, at most `limit`, with each unreadable one in its place.

    A page that the server cannot make is taken apart in halves. `answers` asks the site something
    that has nothing to do with these orders; it tells an order that cannot be read from a site that
    does not answer.

    Raises:
        ApiError: the site does not answer.
    """
    try:
        return read(offset, limit)
    except Unavailable as error:
        if not is_about_content(error):
            raise
    answers()
    if limit == 1:
        return [Unreadable()]
    half = limit // 2
    first = readable_page(read, answers, offset, half)
    if len(first) < half:
        return first
    return first + readable_page(read, answers, offset + half, limit - half)


def one_by_one(read: Read, answers: Callable[[], object], offset: int, count: int) -> list[Entry]:
    """As `readable_page`, but each order in a call of its own, all at the same time.

    So an order that the server cannot show keeps the others no longer than a call takes.
    """

    def alone(at: int) -> list[Entry]:
        try:
            return read(at, 1)
        except Unavailable as error:
            if not is_about_content(error):
                raise
            return [Unreadable()]

    with ThreadPoolExecutor(count + 1) as pool:
        up = pool.submit(answers)
        page = [row for rows in pool.map(alone, range(offset, offset + count)) for row in rows]
        up.result()
    return page


def is_about_content(error: Unavailable) -> bool:
    """Whether it is an answer that is not as documented, or that the server could not make."""
    return error.status in (200, 500, 504)


def _pieces(text: str, at: int) -> Iterator[Entry]:
    """The orders that are whole in a list that begins at `at`, and what is lost between them."""
    lost_from = begins = at
    failures = 0
    while (begins := text.find("{", begins)) >= 0:
        try:
            value, ends = decimal_json.first(text, begins)
        except ValueError:
            failures += 1
            if failures > MOST_FAILURES:
                raise ValueError("a list of orders that is spoilt beyond measure") from None
            begins += 1
            continue
        found = entry(value)
        if not isinstance(found, Unreadable):
            yield from _lost(text[lost_from:begins])
            yield found
            lost_from = ends
        begins = ends
    if not text[lost_from:].lstrip(_BETWEEN).startswith("]"):
        yield from _lost(text[lost_from:])


def _lost(text: str) -> list[Unreadable]:
    if not text.strip(_BETWEEN):
        return []
    numbers = list(dict.fromkeys(_NUMBER.findall(text)))
    return [Unreadable(number) for number in numbers] or [Unreadable()]
