"""A price table: what one product costs in one book, by quantity, in one window of time."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ONE = Decimal(1)


@dataclass(frozen=True)
class PriceTable:
    """Unit prices in the book's currency by least quantity, the single unit first. Without a window
    it is always valid; else from `begins` to before `until`, both aware."""

    amounts: tuple[tuple[Decimal, Decimal], ...]
    begins: datetime | None = None
    until: datetime | None = None

    @property
    def price(self) -> Decimal:
        """Of a single unit."""
        return self.amounts[0][1]

    @property
    def lowest(self) -> Decimal:
        """The least that a unit ever costs."""
        return min(amount for _, amount in self.amounts)

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        return self.begins, self.until

    def is_valid_at(self, moment: datetime) -> bool:
        begun = self.begins is None or self.begins <= moment
        return begun and (self.until is None or moment < self.until)

    def text(self) -> str:
        """One text for each table, so that equal tables have equal texts."""
        return json.dumps(
            {
                "amounts": [[_figure(least), _figure(price)] for least, price in self.amounts],
                **({"from": self.begins.isoformat()} if self.begins else {}),
                **({"until": self.until.isoformat()} if self.until else {}),
            },
            separators=(",", ":"),
        )


def read_table(text: str) -> PriceTable | None:
    """The table of a `text`; None of an empty one."""
    if not text:
        return None
    row = json.loads(text)
    begins, until = (
        datetime.fromisoformat(row[side]) if side in row else None for side in ("from", "until")
    )
    return PriceTable(
        tuple((Decimal(least), Decimal(price)) for least, price in row["amounts"]), begins, until
    )


def table_of(
    amounts: Iterable[tuple[Decimal, Decimal]],
    begins: datetime | None = None,
    until: datetime | None = None,
) -> PriceTable:
    """A table with its amounts in the order of their quantities."""
    return PriceTable(tuple(sorted(amounts)), begins, until)


def _figure(value: Decimal) -> str:
    return f"{value.normalize():f}"
