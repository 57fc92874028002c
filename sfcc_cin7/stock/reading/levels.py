"""Units of a SKU in its locations, and what the absence of a row means (pure).

Cin7's availability leaves rows of nothing out as it likes, has been seen to lack rows that were
there, and lists no deprecated product even if there is stock of it (Cin7 API reference, Product
Availability). So a level that does not appear is nobody's zero yet.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sfcc_cin7.db.levels import Place
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.counting import EVERYTHING, Counting
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO

DEPRECATED = "Deprecated"


def counting_now(model: OperatingModel, clock: Clock) -> Counting:
    """What counts today, where the merchant is."""
    today = clock.now().astimezone(ZoneInfo(model.time_zone)).date()
    return Counting(model.stock.not_for_sale, today)


@dataclass(frozen=True)
class Level:
    """Units of one SKU in one location; `available` may be negative, and what is there and
    `not_for_sale` is not in it.

    What is on order belongs to no bin, and nobody says whether every row of a location repeats it:
    of several the largest counts, with the latest date.
    """

    on_hand: Decimal = ZERO
    allocated: Decimal = ZERO
    available: Decimal = ZERO
    on_order: Decimal = ZERO
    arrives_at: datetime | None = None
    not_for_sale: Decimal = ZERO

    def __add__(self, other: "Level") -> "Level":
        return Level(
            self.on_hand + other.on_hand,
            self.allocated + other.allocated,
            self.available + other.available,
            max(self.on_order, other.on_order),
            max((at for at in (self.arrives_at, other.arrives_at) if at), default=None),
            self.not_for_sale + other.not_for_sale,
        )


def summed(rows: Iterable[AvailabilityRow], counting: Counting = EVERYTHING) -> dict[Place, Level]:
    """Units by SKU and location, summed over bins and batches."""
    sums: dict[Place, Level] = {}
    for row in rows:
        place = (row.sku, row.location)
        apart = counting.not_for_sale(row)
        level = Level(
            *(row.on_hand, row.allocated, row.available - apart),
            *(row.on_order, row.next_delivery_date, apart),
        )
        sums[place] = sums.get(place, Level()) + level
    return sums


@dataclass(frozen=True)
class Repeated:
    """A row that came more than once; `places` is how many such rows there are."""

    sku: str
    location: str
    first_page: int
    last_page: int
    places: int


@dataclass(frozen=True)
class Verdict:
    """What became of levels that did not appear.

    `known` levels are to be kept as found; `missed` ones stay as they were and are not published
    until somebody knows more; `deprecated` are those SKUs among them that wait for a person.
    """

    known: Mapping[Place, Level]
    missed: Collection[Place]
    deprecated: Collection[str]


def verdict(
    vanished: Mapping[Place, bool],
    deprecated: Collection[str],
    asked: Mapping[str, Mapping[Place, Level]],
) -> Verdict:
    """What to make of levels that did not appear.

    `vanished`: whether each was missed before too. `deprecated`: SKUs that the ERP deprecated while
    the storefront sells them. `asked`: what the ERP showed of SKUs when asked for them alone.
    """
    known: dict[Place, Level] = {}
    missed: list[Place] = []
    for place, missed_before in vanished.items():
        sku = place[0]
        if sku in asked and place in asked[sku]:
            known[place] = asked[sku][place]  # the list had a hole
        elif sku not in deprecated and (missed_before or sku in asked):
            known[place] = Level()
        else:
            missed.append(place)
    return Verdict(known, missed, sorted({sku for sku, _ in missed} & set(deprecated)))
