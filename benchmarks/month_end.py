"""A quarter of a merchant's books, closed month by month, with troubles planted in it.

Orders of two currencies are paid through three gateways, of which one states no payouts. Settlement
files come every week, bank statements too, with refunds, disputes, reserves, fees and conversions.
Into each month troubles are planted on every leg (orders and ERP, gateways, bank). At the end of
each month everything is read and reconciled; then

- every gateway and currency is rolled forward: what is unexplained has to be 0.00;
- every planted trouble has to be open with its class, and nothing else;
- the month is closed. In the next one late files and restated files come for it: its figures have
  to stay as they were.

    python benchmarks/month_end.py [--orders 1500]

Orders, sales and files are generated; what reads, compares, posts, matches and closes is the
product. Seconds are those of the product, memory is this process's (not PostgreSQL's).
"""

import argparse
import random
import resource
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from _house import empty_database, say, tell
from _planted import play_month
from _quarter import GATEWAYS, START, Simulation, come_late
from sqlalchemy import Connection

from sfcc_cin7.ledger.periods.closing import changed_since_closing, close_month
from sfcc_cin7.ledger.periods.rolling import rolled_forward
from sfcc_cin7.ledger.records import payouts, periods
from sfcc_cin7.merchant.ledger import GatewayPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.months import first_day, following, last_day
from sfcc_cin7_tests.project import SANDBOX_MODEL

MONTHS = ("2026-01", "2026-02", "2026-03")


def merchant() -> OperatingModel:
    model = load_operating_model(SANDBOX_MODEL)
    gateways = {
        name: GatewayPolicy.model_validate({"report": "normalised", "methods": [name]})
        for name in GATEWAYS
    }
    ledger = model.ledger.model_copy(update={"gateways": gateways})
    return model.model_copy(update={"ledger": ledger})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1500, help="of the quarter")
    count = parser.parse_args().orders
    unexplained, changed, late = Decimal(0), 0, 0
    kept: dict[str, list[tuple[object, ...]]] = {}
    with empty_database() as engine, tempfile.TemporaryDirectory() as folder:
        it = Simulation(engine, ManualClock(START), merchant(), Path(folder), random.Random(22))
        for month in MONTHS:
            say(f"{month}: generating")
            play_month(it, month, count // len(MONTHS))
            say(f"{month}: reading and reconciling")
            it.look()
            with engine.connect() as connection:
                rolled = rolled_forward(connection, month, it.model.time_zone)
                for report in payouts.open_reports(connection):
                    print(f"not final: {report.gateway}/{report.name}: {report.note}")
            unexplained += sum((abs(one.unexplained) for one in rolled), Decimal(0))
            it.judge()
            with it.timed():
                close_month(engine, it.model, it.clock, month, "the benchmark")
            with engine.connect() as connection:
                kept[month] = _figures(connection, month)
            come_late(it, month)
            it.write_files()
            it.write_statements(it.clock.now() - timedelta(days=1))
            it.look()
            with engine.connect() as connection:
                changed += sum(_figures(connection, one) != kept[one] for one in kept)
                changed += len(changed_since_closing(connection))
                again = rolled_forward(connection, month, it.model.time_zone)
            unexplained += sum((abs(one.unexplained) for one in again), Decimal(0))
            with engine.connect() as connection:
                found = periods.late_entries(connection, following(month))
                late += sum(one.entries for one in found if one.late_for == month)
        it.judge()
    about = {"orders": it.number, "months": len(MONTHS), "gateways": len(GATEWAYS)}
    tell("unexplained", float(unexplained), "of all currencies", **about)
    tell("planted", it.planted, "troubles", **about)
    tell("found", it.found, "troubles", accused=len(it.accused), **about)
    tell("closed_changed", changed, "figures", posted_late=late, **about)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tell("month_end_seconds", it.spent, "s", megabytes=round(memory), **about)
    for one in it.accused[:20]:
        print("accused:", one)
    bad = unexplained or changed or it.found < it.planted or it.accused
    bad = bad or it.planted < 40 or not late
    sys.exit(1 if bad else 0)


def _figures(connection: Connection, month: str) -> list[tuple[object, ...]]:
    found = periods.balances(connection, first_day(month), last_day(month))
    return [tuple(one) for one in found]


if __name__ == "__main__":
    main()
