"""A flash sale under simulated time: shoppers, a warehouse that loses and gets goods, and what was
sold that nobody had. No benchmark by itself: `oversell.py` tries strategies in it."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.shoppers.draft import Draft, NothingToSell
from sfcc_cin7_sandbox.shoppers.pricing import price_order

SEED = 7
CALL_SECONDS = 0.3
CADENCE = 60.0
MOST_LOST = 2


@dataclass(frozen=True)
class Wish:
    """What a shopper, or the warehouse, wants to do at a second of the sale."""

    at: float
    what: str
    sku: str
    units: int


class Market(ManualClock):
    """Simulated time in which shoppers and warehouse go on while anybody waits."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()
        self.passes: Callable[[float], None] = lambda _seconds: None

    def sleep(self, seconds: float) -> None:
        with self._lock:
            left = seconds
            while left > 0:
                step = min(left, 1.0)
                super().sleep(step)
                self.passes(step)
                left -= step


class Slow:
    """A client whose calls take simulated time."""

    def __init__(self, client: Any, clock: Market) -> None:
        self._client = client
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._clock.sleep(CALL_SECONDS / 2)
            answer = found(*args, **kwargs)
            self._clock.sleep(CALL_SECONDS / 2)
            return answer

        return call


class Sale:
    """One flash sale, as it goes under one strategy."""

    def __init__(
        self,
        sandbox: Any,
        clock: Market,
        site: str,
        list_id: str,
        location: str,
        *,
        in_writing: bool = False,
    ) -> None:
        """`in_writing`: what is lost or comes is a document of the ERP, else nobody wrote it."""
        self._sandbox, self.clock = sandbox, clock
        self._in_writing = in_writing
        self._site, self._list, self._location = site, list_id, location
        self._dice = random.Random(SEED)
        self._shoppers: Any = sandbox.shoppers
        self.left: dict[str, int] = {}
        """By SKU, what the warehouse ever had less what was sold."""
        self.accepted = self.turned_away = self.lost = 0
        self.undersold = 0.0
        self.oversold = self.avoidable = 0
        self._wishes: list[Wish] = []
        self._second = 0.0
        self._missing: dict[str, list[float]] = defaultdict(list)
        """By SKU, when units were lost that no pass has published yet."""

    def stock_up(self, skus: list[str]) -> None:
        for sku in skus:
            self.left[sku] = self._dice.randint(2, 8)
            self._sandbox.cin7.adjust(sku, self._location, Decimal(self.left[sku]))

    def open(self, orders: int, minutes: float) -> None:
        """From now on shoppers come; few SKUs are wanted by many."""
        dice, skus = random.Random(SEED + 1), sorted(self.left)
        hot = [1 / (rank + 5) for rank in range(len(skus))]
        seconds = minutes * 60
        wished = dice.choices(skus, hot, k=orders)
        wishes = [
            Wish(dice.uniform(0, seconds), "buy", s, dice.choice((1, 1, 1, 2))) for s in wished
        ]
        for what, count in (("lose", orders // 30), ("receive", orders // 20)):
            for sku in dice.choices(skus, k=count):
                units = dice.randint(1, MOST_LOST if what == "lose" else 6)
                wishes.append(Wish(dice.uniform(0, seconds), what, sku, units))
        self._wishes = sorted(wishes, key=lambda wish: -wish.at)
        self._second = 0.0
        self._lost_lately: dict[str, float] = {}
        self.clock.passes = self._pass

    def _pass(self, seconds: float) -> None:
        self._second += seconds
        while self._wishes and self._wishes[-1].at <= self._second:
            wish = self._wishes.pop()
            {"buy": self._buy, "lose": self._lose, "receive": self._receive}[wish.what](wish)
        for sku, left in self.left.items():
            offered = self._sandbox.sfcc.ats(self._list, sku)
            self.undersold += float(max(Decimal(0), max(0, left) - offered)) * seconds / 60

    def _buy(self, wish: Wish) -> None:
        assortment = self._shoppers._assortment
        draft = Draft(assortment, assortment.sites[self._site], self._dice, self._sandbox.sfcc.ats)
        try:
            draft.add([assortment.skus[wish.sku]], wish.units)
        except NothingToSell:
            self.turned_away += 1
            return
        self._sandbox.sfcc.place(price_order(draft.checkout()))
        beyond = min(wish.units, max(0, wish.units - self.left[wish.sku]))
        self.oversold += beyond
        if not self._missing[wish.sku]:
            self.avoidable += beyond
        self.left[wish.sku] -= wish.units
        self.accepted += 1

    def _lose(self, wish: Wish) -> None:
        """Only what nobody bought can be lost, at most once between two readings."""
        lately = self._second - self._lost_lately.get(wish.sku, -1e9) < 2 * CADENCE
        if self.left[wish.sku] >= wish.units and not lately:
            self._lost_lately[wish.sku] = self._second
            self._missing[wish.sku].append(self._second)
            self._change(wish.sku, -wish.units)
            self.lost += wish.units

    def _receive(self, wish: Wish) -> None:
        self._change(wish.sku, wish.units)

    def _change(self, sku: str, units: int) -> None:
        self.left[sku] += units
        on_hand = sum(
            row["OnHand"]
            for row in self._sandbox.cin7.stock_truth()
            if (row["SKU"], row["Location"]) == (sku, self._location)
        )
        there = on_hand + units
        if self._in_writing:
            self._sandbox.cin7.documents.counts.adjust(self._location, {sku: there})
        else:
            self._sandbox.cin7.adjust(sku, self._location, there)

    def push(self, strategy: Callable[[], None], sees: float = 0) -> None:
        """One pass; afterwards the storefront could know of all that was lost before it began, or
        where it `sees` things so many seconds late, of what was lost before that."""
        began = self._second - sees
        strategy()
        for seconds in self._missing.values():
            seconds[:] = [second for second in seconds if second > began]
