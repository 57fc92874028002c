"""A whole reading as columns of numbers, and what of it differs from the reading before (pure).

A row is known by 64 bits: of its place (SKU and location), of itself (bin, batch and expiry date
too), and of all that it says. Whoever keeps the last for a reading finds in the next one, without
the rows of either, which places could have changed. That two rows share their 64 bits happens once
in thirty million readings of a million rows. Load it lazily: pandas.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sfcc_cin7.db.levels import Place
from sfcc_cin7.stock.reading.frames import NO_DATE, QUANTITIES
from sfcc_cin7.stock.reading.levels import Level, Repeated
from sfcc_cin7.stock.records.fingerprints import Kept
from sfcc_cin7.stock.records.level_diff import Sum

Keys = NDArray[np.int64]
"""64 bits for each row, as int64."""
AT_ONCE = 20_000
"""Places that are summed at a time: a first reading is all new."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ADDED = ("on_hand", "allocated", "available", "not_for_sale")
_LARGEST = ("on_order", "arrives_at")
"""What is on order belongs to no bin, and nobody says whether each row of a location repeats it."""
_NUMBERS = (*QUANTITIES, "arrives_at", "not_for_sale")


def place_keys(places: Collection[Place]) -> dict[Place, int]:
    """The key of each of these places."""
    if not places:
        return {}
    skus, locations = zip(*places, strict=True)
    keys = _mixed(_text(skus), _text(locations)).view(np.int64).tolist()
    return dict(zip(places, keys, strict=True))


def settled(levels: Mapping[Place, Level]) -> list[tuple[object, ...]]:
    """Levels that were found out beside the pages, as `StagedReading.settle` takes them."""
    keys = place_keys(levels)
    return [(keys[place], *place, *vars(level).values()) for place, level in levels.items()]


