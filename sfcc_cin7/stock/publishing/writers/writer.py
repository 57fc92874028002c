"""What every way of writing takes and gives back: figures in, one outcome for each SKU.

A figure ends in one of three ways, whatever the way of writing (see `systems.http.errors`):

- `Done`: the storefront keeps it;
- `Refusal`: the storefront says no to this record, and a person has to look why;
- `Unknown`: it was not taken now, or nobody can tell. The next pass looks again.

Units are Decimal, times are aware UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from sfcc_cin7.stock.deciding.allocation import cut
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.values.backorder import Backorder

T = TypeVar("T")


class Figure(Protocol):
    """What one SKU of a list is to be told.

    `allocation` units are for sale as of `reset_at`. `withheld` are units that are there too and
    deliberately not offered: where the storefront knows safety stock, it is told of them.
    `backorder` is for sale beyond them, before it is there; None leaves that to whoever set it.
    """

    @property
    def sku(self) -> str: ...

    @property
    def allocation(self) -> Decimal: ...

    @property
    def reset_at(self) -> datetime: ...

    @property
    def withheld(self) -> Decimal: ...

    @property
    def backorder(self) -> Backorder | None: ...


@dataclass(frozen=True)
class Done:
    """The storefront keeps this allocation with this reset date, and what may be backordered."""

    sku: str
    allocation: Decimal
    reset_at: datetime
    backorder: Backorder | None = None


@dataclass(frozen=True)
class Refusal:
    """The storefront does not take the record; `reason` is its own words."""

    sku: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """Not taken now, or nobody can tell: the next pass looks again."""

    sku: str
    reason: str


Outcome = Done | Refusal | Unknown


class Writer(Protocol):
    """One way to write."""

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """Tell an inventory list its figures, at most one for each SKU, in no certain order.

        Each figure has exactly one outcome, given as soon as it is certain.

        Raises:
            ApiError: nothing can be written here, for example because a right is missing. What was
                given before stands.
        """
        ...


def done(figure: Figure) -> Done:
    """What the storefront holds once it has the figure: it keeps milliseconds."""
    return Done(figure.sku, figure.allocation, cut(figure.reset_at), figure.backorder)


def chunks(figures: Sequence[Figure], size: int) -> list[Sequence[Figure]]:
    """The figures in their order, in parts of at most `size`."""
    return [figures[start : start + size] for start in range(0, len(figures), size)]


def in_parallel(
    workers: int, work: Callable[[T], Iterable[Outcome]], parts: Sequence[T]
) -> Iterator[Outcome]:
    """The outcomes of all parts as they come.

    Raises:
        ApiError: the first one that a part raised, once what was under way has been given; parts
            that were not begun are left out.
    """
    failed: ApiError | None = None
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work, part) for part in parts]
        try:
            for future in as_completed(futures):
                if future.cancelled():
                    continue
                try:
                    yield from future.result()
                except ApiError as error:
                    failed = failed or error
                    _cancel(futures)
        finally:
            _cancel(futures)
    if failed is not None:
        raise failed


def _cancel(futures: Iterable[Future[Iterable[Outcome]]]) -> None:
    for future in futures:
        future.cancel()
