"""Whole lives of orders: placed, posted, shipped in parts, numbered late, undone, given back; with
calls that fail or whose answer is lost, and workers that die between any two steps.

In the end everybody who was to be told was told, nobody twice, nothing was lowered, and what the
storefront shows is what the ERP shows: the sandbox's own judge says so, who knows nothing of ours.
"""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from sfcc_cin7.values import decimal_json
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.truth.verify import verify
from sfcc_cin7_tests.fulfilment.house import Shipping
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice
from sfcc_cin7_tests.scenario.order_lane import Crash

FAULTS = (
    "cin7.502",
    "cin7.503",
    "cin7.html_200",
    "cin7.throttle",
    "sfcc.timeout_before_commit",
    "sfcc.timeout_after_commit",
    "sfcc.502",
    "sfcc.503",
    "sfcc.429",
    "sfcc.html_200",
    "sfcc.504_applied",
    "sfcc.lock_clash",
)
SHAPES = ("plain", "several-units", "several-lines", "several-shipments", "bundle", "option")
RANKS = ("not_shipped", "part_shipped", "shipped")
WHOLE = ("shippingStatus", "c_cin7Parcels", "c_cin7Refunds", "c_cin7FulfilmentRevision")


class Watch(httpx.BaseTransport):
    """Stands on the road to the storefront, and sees what each write changes of its order."""

    def __init__(self, road: httpx.BaseTransport, house: Shipping) -> None:
        self._road, self._house = road, house
        self.doubled: list[str] = []
        self.lowered: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        key = self._order(request)
        if key is None:
            return self._road.handle_request(request)
        before = self._shown(*key)
        try:
            response = self._road.handle_request(request)
        finally:
            after = self._shown(*key)
            if RANKS.index(after["shippingStatus"]) < RANKS.index(before["shippingStatus"]):
                self.lowered.append(f"{request.method} {request.url.path}")
        page = "html" in response.headers.get("content-type", "")  # a gateway's, not an answer
        if response.is_success and not page and after == before:
            self.doubled.append(f"{request.method} {request.url.path}")
        return response

    def _order(self, request: httpx.Request) -> tuple[str, str] | None:
        _, _, path = request.url.path.partition("/organizations/")
        _, found, rest = path.partition("/orders/")
        number, *what = rest.split("/")
        if request.method == "GET" or not found or what in (["export-status"], ["external-status"]):
            return None  # a look, or the order lane's own
        return request.url.params["siteId"], number

    def _shown(self, site: str, number: str) -> dict[str, Any]:
        document = self._house.lane.sandbox.sfcc._book.get(site, number)
        return {name: document.get(name) for name in WHOLE} | {
            "shippingStatus": document.get("shippingStatus") or RANKS[0]
        }

    def close(self) -> None:
        """The road outlives it."""


@dataclass
class Judged:
    """What became of some worlds: events that were never told, told twice, or lowered; money that
    the storefront and the ERP do not agree about; and findings that no schedule explains."""

    worlds: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    lowered: list[str] = field(default_factory=list)
    off_by_cents: list[str] = field(default_factory=list)
    undone: int = 0
    deaths: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.lowered or self.off_by_cents)


class Life:
    """One order and what the warehouse still has to do with it."""

    def __init__(self, house: Shipping, key: str, dice: random.Random) -> None:
        self.house, self.key, self.dice = house, key, dice
        (sale,) = house.lane.sales(key)
        self.sale = sale
        self.numbers = 0
        self.invoiced: str | None = None

    def step(self) -> None:
        """Something happens, or cannot happen now."""
        deeds = (self.ship, self.ship, self.part, self.track, self.undo, self.give_back)
        with suppress(Refusal, AssertionError):
            self.dice.choice(deeds)()

    def number(self) -> str:
        self.numbers += 1
        return f"{self.sale['OrderNumber']}-{self.numbers}"

    def ship(self) -> None:
        late = self.dice.random() < 0.3
        parcels = self.dice.choice((1, 1, 2))
        numbers = [] if late else [self.number() for _ in range(parcels)]
        self.house.cin7.ship(self.sale["ID"], parcels=parcels, tracking=numbers)

    def part(self) -> None:
        line = self.dice.choice(self.sale["Lines"])
        self.house.cin7.ship(self.sale["ID"], {line["SKU"]: Decimal(1)}, tracking=[self.number()])

    def track(self) -> None:
        self.house.cin7.despatch.track(self.sale["ID"], self.number())

    def undo(self) -> None:
        self.house.cin7.despatch.undo(self.sale["ID"], "Ship")

    def give_back(self) -> None:
        if self.invoiced is None:
            self.invoiced = invoice(self.house, self.sale["ID"])
        else:
            line = self.dice.choice(self.sale["Lines"])
            credit(self.house, self.sale["ID"], self.invoiced, sku=line["SKU"], units=1)

    def finish(self) -> None:
        """What is left leaves, with numbers."""
        with suppress(Refusal):
            self.house.cin7.ship(self.sale["ID"], tracking=[self.number()])


