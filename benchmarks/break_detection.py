"""How well troubles are told apart: planted on every leg among 2,000 clean orders, then mended.

Orders go through the real posting lane against both emulated systems, at simulated time; gateways
leave settlement reports in a folder. One pass of the ledger must find every trouble with its class
and owner, and accuse no clean order; after the causes are mended, a second one must close them all.

    python benchmarks/break_detection.py [--orders 2000]
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from _house import empty_database, say, tell

from sfcc_cin7.ledger.breaks.break_classes import CLASSES
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.merchant_house import house
from sfcc_cin7_tests.ledger.planted_breaks import Score, play


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2000, help="clean ones")
    clean = parser.parse_args().orders
    logging.disable(logging.WARNING)  # orders that wait for the call budget say so
    began = time.monotonic()
    with (
        empty_database() as engine,
        tempfile.TemporaryDirectory() as folder,
        house(engine, ManualClock(), Path(folder), skus=max(150, clean)) as merchant,
    ):
        score = play(merchant, clean, say)
    seconds = round(time.monotonic() - began)
    show(score)
    about = {"clean_orders": len(merchant.clean), "troubles": len(score.planted)}
    tell("breaks_planted", score.expected, "breaks", **about, seconds=seconds)
    tell("breaks_found", score.found, "breaks", **about)
    tell("breaks_wrong_class", len(score.wrong), "breaks", **about)
    tell("clean_accused", len(score.accused), "orders", **about)
    tell("breaks_not_closed", len(score.not_closed), "breaks", **about)
    sys.exit(1 if score.wrong or score.accused or score.not_closed else 0)


def show(score: Score) -> None:
    """The confusion table: a row for each class as it is, a column for each as it was seen."""
    names = [*CLASSES, "none"]
    print("\nis \\ seen as".ljust(18), *(name.rjust(14) for name in names))
    for truth in names:
        counts = [score.confusion.get((truth, seen), 0) for seen in names]
        print(truth.ljust(17), *(str(count or ".").rjust(14) for count in counts))
    for sentence in (*score.wrong, *map(str, score.accused), *map(str, score.not_closed)):
        print(sentence)


if __name__ == "__main__":
    main()