class Tally:
    """The rows of one reading, as they come."""

    def __init__(self) -> None:
        self._skus: list[NDArray[Any]] = []
        self._numbers: list[NDArray[Any]] = []
        self._codes: list[NDArray[Any]] = []
        self._keys: list[NDArray[Any]] = []  # of the place, of the row, of what it says
        self._pages: list[NDArray[Any]] = []
        self.locations: list[str] = []

    def add(self, pages: Sequence[int], frame: pd.DataFrame) -> None:
        """Validated rows with the number of the page on which each came."""
        place = _mixed(_text(frame["sku"]), _text(frame["location"]))
        row = place
        for part in ("bin", "batch", "expiry_date"):
            row = _mixed(row, _text(frame[part]))
        numbers = np.vstack([frame[name].to_numpy() for name in _NUMBERS])
        says = row
        for column in numbers:
            says = _mixed(says, column.view(np.uint64))
        codes, skus = pd.factorize(frame["sku"].to_numpy())
        self._skus.append(skus)
        self._codes.append(np.vstack([codes, self._numbered(frame["location"])]).astype(np.int32))
        self._numbers.append(numbers)
        self._keys.append(np.vstack([place, row, says]).view(np.int64))
        self._pages.append(np.asarray(pages, dtype=np.int32))

    def __len__(self) -> int:
        return sum(len(part) for part in self._pages)

    @property
    def sku_count(self) -> int:
        """How many SKUs there are."""
        return len(set().union(*self._skus))

    def fingerprint(self, beside: Collection[Place] = ()) -> tuple[bytes, bytes]:
        """What there is to keep of the reading: keys of what each row says, and of its place.

        Places that were found out `beside` the pages say what no row ever does, so that the next
        reading looks at them again, whether it shows them or not.
        """
        keys = np.fromiter(place_keys(beside).values(), dtype=np.int64)
        return (
            np.concatenate([self._all(2), keys]).tobytes(),
            np.concatenate([self._all(0), keys]).tobytes(),
        )

    def repeated(self) -> Repeated | None:
        """The first row that came twice; None if every row came once."""
        rows = self._all(1)
        again = pd.Series(rows).duplicated(keep=False).to_numpy()
        if not again.any():
            return None
        pages = np.concatenate(self._pages)[again]
        found = rows[again]
        first = int(np.argmin(pages))
        (sku, location), *_ = self._places(np.flatnonzero(again)[[first]])
        own = pages[found == found[first]]
        return Repeated(sku, location, int(own.min()), int(own.max()), len(np.unique(found)))

    def touched(self, before: Kept, others: Collection[int]) -> Keys:
        """Places of which a row came, went or says something else, and `others`."""
        said, says = np.frombuffer(before.contents, dtype=np.int64), self._all(2)
        came = self._all(0)[~_in(says, said)]
        went = np.frombuffer(before.places, dtype=np.int64)[~_in(said, says)]
        return np.unique(np.concatenate([came, went, np.fromiter(others, dtype=np.int64)]))

    def gone(self, touched: Keys) -> list[int]:
        """Those of these places of which no row came."""
        lacking: list[int] = touched[~_in(touched, self._all(0))].tolist()
        return lacking

    def sums(self, touched: Collection[int] | None) -> Iterator[Sum]:
        """Units by place, over bins and batches, of these places."""
        places = self._all(0)
        rows = np.arange(len(places))
        if touched is not None:
            rows = np.flatnonzero(_in(places, np.fromiter(touched, dtype=np.int64)))
        rows = rows[np.argsort(places[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(places[rows], prepend=0)) if len(rows) else rows
        if len(rows) and places[rows[0]] == 0:
            starts = np.concatenate([[0], starts])
        ends = np.append(starts, len(rows))
        for at in range(0, len(starts), AT_ONCE):
            few = starts[at : at + AT_ONCE]
            yield from self._summed(rows[few[0] : ends[at + len(few)]], few - few[0], places)

    def _summed(
        self, rows: NDArray[Any], starts: NDArray[Any], places: NDArray[Any]
    ) -> Iterator[Sum]:
        """Of these rows, in the order of their places, each of which starts at one of `starts`."""
        found = dict(zip(_NUMBERS, self._figures(rows), strict=True))
        summed = {name: np.add.reduceat(found[name], starts).tolist() for name in _ADDED}
        summed |= {name: np.maximum.reduceat(found[name], starts).tolist() for name in _LARGEST}
        firsts = rows[starts]
        named = zip(places[firsts].tolist(), self._places(firsts), strict=True)
        for at, (key, (sku, location)) in enumerate(named):
            moment = summed["arrives_at"][at]
            yield Sum(
                place_key=key,
                sku=sku,
                location=location,
                on_hand=summed["on_hand"][at],
                allocated=summed["allocated"][at],
                available=summed["available"][at],
                on_order=summed["on_order"][at],
                arrives_at=None if moment == NO_DATE else _EPOCH + timedelta(microseconds=moment),
                not_for_sale=summed["not_for_sale"][at],
            )

    def _figures(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The numbers of these rows, wherever they came."""
        found = np.empty((len(_NUMBERS), len(rows)), dtype=np.int64)
        for part, (at, local) in enumerate(self._parts(rows)):
            found[:, at] = self._numbers[part][:, local]
        return found

    def _parts(self, rows: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """For each part that came: which of these rows are in it, and where."""
        ends = np.cumsum([len(part) for part in self._pages])
        parts = np.searchsorted(ends, rows, side="right")
        for part, size in enumerate(len(pages) for pages in self._pages):
            at = np.flatnonzero(parts == part)
            yield at, rows[at] - (ends[part] - size)

    def _all(self, which: int) -> Keys:
        keys = [part[which] for part in self._keys]
        return np.concatenate(keys) if keys else np.empty(0, dtype=np.int64)

    def _places(self, rows: NDArray[Any]) -> list[Place]:
        """SKU and location of these rows."""
        found: list[Place] = [("", "")] * len(rows)
        for part, (at, local) in enumerate(self._parts(rows)):
            skus, locations = self._codes[part][:, local]
            named = self._skus[part][skus]
            for where, sku, location in zip(at.tolist(), named, locations.tolist(), strict=True):
                found[where] = sku, self.locations[location]
        return found

    def _numbered(self, locations: "pd.Series[str]") -> NDArray[Any]:
        codes, names = pd.factorize(locations.to_numpy())
        for name in names:
            if name not in self.locations:
                self.locations.append(name)
        numbers = np.array([self.locations.index(name) for name in names], dtype=np.int32)
        found: NDArray[Any] = numbers[codes]
        return found


def _in(keys: Keys, others: Keys) -> NDArray[Any]:
    """Whether each key is among the others."""
    found: NDArray[Any] = pd.Series(keys).isin(others).to_numpy()
    return found


def _text(values: "Sequence[str] | pd.Series[str]") -> NDArray[Any]:
    hashed: NDArray[Any] = pd.util.hash_array(np.asarray(values, dtype=object))
    return hashed


def _mixed(keys: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
    """Both in 64 bits: the finaliser of splitmix64, over a sum that tells which came first."""
    mixed: NDArray[Any] = keys * np.uint64(0x9E3779B97F4A7C15) + more
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
