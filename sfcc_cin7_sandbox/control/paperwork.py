"""The merchant's life in the ERP beside the web shops: sales of other channels, goods that come and
go, counts. So many documents an hour, of a mix as trading companies have it."""

import random
from collections.abc import Callable
from decimal import Decimal

from sfcc_cin7_sandbox.cin7 import Cin7Emulator
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document

PLENTY = 30
"""Only SKUs with as many units available are taken of, so that nobody causes an oversell."""
SALES, TRANSFERS, RECEIPTS = 80, 5, 5
"""Of a hundred documents; the rest are adjustments, stock-takes, write-offs and assemblies."""


class Paperwork:
    """Writes one document after the other. What it began earlier, it goes on with or voids."""

    def __init__(self, cin7: Cin7Emulator, world: World, dice: random.Random) -> None:
        self._cin7 = cin7
        self._world = world
        self._dice = dice
        self._on_their_way: list[str] = []

    def write(self, count: int, stock: list[Document]) -> int:
        """So many documents, as far as there are goods for them; how many were written."""
        plenty = [row for row in stock if row["Available"] >= PLENTY]
        written = 0
        for row in self._dice.choices(plenty, k=count) if plenty else ():
            self._kind()(row)
            written += 1
        return written

    def _kind(self) -> Callable[[Document], object]:
        thrown = self._dice.randrange(100)
        if thrown < SALES:
            return self._sale
        if thrown < SALES + TRANSFERS:
            return self._transfer
        if thrown < SALES + TRANSFERS + RECEIPTS:
            return self._receipt
        return self._dice.choice((self._adjustment, self._stock_take, self._write_off, self._kit))

    def _sale(self, row: Document) -> None:
        """Another channel sells some."""
        site = self._world.sites[0]
        rule = self._world.tax_rules[0].name
        address = {"Line1": "1 Counter Street", "Country": site.country, "ShipToOther": True}
        header = {
            "Customer": site.customer,
            "Location": row["Location"],
            "SkipQuote": True,
            "SaleType": "Simple",
            "TaxRule": rule,
            "CurrencyRate": 1,
            "BillingAddress": address,
            "ShippingAddress": address,
        }
        sale = self._cin7.on_screen("POST", "sale", header)
        units = self._dice.randint(1, 3)
        line = {"SKU": row["SKU"], "Quantity": units, "Price": 1, "Tax": 0}
        line |= {"Total": units, "TaxRule": rule}
        order = {"SaleID": sale["ID"], "Status": "AUTHORISED", "Lines": [line]}
        self._cin7.on_screen("POST", "sale/order", order | {"AdditionalCharges": []})

    def _transfer(self, row: Document) -> None:
        moved = self._cin7.documents.transfers
        if self._on_their_way and self._dice.random() < 0.5:
            moved.advance(self._on_their_way.pop(0), "COMPLETED")
            return
        others = [each.name for each in self._world.locations if each.name != row["Location"]]
        if others:
            target = self._dice.choice(others)
            key = moved.begin(row["Location"], target, self._some(row), "IN TRANSIT")
            self._on_their_way.append(key)

    def _receipt(self, row: Document) -> None:
        bought = self._cin7.documents.purchases
        advanced = self._dice.random() < 0.5
        key = bought.order(row["Location"], self._some(row), advanced=advanced)
        bought.receive(key)
        if advanced:
            bought.put_away(key)

    def _adjustment(self, row: Document) -> None:
        found = row["OnHand"] + self._dice.choice((-3, -2, -1, 1, 2))
        self._cin7.documents.counts.adjust(row["Location"], {row["SKU"]: found})

    def _stock_take(self, row: Document) -> None:
        counts = self._cin7.documents.counts
        key = counts.begin_take(row["Location"])
        counts.complete_take(key, {row["SKU"]: row["OnHand"] + self._dice.choice((-1, 1))})

    def _write_off(self, row: Document) -> None:
        self._cin7.documents.counts.write_off(row["Location"], self._some(row))

    def _kit(self, row: Document) -> None:
        made = self._cin7.documents.assemblies
        units = self._some(row)
        made.begin(row["Location"], row["SKU"], Decimal(1), units, "COMPLETED")

    def _some(self, row: Document) -> dict[str, Decimal]:
        return {row["SKU"]: Decimal(self._dice.randint(1, 5))}
