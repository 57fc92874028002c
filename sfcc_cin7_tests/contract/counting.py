"""Prints how many calls were made up, of how many operations, and what was answered, one JSON line
for each system; the first answer that is wrong ends it.

    python -m sfcc_cin7_tests.contract.counting [CALLS]
"""

import json
import sys
from collections import Counter
from collections.abc import Callable

from sfcc_cin7_tests.contract import test_generated_cin7 as erp
from sfcc_cin7_tests.contract import test_generated_sfcc as shop
from sfcc_cin7_tests.contract.generated import Answer, Operation, answers, reached


def of_the_erp(operation: Operation, most: int) -> list[Answer]:
    return answers(operation, erp.fresh, most)


def of_the_shop(operation: Operation, most: int) -> list[Answer]:
    there = shop.Shop(operation.file)
    return answers(operation, lambda _path: (there, there.known), most, shop.wrong)


def main(most: int) -> None:
    """`most` calls of each operation."""
    served: dict[str, tuple[list[Operation], Callable[[Operation, int], list[Answer]]]] = {
        "cin7": (erp.SERVED, of_the_erp),
        "sfcc": (shop.SERVED, of_the_shop),
    }
    for system, (operations, ask) in served.items():
        if not operations:
            print(json.dumps({"system": system, "left_out": "no API description is there"}))
            continue
        counts: Counter[int] = Counter()
        done_well = 0
        for operation in operations:
            found = reached(ask(operation, most))
            counts.update(found)
            done_well += any(status < 300 for status in found)
        line = {
            "system": system,
            "operations": len(operations),
            "operations_that_succeeded": done_well,
            "calls": counts.total(),
            "answers": {str(status): count for status, count in sorted(counts.items())},
            "failures": 0,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
