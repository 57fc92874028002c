"""Pages of orders, although one of the orders cannot be read.

One order may spoil every page that it is on: a document that is no JSON, or so large that the page
exceeds the 10 MB that an Admin API answers with (Salesforce Commerce API, Timeouts and Limits). The
page is then asked for in halves until the order stands alone; the others are read.
"""

from collections.abc import Callable
from typing import Any

from sfcc_cin7.http.errors import Unavailable

Order = dict[str, Any]
Read = Callable[[int, int], list[Order]]
"""Reads a page, given its offset and limit."""


def readable_page(
    read: Read, answers: Callable[[], object], offset: int, limit: int
) -> list[Order | None]:
    """The orders from `offset` on, at most `limit`, with None in the place of each unreadable one.

    `answers` asks the site something that has nothing to do with these orders; it tells an order
    that cannot be read from a site that does not answer.

    Raises:
        ApiError: the site does not answer.
    """
    try:
        return list(read(offset, limit))
    except Unavailable as error:
        if not _may_be_the_content(error):
            raise
    answers()
    if limit == 1:
        return [None]
    half = limit // 2
    first = readable_page(read, answers, offset, half)
    if len(first) < half:
        return first
    return first + readable_page(read, answers, offset + half, limit - half)


def _may_be_the_content(error: Unavailable) -> bool:
    """An answer that is not as documented, or that the server could not make."""
    return error.status in (200, 500, 504)
