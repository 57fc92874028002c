"""Whatever people edit behind our back, no check passes for an instant after it while it stands."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.ledger.checks import each_once, money_agrees
from sfcc_cin7.ledger.passes.sales_image import follow_sales
from sfcc_cin7.ledger.sights import of_orders
from sfcc_cin7.runtime.horizons import seen
from sfcc_cin7.systems.cin7 import Cin7Client
from sfcc_cin7.systems.http.errors import OutOfBudget
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_tests.ledger.bookkeeping import Books, FewCalls
from sfcc_cin7_tests.scenario.order_lane import order_lane

STEPS = 45


@dataclass
class Edit:
    """A difference that somebody made and that stands: when, and which check has to tell."""

    at: datetime
    check: str


@dataclass
class World:
    """A merchant, people who edit sales by hand, and the ledger that looks when it can."""

    books: Books
    dice: random.Random
    budget: FewCalls
    sales: dict[str, dict[str, Any]] = field(default_factory=dict)
    edits: dict[str, Edit] = field(default_factory=dict)
    green: int = 0
    red: int = 0

    def step(self) -> None:
        acts = [self.post, self.edit, self.mend, self.void, self.repeat, self.comment]
        looks = [self.wait, self.follow, self.follow, self.compare, self.judge, self.judge]
        self.dice.choice(acts + 2 * looks)()
        self.books.clock.sleep(self.dice.choice([0.01, 1, 15]))

    def post(self) -> None:
        key, sale = self.books.posted()
        self.sales[key] = sale

    def _some(self, *, edited: bool) -> tuple[str, dict[str, Any]] | None:
        found = [key for key in self.sales if (key in self.edits) == edited]
        key = self.dice.choice(found) if found else None
        return (key, self.sales[key]) if key else None

    def edit(self) -> None:
        self._type(more=1, edited=False)

    def mend(self) -> None:
        found = self._some(edited=True)
        if found and self.edits[found[0]].check == "totals_and_tax_agree":
            self._price(found[1], more=0)
            del self.edits[found[0]]

    def _type(self, more: int, *, edited: bool) -> None:
        if found := self._some(edited=edited):
            self._price(found[1], more)
            self._made(found[0], "totals_and_tax_agree")

    def _price(self, sale: dict[str, Any], more: int) -> None:
        line = next(one for one in sale["Lines"] if one["Price"])
        book = self.books.lane.sandbox.cin7
        book.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + more)

    def void(self) -> None:
        if found := self._some(edited=False):
            self.books.lane.sandbox.cin7.void_sale(found[1]["ID"])
            self._made(found[0], "nothing_missing_or_doubled")

    def repeat(self) -> None:
        if found := self._some(edited=False):
            self.books.lane.sandbox.cin7.repeat_sale(found[1]["ID"])
            self._made(found[0], "nothing_missing_or_doubled")

    def comment(self) -> None:
        """Touched, and nothing of money changed."""
        if found := self._some(edited=False):
            self.books.lane.sandbox.cin7.comment_sale(found[1]["ID"], "call the shopper")

    def _made(self, key: str, check: str) -> None:
        self.edits[key] = Edit(self.books.clock.now(), check)

    def wait(self) -> None:
        self.books.clock.sleep(self.dice.choice([20, 90, 400]))
        self.books.lane.run()

    def follow(self, calls: int | None = None) -> None:
        """The reader's turn, with as many calls as are left for it."""
        self.budget.left = self.dice.choice([0, 1, 2, 50]) if calls is None else calls
        books = self.books
        with suppress(OutOfBudget):  # not even the list could be seen
            follow_sales(books.engine, books.erp, books.model, books.clock)

    def compare(self) -> None:
        self.books.post(complete=True)

    def judge(self) -> None:
        books = self.books
        merchant: Any = SimpleNamespace(model=lambda: books.model)
        store: Any = SimpleNamespace(engine=books.engine, clock=books.clock)
        now = books.clock.now()
        with books.engine.connect() as connection:
            upto = seen(books.model, now, *of_orders(connection, books.model, now)).upto
        for result in (money_agrees(merchant, store, None), each_once(merchant, store, None)):
            if not result.passed:
                self.red += 1
                continue
            self.green += 1
            assert upto is not None
            for key, edit in self.edits.items():
                if edit.check == result.check_name:
                    assert edit.at > upto, f"{result.check_name} is green, but {key} was edited"


@contextmanager
def world(engine: Engine, clock: ManualClock, seed: int, change_lag: float) -> Iterator[World]:
    settings = Cin7Settings(change_lag=change_lag)
    with order_lane(engine, clock, cin7=settings) as lane:
        budget = FewCalls(0)
        connection = sandbox_erp(lane.url)
        with Cin7Client(connection, budget, "changes", clock, lane.road) as erp:
            yield World(Books(lane, erp), random.Random(seed), budget)


@pytest.mark.parametrize(("seed", "change_lag"), [(1, 0), (2, 0), (3, 120), (4, 179)])
def test_no_check_is_green_beyond_what_was_looked_at(
    engine: Engine, clock: ManualClock, seed: int, change_lag: float
) -> None:
    with world(engine, clock, seed, change_lag) as people:
        people.post()
        clock.sleep(0.01)
        for _ in range(STEPS):
            people.step()
        assert people.red

        clock.sleep(200)  # the list shows what was edited last, and everything is looked at
        people.books.lane.run()
        people.follow(calls=1000)
        people.compare()
        told = {key for key, _ in people.books.open()}
        assert told == set(people.edits)
        for key in [key for key, edit in people.edits.items() if edit.check.startswith("totals")]:
            people._price(people.sales[key], more=0)
            del people.edits[key]
        clock.sleep(300)
        people.books.lane.run()
        people.follow(calls=1000)
        people.compare()
        people.judge()
        assert people.green


def test_what_posting_wrote_is_not_read_again_and_what_somebody_wrote_after_it_is(
    books: Books,
) -> None:
    """Payments are booked too, where the merchant wants that: they are ours as well."""
    keys = [books.lane.order(site) for site in ("alpenglow-uk", "alpenglow-us", "alpenglow-us")]
    books.lane.run_until_quiet()
    books.clock.sleep(120)
    reading = follow_sales(books.engine, books.erp, books.model, books.clock)
    assert (reading.read, reading.left) == (0, 0)
    [sale] = books.lane.sales(keys[-1])
    books.lane.sandbox.cin7.comment_sale(sale["ID"], "call the shopper")
    books.clock.sleep(120)
    reading = follow_sales(books.engine, books.erp, books.model, books.clock)
    assert (reading.read, reading.left) == (1, 0)
