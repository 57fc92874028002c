"""A hundred counts with one call: batch-update of Omnichannel Inventory.

A count that is refused stops no other. Each has an id that is the same whenever it is repeated
within one write, so that a request that was processed twice counts once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from sfcc_cin7.stock.publishing.writers.doubt import settle
from sfcc_cin7.stock.publishing.writers.writer import (
    Done,
    Figure,
    Outcome,
    Refusal,
    chunks,
    done,
    in_parallel,
)
from sfcc_cin7.stock.reading.shelf import OciShelf
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import ApiError, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.importing import is_about_access
from sfcc_cin7.systems.sfcc.oci import MOST_RECORDS
from sfcc_cin7.systems.sfcc.oci_documents import StockCount
from sfcc_cin7.values.clock import Clock

AT_ONCE = 4
IDS = UUID("6a1f9a0e-52c5-4c52-9d0d-3c1f6f6f8f0b")
"""The namespace of our idempotency ids."""
NO_SKU = re.compile(r"[:\\<>;%/\s]")


class OciWriter:
    """Writes counts of a location by the hundred."""

    def __init__(self, shop: SfccClient, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock
        self._shelf = OciShelf(shop)

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """See `Writer`."""
        refusals, fitting = misfits(figures)
        yield from refusals
        write = partial(self._settle, list_id, self._clock.now())
        yield from in_parallel(AT_ONCE, write, chunks(fitting, MOST_RECORDS))

    def _settle(self, list_id: str, begun: datetime, figures: Sequence[Figure]) -> list[Outcome]:
        attempt = partial(self._attempt, list_id, begun)
        return settle(figures, attempt, partial(self._shelf.some, list_id))

    def _attempt(
        self, list_id: str, begun: datetime, figures: Sequence[Figure]
    ) -> Mapping[str, Done | ApiError]:
        counts = [count(list_id, figure, begun) for figure in figures]
        try:
            reasons = retries.unprocessed(
                lambda: self._shop.update_counts(counts), self._clock.sleep
            )
        except Refused as error:
            if is_about_access(error):
                raise
            if len(figures) == 1:
                return {figures[0].sku: error}
            middle = len(figures) // 2  # one that spoils the request is found by halves
            first, second = figures[:middle], figures[middle:]
            return {
                **self._attempt(list_id, begun, first),
                **self._attempt(list_id, begun, second),
            }
        except ApiError as error:
            return {figure.sku: error for figure in figures}
        return {
            figure.sku: refused(reasons[each.id]) if each.id in reasons else done(figure)
            for figure, each in zip(figures, counts, strict=True)
        }


def misfits(figures: Sequence[Figure]) -> tuple[list[Refusal], list[Figure]]:
    """Figures whose SKU Omnichannel Inventory cannot hold, and the others."""
    bad = [f for f in figures if not f.sku or NO_SKU.search(f.sku)]
    words = "Omnichannel Inventory takes no SKU with white space or one of : \\ < > ; % /"
    refusals = [Refusal(figure.sku, words) for figure in bad]
    lost = {refusal.sku for refusal in refusals}
    return refusals, [figure for figure in figures if figure.sku not in lost]


def count(list_id: str, figure: Figure, begun: datetime) -> StockCount:
    """A figure as a count: what is withheld is on hand too, as safety stock.

    The id tells this write apart from an earlier one that said the same: between the two the
    storefront may have been told something else.
    """
    said = (
        *(list_id, figure.sku, figure.allocation, figure.withheld, figure.reset_at, begun),
        *((figure.backorder,) if figure.backorder else ()),
    )
    return StockCount(
        id=str(uuid5(IDS, "|".join(map(str, said)))),
        location=list_id,
        sku=figure.sku,
        on_hand=figure.allocation + figure.withheld,
        safety=figure.withheld,
        effective_at=figure.reset_at,
        future=figure.backorder,
    )


def refused(reason: str) -> Refused:
    """A record that was refused within a request that was not."""
    return Refused("sfcc", "POST /actions/batch-update", None, reason)
