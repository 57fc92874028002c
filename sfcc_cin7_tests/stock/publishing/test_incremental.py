"""Whatever happens, a pass by itself decides as a pass over everything would."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.schema import sku_map
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.merchant.stock import KitPolicy, SafetyRule
from sfcc_cin7.stock.deciding.plan import ListState, Plan
from sfcc_cin7.stock.publishing.gathering import ListDeciding
from sfcc_cin7.stock.records.listed_skus import sellable_skus
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"
SEED, STEPS = 2, 16


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        yield house.started()


class Merchant:
    """Does something at random, of all that may change what is offered."""

    def __init__(self, house: StockHouse, dice: random.Random) -> None:
        self.house, self.dice = house, dice
        stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
        offered = sorted(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
        self.goods, self.kit = offered[:6], offered[6]

    def something(self) -> str:
        deeds = [self.count, self.receive, self.sell, self.recall, self.lose, self.bring_back]
        deeds += [self.rule, self.launch, self.bundle, self.assemble, self.leave_unpaid]
        deeds += [self.deprecate, self.call_not_ours]
        deed = self.dice.choice(deeds)
        deed()
        return deed.__name__

    def one(self) -> str:
        return self.dice.choice(self.goods)

    def count(self) -> None:
        self.house.sandbox.cin7.adjust(self.one(), PLACE, Decimal(self.dice.randint(0, 40)))

    def receive(self) -> None:
        self.house.sandbox.cin7.receive(self.one(), PLACE, Decimal(self.dice.randint(1, 40)))

    def sell(self) -> None:
        self.house.orders.order(SITE, "plain")
        if self.dice.random() < 0.5:
            self.house.orders.run()

    def leave_unpaid(self) -> None:
        self.house.sandbox.sfcc.create(self.house.sandbox.shoppers.fill_basket(SITE, "plain"))

    def recall(self) -> None:
        self.in_catalogue(erp_category=self.dice.choice(["Recalled", "Other"]))

    def lose(self) -> None:
        self.in_catalogue(in_erp=False, erp_id=None)

    def deprecate(self) -> None:
        self.in_catalogue(erp_status=self.dice.choice(["Active", "Deprecated"]))

    def call_not_ours(self) -> None:
        self.in_catalogue(erp_kind=self.dice.choice(["Stock", "not ours"]))

    def bring_back(self) -> None:
        refresh(
            *(self.house.engine, self.house.shop, self.house.erp),
            *(self.house.orders.model, self.house.clock),
        )

    def assemble(self) -> None:
        pack, component = self.dice.sample(self.goods, 2)
        self.in_catalogue(pack, components={component: "3"}, is_assembled=True)

    def rule(self) -> None:
        recall = SafetyRule(name="recall", categories=["Recalled"], cap=Decimal(0))
        units = SafetyRule(name="units", skus=[self.one()], units=Decimal(self.dice.randint(1, 9)))
        self.decide(rules=[recall, units])

    def launch(self) -> None:
        begins = self.house.now + timedelta(seconds=90)
        cap = SafetyRule(name="launch", skus=[self.one()], cap=Decimal(0), until=begins)
        self.decide(rules=[cap])

    def bundle(self) -> None:
        components = {sku: Decimal(2) for sku in self.dice.sample(self.goods, 2)}
        self.decide(kits={self.kit: KitPolicy(components=components)})

    def decide(self, **stock: Any) -> None:
        model = self.house.orders.model
        changed = model.stock.model_copy(update=stock)
        self.house.orders.model = model.model_copy(update={"stock": changed})

    def in_catalogue(self, sku: str | None = None, **change: Any) -> None:
        sku = sku or self.one()
        with self.house.engine.begin() as connection:
            rows = [dict(row) for row in connection.execute(select(sku_map)).mappings()]
            for row in rows:
                for name in ("seen_at", "erp_changed_at", "changed_at"):
                    del row[name]
                if row["sku"] == sku:
                    row.update(change)
            replace_sku_map(connection, rows, self.house.now)


def said(made: Plan) -> dict[str, Any]:
    pushes = {push.sku: (push.allocation, push.rise_seen) for push in made.pushes}
    return {**{sku: rise for sku, rise in made.rises.items() if rise}, **pushes}


def decisions(house: StockHouse) -> tuple[Plan, Plan]:
    """What a pass decides by itself, and what it decides about everything."""
    model = house.orders.model
    policy = next(each for each in model.inventory_lists if each.id == LIST)
    with house.engine.connect() as connection:
        snapshot: Any = last_snapshot(connection)
        every = sellable_skus(connection, None, model.stock.kits)
    deciding = ListDeciding(house.engine, model, policy, snapshot)
    where = ListState(False, snapshot.started_at - timedelta(seconds=60))
    touched, _, _ = deciding.decide(where, {}, (), house.now)
    full, _, _ = deciding.decide(where, {}, (), house.now, every | set(house.offered(LIST)))
    return touched, full


def test_no_sku_waits_for_the_hourly_pass(house: StockHouse):
    merchant = Merchant(house, random.Random(SEED))
    done = []
    for _ in range(STEPS):
        done.append(merchant.something())
        house.clock.sleep(MINUTE)
        house.read()
        touched, full = decisions(house)
        assert said(touched) == said(full), done
        house.publish()
