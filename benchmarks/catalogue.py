"""From changes in both catalogues to what differs, by the size of the catalogues and of the change.

Every case runs in a process of its own, both emulated systems in another one. A first pass reads
everything; then somebody renames a share of the products, every second one in the ERP and the
others in the storefront, and a second pass reads what changed, compares it and tells of every
difference. Seconds are those of the passes without the time until the emulators answer; calls are
counted by side. The SKU map, which is read whole each time, is measured apart. Memory is the most
that the process ever used, with the emulators and the database server beside it.

    python benchmarks/catalogue.py [--skus 10000 100000] [--changed 0.001 0.01 0.1]
"""

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import httpx
from _house import empty_database, merchant, say, tell
from sqlalchemy import Engine

from sfcc_cin7.catalogue import read_catalogues
from sfcc_cin7.catalogue.agreeing import compare_products
from sfcc_cin7.db.database import migrate
from sfcc_cin7.systems.cin7 import Cin7Client
from sfcc_cin7.systems.sfcc import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.contract.emulators import (
    OpenBudget,
    cin7_connection,
    running,
    sfcc_connection,
)

ERP, SHOP = Cin7Settings(calls_per_window=1_000_000), SfccSettings(index_lag=0)
HOUR = 3600


class Counted(httpx.HTTPTransport):
    """Real HTTP, with the number of calls and the seconds until their answers were there."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.seconds = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.perf_counter()
        answer = super().handle_request(request)
        answer.read()
        self.seconds += time.perf_counter() - began
        self.calls += 1
        return answer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--skus", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--changed", type=float, nargs="+", default=[0.001, 0.01, 0.1])
    arguments.add_argument("--case", nargs=2, metavar=("SKUS", "CHANGED"))
    chosen = arguments.parse_args()
    if chosen.case:
        print(json.dumps(case(int(chosen.case[0]), float(chosen.case[1]))))
        return
    for skus in chosen.skus:
        for changed in chosen.changed:
            say(f"{skus} SKUs, {changed:.1%} changed")
            command = [sys.executable, __file__, "--case", str(skus), str(changed)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            figures = json.loads(done.stdout.splitlines()[-1])
            first, second, whole = (figures[name] for name in ("first", "second", "sku_map"))
            about = {"skus": skus, "changed_share": changed, "changed": figures["changed"]}
            tell(
                "catalogue_seconds",
                second["seconds"],
                "s",
                **about,
                first=first["seconds"],
                sku_map=whole["seconds"],
            )
            tell("catalogue_peak_mb", figures["peak_mb"], "MB", **about)
            for side in ("erp", "storefront"):
                others = {"first": first[side], "sku_map": whole[side]}
                tell("catalogue_calls", second[side], "calls", side=side, **about, **others)


def case(skus: int, changed: float) -> dict[str, Any]:
    """The figures of one case, measured in this process."""
    with emulators(skus) as ask, empty_database() as engine:
        migrate(engine)
        url, now = ask(None)
        clock = ManualClock(now)
        clock.sleep(HOUR)  # nobody has edited anything for longer than readings overlap
        passes = Passes(engine, url, clock)
        passes.read_sku_map()
        first, _ = passes.compare()
        clock.sleep(HOUR)
        renamed = ask(round(1 / changed))
        clock.sleep(HOUR)
        second, found = passes.compare()
        sku_map = passes.read_sku_map()
    assert found == renamed, f"{renamed} renamed, {found} found"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "first": first,
        "second": second,
        "sku_map": sku_map,
        "changed": renamed,
        "peak_mb": round(peak),
    }


class Passes:
    """The product's passes over both catalogues, each with its seconds and its calls by side."""

    def __init__(self, engine: Engine, url: str, clock: ManualClock) -> None:
        self._engine, self._clock, self._model = engine, clock, merchant()
        self._roads = {"erp": Counted(), "storefront": Counted()}
        self._erp = Cin7Client(
            cin7_connection(url, ERP), OpenBudget(), "catalogue", clock, self._roads["erp"]
        )
        self._shop = SfccClient(sfcc_connection(url, SHOP), clock, self._roads["storefront"])

    def read_sku_map(self) -> dict[str, float]:
        figures, _ = self._measured(read_catalogues)
        return figures

    def compare(self) -> tuple[dict[str, float], int]:
        """Figures, and how many fields differ."""
        figures, agreed = self._measured(compare_products)
        return figures, agreed.found.total()

    def _measured(self, work: Callable[..., Any]) -> tuple[dict[str, float], Any]:
        calls = {side: road.calls for side, road in self._roads.items()}
        waited, began = self._waited(), time.perf_counter()
        done = work(self._engine, self._shop, self._erp, self._model, self._clock)
        seconds = time.perf_counter() - began - (self._waited() - waited)
        made = {side: road.calls - calls[side] for side, road in self._roads.items()}
        return {"seconds": round(seconds, 3), **made}, done

    def _waited(self) -> float:
        return sum(road.seconds for road in self._roads.values())


@contextmanager
def emulators(skus: int) -> Iterator[Callable[[int | None], Any]]:
    """Both systems in a process of their own, and how to ask them: see `_serve`."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(skus, theirs), daemon=True)
    process.start()
    theirs.close()

    def ask(question: int | None) -> Any:
        ours.send(question)
        return ours.recv()

    try:
        yield ask
    finally:
        ours.close()
        process.join(10)
        process.terminate()


def _serve(skus: int, asked: Connection) -> None:
    """Asked None, it tells its address and its time; asked a number n, two hours pass, every n-th
    product gets another name, and it tells how many."""
    clock = ManualClock()
    with running(clock, cin7=ERP, sfcc=SHOP, wall=clock, skus=skus) as systems:
        while True:
            try:
                every = asked.recv()
            except EOFError:
                return
            if every is None:
                asked.send((systems.url, clock.now()))
                continue
            clock.sleep(2 * HOUR)
            sold = [sku.id for sku in systems.world.skus if sku.in_shop and sku.in_erp]
            renamed = sold[::every]
            for sku in renamed[::2]:
                systems.erp.catalogue.edit(sku, Name=f"Renamed {sku}")
            for sku in renamed[1::2]:
                systems.shop.catalogue.change(sku, {"name": {"default": f"Renamed {sku}"}})
            asked.send(len(renamed))


if __name__ == "__main__":
    main()
