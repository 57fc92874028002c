"""Whole lives of orders, with faults of both systems and workers that die: what was lost, told
twice, or is off by a cent, as the sandbox's own judge sees it.

Placed, posted, shipped in parts and boxes, numbered late and over, undone, invoiced and credited
(`sfcc_cin7_tests/fulfilment/worlds.py`), told by attributes or by the cartridge; ten orders a play.

    python benchmarks/fulfilment_worlds.py [--worlds 300] [--first 0]
"""

import argparse
import logging

from _house import empty_database, say, tell

from sfcc_cin7.db.database import migrate
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.emptying import empty_every_table
from sfcc_cin7_tests.fulfilment.house import shipping
from sfcc_cin7_tests.fulfilment.worlds import Judged, play, together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)  # whatever fails says so
    found: list[Judged] = []
    with empty_database() as engine:
        migrate(engine)
        seed = chosen.first
        while sum(each.worlds for each in found) < chosen.worlds:
            with engine.begin() as connection:
                empty_every_table(connection)
            with shipping(engine, ManualClock()) as house:
                found.append(play(house, seed))
            seed += 1
            say(f"{sum(each.worlds for each in found)} of {chosen.worlds} worlds")
    total = together(found)
    about = {"deaths": total["deaths"], "plays": len(found), "first_seed": chosen.first}
    for metric in ("worlds", "lost_events", "doubled_events", "lowered", "off_by_cents"):
        tell(metric, total[metric], "count", **about)
    for each in found:
        for what in (*each.lost, *each.doubled, *each.lowered, *each.off_by_cents):
            print(what)


if __name__ == "__main__":
    main()
