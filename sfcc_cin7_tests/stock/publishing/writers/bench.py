"""A storefront to write to, on a road that loses answers or turns requests back when told to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import httpx

from sfcc_cin7.cli.emulated import sandbox_storefront
from sfcc_cin7.merchant.stock import FeedPolicy, WriterPolicy
from sfcc_cin7.stock.deciding.choose import Way, choose
from sfcc_cin7.stock.publishing.writers.factory import shelf_of, writer_for
from sfcc_cin7.stock.publishing.writers.writer import Done, Figure, Outcome, Refusal, Unknown
from sfcc_cin7.systems.sfcc import SfccClient, SfccConnection
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.assembly import Sandbox
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings

LIST = "inventory-uk"
FEED = FeedPolicy(job="import-inventory", from_records=20)
POLICIES: dict[Way, WriterPolicy] = {
    "records": WriterPolicy(batch_from=10_000),
    "batch": WriterPolicy(batch_from=1),
    "feed": WriterPolicy(feed=FEED),
    "oci": WriterPolicy(mode="oci"),
    "oci-file": WriterPolicy(mode="oci", file_from=20),
}
CLASSIC: tuple[Way, ...] = ("records", "batch", "feed")
OCI: tuple[Way, ...] = ("oci", "oci-file")
WAYS = CLASSIC + OCI
CARRIES_FIGURES: dict[Way, tuple[str, str]] = {
    "records": ("PATCH", "/product_inventory_records/"),
    "batch": ("POST", "/s/-/dw/batch"),
    "feed": ("POST", "/executions"),
    "oci": ("POST", "/actions/batch-update"),
    "oci-file": ("POST", "/imports/uploadlink/"),
}
"""The request that makes the storefront take figures: method, and a part of the path."""


@dataclass(frozen=True)
class Count:
    """A figure."""

    sku: str
    allocation: Decimal
    reset_at: datetime
    withheld: Decimal = Decimal(0)
    backorder: Backorder | None = None


Meant = Callable[[httpx.Request], bool]


def carrying(way: Way) -> Meant:
    method, part = CARRIES_FIGURES[way]
    return lambda request: request.method == method and part in request.url.path


@dataclass
class Road(httpx.BaseTransport):
    """Each trouble is for one request; it goes to the first one that it is meant for."""

    way: httpx.BaseTransport
    sent: list[httpx.Request] = field(default_factory=list)
    _turned_back: list[tuple[Meant, int]] = field(default_factory=list)
    _lost: list[Meant] = field(default_factory=list)

    def turns_back(self, meant: Meant, status: int = 429, times: int = 1) -> None:
        """The request never arrives; somebody on the way answers."""
        self._turned_back += [(meant, status)] * times

    def loses_the_answer(self, meant: Meant, times: int = 1) -> None:
        """The request is carried out, and then nothing is heard."""
        self._lost += [meant] * times

    def clear(self) -> None:
        """No more trouble."""
        self._turned_back.clear()
        self._lost.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        for turned in self._turned_back:
            if turned[0](request):
                self._turned_back.remove(turned)
                return httpx.Response(turned[1])
        response = self.way.handle_request(request)
        for meant in self._lost:
            if meant(request):
                self._lost.remove(meant)
                response.read()
                response.close()
                raise httpx.ReadTimeout("nothing was heard", request=request)
        return response

    def close(self) -> None:
        self.way.close()

    def count(self, method: str, part: str) -> int:
        return sum(r.method == method and part in r.url.path for r in self.sent)


@dataclass(frozen=True)
class Bench:
    """One list of a running storefront; time passes only when told to."""

    sandbox: Sandbox
    shop: SfccClient
    road: Road
    clock: ManualClock

    @property
    def skus(self) -> list[str]:
        rows = self.sandbox.sfcc.truth()["inventory"]
        return sorted(row["sku"] for row in rows if row["list"] == LIST)

    def figures(self, units: int = 7, *more: str, skip: int = 0) -> list[Figure]:
        """A figure for each SKU of the list, and for `more`, true half a minute ago."""
        self.clock.sleep(60)
        at = self.clock.now() - timedelta(seconds=30, microseconds=17)
        skus = [*more, *self.skus[skip:]]
        return [Count(sku, Decimal(units + n % 5), at) for n, sku in enumerate(skus)]

    def write(self, way: Way, figures: Sequence[Figure]) -> dict[str, Outcome]:
        """What became of each figure; every one has one outcome."""
        policy = POLICIES[way]
        assert choose(policy, len(figures)) == way
        writer = writer_for(policy, len(figures), self.shop, self.clock)
        outcomes = list(writer.write(LIST, figures))
        assert sorted(o.sku for o in outcomes) == sorted(f.sku for f in figures)
        return {outcome.sku: outcome for outcome in outcomes}

    def held(self, way: Way) -> dict[str, tuple[Decimal, datetime | None]]:
        """What the storefront holds: allocation and reset date of each SKU."""
        records = shelf_of(POLICIES[way], self.shop).inventory_records(LIST)
        return {record.sku: (record.allocation, record.reset_at) for record in records}


def as_kept(figures: Sequence[Figure]) -> dict[str, tuple[Decimal, datetime]]:
    return {
        f.sku: (
            f.allocation,
            f.reset_at.replace(microsecond=f.reset_at.microsecond // 1000 * 1000),
        )
        for f in figures
    }


def told(outcomes: dict[str, Outcome]) -> set[str]:
    return {sku for sku, outcome in outcomes.items() if isinstance(outcome, Done)}


def refused(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {sku: o.reason for sku, o in outcomes.items() if isinstance(o, Refusal)}


def unknown(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {sku: o.reason for sku, o in outcomes.items() if isinstance(o, Unknown)}


@contextmanager
def bench(clock: ManualClock, way: Way, **settings: object) -> Iterator[Bench]:
    """A storefront that keeps its stock in the mode that the way is for."""
    mode = "oci" if way in OCI else "classic"
    sfcc = SfccSettings(inventory_mode=mode, **settings)  # type: ignore[arg-type]
    with running_sandbox(clock, skus=150, sfcc=sfcc) as running:
        road = Road(httpx.HTTPTransport())
        with SfccClient(connection(running.url), clock, road) as shop:
            yield Bench(running.sandbox, shop, road, clock)


def connection(url: str) -> SfccConnection:
    return sandbox_storefront(url).model_copy(update={"tenant_group_id": "zzal_001_group"})
