"""How many orders are booked as tax services and countries state them, and under which tax rule.

Generated orders of the United States, as Avalara, Vertex, CyberSource and TaxJar state their tax,
against the model of config/us-tax-service.yaml; and of the EU, the UK, Canada, Switzerland, Japan
and Australia against a rule for each percentage. Translation and proof run in process.

    python benchmarks/tax_services.py [--orders 5000]
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from _house import say, tell

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7_tests.orders.tax_services import COUNTRIES, SERVICES, Case, misplaced, orders_of

AIM = 0.995


@dataclass
class Score:
    """What became of the orders of one source."""

    orders: int = 0
    booked: int = 0
    wrong_rule: int = 0
    off_by_cents: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def judge(self, case: Case) -> None:
        self.orders += 1
        result = translate(parse_order(case.document), case.policy, "brand")
        if not isinstance(result, Accepted):
            self.refused.update({reason.code for reason in result.reasons})
            return
        self.booked += 1
        sale, document = result.sale, case.document
        proved = not mismatches(result.proof, sale_order(sale, "sale-1"))
        same = (sale.total, sale.tax) == (document["orderTotal"], document["taxTotal"])
        self.off_by_cents += not (proved and same)
        self.wrong_rule += bool(misplaced(case, sale))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5000, help="of the US, and of elsewhere")
    orders = parser.parse_args().orders
    missed = False
    for sources, kind in ((SERVICES, "service"), (COUNTRIES, "country")):
        for source in sources:
            score, began = Score(), time.process_time()
            for case in orders_of(source, -(-orders // len(sources))):
                score.judge(case)
            say(f"{source}: {dict(score.refused)}")
            about: dict[str, object] = {kind: source, "orders": score.orders}
            seconds = round(time.process_time() - began, 1)
            share = score.booked / score.orders
            tell("booked_share", share, "of orders", **about, cpu_seconds=seconds)
            tell("wrong_rule", score.wrong_rule, "orders", **about)
            tell("off_by_cents", score.off_by_cents, "orders", **about)
            missed = missed or share < AIM or bool(score.wrong_rule or score.off_by_cents)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
