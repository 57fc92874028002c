"""From a reading of the ERP's stock to what the storefront is to be told, by rows and by changes.

Every case runs in a process of its own: a first reading fills the store, then a second one differs
in a share of its rows. Measured is the second, from columns to decision: validated, compared,
summed and kept, then for the SKUs that changed the allocation and whether it is to be published.
Making up the pages is not counted; from JSON to columns is stated apart, in rows a second. Memory
is the most that the process ever used, with the database server beside it.
In the same process, for comparison: a polars join of the same two frames, already in memory.

    python benchmarks/stock_diff.py [--rows 10000 100000 1000000] [--changed 0.001 0.01 0.1]
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from _house import empty_database, merchant, say, tell
from sqlalchemy import Engine, text

from sfcc_cin7.db.levels import available, last_snapshot, skus_changed_since
from sfcc_cin7.stock.deciding.offering import SkuState
from sfcc_cin7.stock.deciding.plan import ListState, plan
from sfcc_cin7.stock.deciding.safety import Rules
from sfcc_cin7.stock.reading.snapshot import Snapshot, take_snapshot
from sfcc_cin7.stock.records.offers import published
from sfcc_cin7.systems.cin7.availability import AvailabilityPage, page_of
from sfcc_cin7.systems.cin7.documents import Location
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import SystemClock

LOCATIONS = ("London DC", "Reno DC", "Osaka DC", "Berlin DC")
LIST = "inventory-uk"
TOLD = """
insert into sfcc_cin7.published_stock (list_id, sku, allocation, reset_at, published_at)
select :list, sku, sum(available), now(), now() from sfcc_cin7.stock_levels group by sku
"""
"""The storefront has been told all of the first reading."""


class MadeUpErp:
    """Pages of availability without an ERP; `changed` of its rows have a unit less."""

    def __init__(self, rows: int, changed: float = 0) -> None:
        self._rows = rows
        self._every = round(1 / changed) if changed else 0
        self.seconds = self.decoding = 0.0
        self.calls = 0

    def units(self, row: int) -> int:
        """Units on hand of a row, by its number."""
        moved = self._every and row % self._every == 0
        return 20 + row % 50 - (1 if moved else 0)

    def availability_page(self, page: int) -> AvailabilityPage:
        """One page as the client gives it."""
        began = time.perf_counter()
        first = (page - 1) * PAGE_SIZE
        rows = [
            {
                "ID": "00000000-0000-4000-8000-000000000001",
                "SKU": f"SKU-{row // len(LOCATIONS):07d}",
                "Location": LOCATIONS[row % len(LOCATIONS)],
                "OnHand": Decimal(self.units(row)),
                "Allocated": Decimal(0),
                "Available": Decimal(self.units(row)),
            }
            for row in range(first, min(first + PAGE_SIZE, self._rows))
        ]
        body = decimal_json.dumps(
            {"Total": self._rows, "Page": page, "ProductAvailabilityList": rows}
        )
        made = time.perf_counter()
        answer = page_of(decimal_json.loads(body))
        ended = time.perf_counter()
        self.seconds += ended - began
        self.decoding += ended - made
        self.calls += 1
        return answer

    def locations(self) -> list[Location]:
        """What `/ref/location` lists."""
        return [
            Location(ID=f"00000000-0000-4000-8000-{number:012d}", Name=name)
            for number, name in enumerate(LOCATIONS)
        ]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--changed", type=float, nargs="+", default=[0.001, 0.01, 0.1])
    arguments.add_argument("--case", nargs=2, metavar=("ROWS", "CHANGED"))
    chosen = arguments.parse_args()
    if chosen.case:
        print(json.dumps(case(int(chosen.case[0]), float(chosen.case[1]))))
        return
    for rows in chosen.rows:
        for changed in chosen.changed:
            say(f"{rows} rows, {changed:.1%} changed")
            command = [sys.executable, __file__, "--case", str(rows), str(changed)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            figures = json.loads(done.stdout.splitlines()[-1])
            about = {"rows": rows, "changed_share": changed, "changed": figures["changed"]}
            about |= {"published": figures["published"], "calls": figures["calls"]}
            tell("stock_diff_seconds", figures["seconds"], "s", **about, parts=figures["parts"])
            tell("stock_diff_peak_mb", figures["peak_mb"], "MB", **about)
            tell("stock_diff_decoded", figures["decoded"], "rows/s", **about)
            tell("stock_diff_polars_seconds", figures["polars"], "s", **about)


def case(rows: int, changed: float) -> dict[str, Any]:
    """The figures of one case, measured in this process."""
    with empty_database() as engine:
        read(engine, MadeUpErp(rows))
        with engine.begin() as connection:
            last = last_snapshot(connection)
            assert last is not None
            connection.execute(text(TOLD), {"list": LIST})
        erp = MadeUpErp(rows, changed)
        began = time.perf_counter()
        snapshot = read(engine, erp)
        seen = time.perf_counter()
        pushes, calls = delta(engine, last.id)
        ended = time.perf_counter()
        assert snapshot.believed
        assert snapshot.changed == len(range(0, rows, round(1 / changed))), snapshot.changed
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = {"reading": seen - began - erp.seconds, "delta": ended - seen}
    return {
        "seconds": sum(parts.values()),
        "parts": {name: round(seconds, 3) for name, seconds in parts.items()},
        "peak_mb": peak,
        "changed": snapshot.changed,
        "published": pushes,
        "calls": calls,
        "decoded": round(rows / erp.decoding),
        "polars": polars_join(rows, changed),
    }


def read(engine: Engine, erp: MadeUpErp) -> Snapshot:
    client: Any = erp
    return take_snapshot(engine, client, merchant(), SystemClock())


def delta(engine: Engine, before: int) -> tuple[int, int]:
    """How many SKUs are to be published, and how many calls of 50 records that takes."""
    with engine.connect() as connection:
        row = last_snapshot(connection)
        assert row is not None
        skus = skus_changed_since(connection, before, LOCATIONS)
        units = available(connection, LOCATIONS, skus)
        told = published(connection, LIST, skus)
    states = {
        sku: SkuState(available=units[sku], read_at=row.started_at, told=told[sku]) for sku in skus
    }
    where = ListState(on_order=False, settled=row.started_at - timedelta(seconds=60))
    pushes = len(plan(states, where, Rules([], LIST, Decimal(0), row.started_at), {}).pushes)
    return pushes, -(-pushes // 50)


def polars_join(rows: int, changed: float) -> float:
    """Seconds that polars needs to find the rows that differ, without reading or keeping any."""
    import polars

    def frame(erp: MadeUpErp) -> polars.DataFrame:
        def columns() -> Iterator[tuple[str, str, int]]:
            for row in range(rows):
                sku = f"SKU-{row // len(LOCATIONS):07d}"
                yield sku, LOCATIONS[row % len(LOCATIONS)], erp.units(row)

        return polars.DataFrame(
            list(columns()), schema=["sku", "location", "available"], orient="row"
        )

    old, new = frame(MadeUpErp(rows)), frame(MadeUpErp(rows, changed))
    began = time.perf_counter()
    sums = new.group_by("sku", "location").agg(polars.col("available").sum())
    joined = sums.join(old, on=["sku", "location"], how="left", suffix="_old")
    moved = joined.filter(polars.col("available") != polars.col("available_old"))
    by_sku = moved.group_by("sku").agg(polars.col("available").sum())
    seconds = time.perf_counter() - began
    assert by_sku.height <= moved.height == len(range(0, rows, round(1 / changed)))
    return seconds


if __name__ == "__main__":
    main()