def play(house: Shipping, seed: int, orders: int = 10, rounds: int = 6) -> Judged:
    """So many lives side by side; what an outsider says of them in the end."""
    dice = random.Random(seed)
    house.told_by(dice.choice(("attributes", "cartridge")))
    watch = Watch(house.lane.road, house)
    house.lane.storefront._http = httpx.Client(transport=watch, timeout=60)
    keys = [house.lane.order(shape=dice.choice(SHAPES)) for _ in range(orders)]
    house.lane.run_until_quiet()
    house.clock.sleep(60)
    posted = house.lane.states()
    lives = [Life(house, key, dice) for key in keys if posted.get(key) == "acknowledged"]
    judged = Judged(worlds=len(lives))
    faults = house.lane.sandbox.faults
    for _ in range(rounds):
        for life in lives:
            if dice.random() < 0.5:
                life.step()
        faults.rates.update({name: dice.random() * 0.2 for name in dice.sample(FAULTS, 4)})
        judged.deaths += _work(house, dice)
        faults.clear()
    for life in lives:
        life.finish()
    for _ in range(4):
        house.clock.sleep(3600)
        house.pass_()
    _judge(house, watch, {life.key for life in lives}, judged)
    return judged


def _work(house: Shipping, dice: random.Random) -> int:
    """A worker follows and tells, and may die on the way; how many died."""
    deaths = 0
    with suppress(Exception):  # outages: the next turn goes on
        house.follow()
    for _ in range(2):
        house.lane.fuse.left = dice.choice((None, dice.randrange(1, 30)))
        try:
            house.tell(fragile=True)
        except Crash:
            deaths += 1
        house.lane.fuse.left = None
        house.clock.sleep(dice.choice((5, 130)))
    return deaths


def _judge(house: Shipping, watch: Watch, keys: set[str], judged: Judged) -> None:
    truth = decimal_json.loads(httpx.get(f"{house.lane.url}/_control/truth").content)
    told = {site.id: ("shipments", "refunds") for site in house.lane.model.sites}
    undone = {key for key in keys if house.found(key) == {"shipment-undone"}}
    judged.undone = len(undone)
    verdict = verify(truth, grace_seconds=0, told=told)  # type: ignore[arg-type]
    for finding, detail in _of(verdict, keys):
        kind = judged.off_by_cents if finding in ("refunds_differ", "off_by_cents") else judged.lost
        kind.append(f"{finding}: {detail}")
    judged.doubled += watch.doubled
    judged.lowered += watch.lowered
    for key in sorted(keys - undone):
        if house.row(key).state != "told":
            judged.lost.append(f"{key}: {house.row(key).problem}")


def _of(verdict: Any, keys: set[str]) -> list[tuple[str, str]]:
    wanted = {
        "shipped_early",
        "shipment_untold",
        "parcels_differ",
        "refunds_differ",
        "off_by_cents",
    }
    return [
        (case.finding, f"{case.order}: {case.detail}")
        for case in verdict.cases
        if case.finding in wanted and case.order in keys
    ]


def together(all_judged: list[Judged]) -> Counter[str]:
    """Counts of several plays."""
    total: Counter[str] = Counter()
    for one in all_judged:
        total.update(
            worlds=one.worlds,
            lost_events=len(one.lost),
            doubled_events=len(one.doubled),
            lowered=len(one.lowered),
            off_by_cents=len(one.off_by_cents),
            deaths=one.deaths,
            undone=one.undone,
        )
    return total
