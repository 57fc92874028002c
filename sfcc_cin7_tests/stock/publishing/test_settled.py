"""Up to when every order is known, where many were placed since the last look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.stock.publishing import settled
from sfcc_cin7.stock.publishing.settled import MILLISECOND, all_known_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST, SITE = "inventory-us", "us"


def at(hour: int) -> datetime:
    return NOON.replace(hour=hour)


class Till:
    """Sites with orders that nobody took: when each was created, and failed (None: it is awaited).

    `read` are those that somebody looked at.
    """

    def __init__(self, **orders: dict[datetime, datetime | None]) -> None:
        self.orders = orders
        self.read: list[datetime] = []

    def all_orders(
        self, site: str, *, created_from: datetime, created_to: datetime
    ) -> Iterator[dict[str, Any]]:
        for created, failed in self.orders[site].items():
            if created_from <= created < created_to:
                self.read.append(created)
                yield {
                    "orderNo": created.isoformat(),
                    "status": "failed" if failed else "created",
                    "creationDate": created.isoformat(),
                    "lastModified": (failed or created).isoformat(),
                }


def test_after_an_outage_a_pass_looks_at_some_orders_and_the_next_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settled, "MOST_ORDERS", 5)
    till: Any = Till(us={at(hour): at(hour) for hour in range(12)})
    known, read = [], []
    for _ in range(4):
        till.read = []
        known.append(all_known_until(engine, till, LIST, [SITE], NOON))
        read.append([each.hour for each in till.read])
    assert read == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10, 11], []]
    four, eight = at(4) - MILLISECOND, at(8) - MILLISECOND
    assert known == [four, eight, NOON, NOON], "never past an order that nobody looked at"
    later = NOON + timedelta(minutes=1)
    assert all_known_until(engine, till, LIST, [SITE], later) == later


@pytest.mark.parametrize("site", ["us", "ca"])
def test_no_reset_date_lies_between_an_order_and_its_failure(engine: Engine, site: str):
    """It would forget the units that the order drew, and count those that it gives back."""
    sites: dict[str, dict[datetime, datetime | None]] = {"us": {at(9): None}, "ca": {}}
    sites[site] = dict(sorted({**sites[site], at(5): at(7), at(8): at(10)}.items()))
    till: Any = Till(**sites)
    awaited_from = at(8) - MILLISECOND
    for _ in range(2):
        assert all_known_until(engine, till, LIST, sites, NOON) == awaited_from
    sites["us"][at(9)] = at(11)
    assert all_known_until(engine, till, LIST, sites, NOON) == NOON


@pytest.mark.parametrize("said", [None, "yesterday", "2026-03-02T08:30:00"])
def test_an_order_that_does_not_say_when_it_was_created_is_as_old_as_the_one_before_it(
    engine: Engine, said: str | None
):
    class Silent(Till):
        def all_orders(self, site: str, **window: datetime) -> Iterator[dict[str, Any]]:
            yield from super().all_orders(site, **window)
            yield {"orderNo": "1", "status": "created", "creationDate": said}

    till: Any = Silent(us={at(8): at(9)})
    assert all_known_until(engine, till, LIST, [SITE], NOON) == at(8) - MILLISECOND
