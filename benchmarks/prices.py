"""From a change of prices in the ERP to the feeds that tell it, beside a full export.

The store is empty; a first pass reads every product and exports every price of five books. Then a
share of the tier prices changes, and a second pass reads what was modified and tells it. Both are
measured: reading the tiers, deciding every price, choosing what is due, writing the XML, checking
it against its format, compressing it, remembering it. Making up the products is not counted, and
neither are the road and the storefront's own job: its part is played by a stub that takes any file.

    python benchmarks/prices.py [--prices 100000] [--changed 0.01]
"""

import argparse
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from _house import empty_database, merchant, say, tell
from sqlalchemy import Engine

from sfcc_cin7.catalogue.prices.passing import PricePass, price_pass
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PriceBookPolicy, PriceRounding, PricesPolicy
from sfcc_cin7.systems.cin7.documents import ErpProduct
from sfcc_cin7.systems.sfcc.documents import JobExecution
from sfcc_cin7.values.clock import SystemClock

BOOKS = 5


class MadeUpErp:
    """Products without an ERP; in a delta only every `1 / changed`th, with other prices."""

    def __init__(self, skus: int, changed: float) -> None:
        self._skus = skus
        self._every = round(1 / changed)
        self.seconds = 0.0

    def products(
        self,
        *,
        modified_since: datetime | None = None,
        include_deprecated: bool = False,  # noqa: ARG002 - the client's own
    ) -> Iterator[ErpProduct]:
        moved = 0 if modified_since is None else 1
        for number in range(0, self._skus, self._every if moved else 1):
            began = time.perf_counter()
            price = Decimal(20 + number % 200 + moved)
            tiers = {f"PriceTier{tier}": price + tier for tier in range(1, BOOKS + 1)}
            row = {"ID": f"id-{number}", "SKU": f"SKU-{number:07d}", "AverageCost": price / 3}
            product = ErpProduct.model_validate(row | tiers | {"Status": "Active"})
            self.seconds += time.perf_counter() - began
            yield product


class TakesEverything:
    """A storefront whose import takes any file at once."""

    reads_prices = False

    def put_file(self, path: str, content: bytes) -> None:
        """Kept nowhere."""

    def delete_file(self, path: str) -> None:
        """Nothing was kept."""

    def start_job(self, job: str, parameters: dict[str, str]) -> JobExecution:  # noqa: ARG002
        ended = {"exit_status": {"code": "OK", "message": ""}}
        return JobExecution.model_validate({"id": "1", "execution_status": "finished", **ended})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--prices", type=int, default=100_000, help="in five books together")
    arguments.add_argument("--changed", type=float, default=0.01, help="share of the prices")
    given = arguments.parse_args()
    skus = given.prices // BOOKS
    model = _model()
    with empty_database() as engine:
        rows = [{"sku": f"SKU-{n:07d}", "in_shop": True, "in_erp": True} for n in range(skus)]
        with engine.begin() as connection:
            replace_sku_map(connection, rows, SystemClock().now())
        erp = MadeUpErp(skus, given.changed)
        say("every price")
        full, full_seconds = _pass(engine, erp, model)
        say("what changed")
        delta, seconds = _pass(engine, erp, model)
    changed = BOOKS * len(range(0, skus, round(1 / given.changed)))
    assert full.fed[0].taken == BOOKS * skus, full.fed[0]
    assert delta.fed[0].taken == changed, delta.fed[0]
    about = {"prices": BOOKS * skus, "books": BOOKS, "changed": changed}
    tell("price_feed_seconds", seconds, "s", **about, full_export=round(full_seconds, 2))
    tell("price_feed_bytes", delta.fed[0].bytes, "B", **about, full_export=full.fed[0].bytes)


def _pass(engine: Engine, erp: MadeUpErp, model: OperatingModel) -> tuple[PricePass, float]:
    """One pass, and its seconds without those of making up products."""
    products: Any = erp
    shop: Any = TakesEverything()
    began, made_up = time.perf_counter(), erp.seconds
    done = price_pass(engine, products, shop, None, model, SystemClock())
    return done, time.perf_counter() - began - (erp.seconds - made_up)


def _model() -> OperatingModel:
    site = "alpenglow-uk"
    books = [
        PriceBookPolicy(
            id=f"gbp-{number}",
            tier=number,
            currency="GBP",
            sites=[site],
            prices="gross",
            tax_rate=Decimal("0.2"),
            margin_floor=Decimal("0.1"),
            rounding=PriceRounding(step=Decimal(1), ending=Decimal("0.99")),
        )
        for number in range(1, BOOKS + 1)
    ]
    return merchant().model_copy(update={"prices": PricesPolicy(books=books)})


if __name__ == "__main__":
    main()
