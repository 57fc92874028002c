"""How well troubles of both catalogues are found: forty among 5,000 SKUs, then mended.

Both emulated systems are called in the process, at simulated time. A round reads both catalogues,
compares the products, looks at the gate, tells the prices of one book and reads all of them back.
The first round after the planting must find every trouble with its owner, and accuse no other SKU;
after people have mended the causes, all must be closed.

    python benchmarks/catalogue_troubles.py [--skus 5000]
"""

import argparse
import sys
import time

from _house import empty_database, merchant, say, tell

from sfcc_cin7.db.database import migrate
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.catalogue.planted import a_round, play


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=5000)
    skus = parser.parse_args().skus
    began = time.monotonic()
    with empty_database() as engine:
        migrate(engine)
        with a_round(engine, ManualClock(), merchant(), skus) as it:
            score = play(it, say)
    wrong = [*score.missed, *map(str, score.accused), *map(str, score.not_closed)]
    for sentence in wrong:
        print(f"\n{sentence}", file=sys.stderr)
    about = {"skus": skus, "seconds": round(time.monotonic() - began)}
    tell("catalogue_troubles_planted", len(score.planted), "troubles", **about)
    tell("catalogue_troubles_found", score.found, "troubles", **about)
    tell("catalogue_troubles_accused", len(score.accused), "findings", **about)
    tell("catalogue_troubles_not_closed", len(score.not_closed), "findings", **about)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
