"""Up to when every order is known, where many were placed since the last look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.stock import settled
from sfcc_cin7.stock.settled import MILLISECOND, all_known_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST, SITE = "inventory-us", "alpenglow-us"


class Till:
    """A site with an order each hour of this day, all of them failed, so that none is waited for;
    `read` are those that somebody took from it."""

    def __init__(self) -> None:
        self.read: list[datetime] = []

    def all_orders(
        self, site: str, *, created_from: datetime, created_to: datetime
    ) -> Iterator[dict[str, Any]]:
        for hour in range(12):
            created = NOON.replace(hour=hour)
            if created_from <= created < created_to:
                self.read.append(created)
                said = created.isoformat()
                yield {
                    "orderNo": str(hour),
                    "status": "failed",
                    "creationDate": said,
                    "lastModified": said,
                }


def test_after_an_outage_a_pass_looks_at_some_orders_and_the_next_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settled, "MOST_ORDERS", 5)
    till: Any = Till()
    known, read = [], []
    for _ in range(4):
        till.read = []
        known.append(all_known_until(engine, till, LIST, [SITE], NOON))
        read.append([each.hour for each in till.read])
    assert read == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10, 11], []]
    four, eight = (NOON.replace(hour=hour) - MILLISECOND for hour in (4, 8))
    assert known == [four, eight, NOON, NOON], "never past an order that nobody looked at"
    later = NOON + timedelta(minutes=1)
    assert all_known_until(engine, till, LIST, [SITE], later) == later
