"""A merchant's two catalogues, and the passes over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, insert, select

from sfcc_cin7.catalogue import read_catalogues
from sfcc_cin7.catalogue.agreeing import Agreement, compare_products
from sfcc_cin7.catalogue.gatekeeping import Gatekeeper
from sfcc_cin7.db.schema import book_prices, published_stock, review_items, sku_gates
from sfcc_cin7.merchant.catalogue import CataloguePolicy, FieldPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PriceBookPolicy, PricesPolicy
from sfcc_cin7.merchant.stock import InventoryListPolicy
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.catalogue.test_refresh import japan
from sfcc_cin7_tests.contract.emulators import Systems, running

SITE, LIST, BOOK = "alpenglow-jp", "inventory-jp", "jpy-list"
BARCODE = FieldPolicy(
    name="barcode", owner="erp", erp="Barcode", storefront="ean", compare="gtin", mend=True
)
NAME = FieldPolicy(name="name", owner="storefront", erp="Name", storefront="name", mend=True)
WEIGHT = FieldPolicy(
    name="weight", owner="erp", erp="Weight", storefront="c_weight", compare="number", mend=True
)
PRICES = PriceBookPolicy(id=BOOK, tier=3, currency="GBP", sites=[SITE], prices="gross")
UNIT = FieldPolicy(name="unit", owner="erp", erp="UOM", storefront="unit")


@dataclass
class Catalogues:
    """Both systems and what is known of them; time passes only when told to."""

    engine: Engine
    clock: ManualClock
    systems: Systems
    fields: list[FieldPolicy] = field(default_factory=lambda: [BARCODE, NAME, WEIGHT, UNIT])
    policy: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> OperatingModel:
        policy = CataloguePolicy(fields=self.fields, **self.policy)
        model: OperatingModel = japan("20% (VAT on Income)").model_copy(
            update={
                "catalogue": policy,
                "prices": PricesPolicy(books=[PRICES]),
                "inventory_lists": [
                    InventoryListPolicy(id=LIST, sites=[SITE], locations=["Osaka DC"])
                ],
            }
        )
        return model

    @property
    def goods(self) -> str:
        return self.systems.goods()

    def compare(self, minutes: float = 5) -> Agreement:
        """Time passes, then both catalogues are read and compared."""
        self.clock.sleep(60 * minutes)
        read_catalogues(self.engine, self.systems.sfcc, self.systems.cin7, self.model, self.clock)
        return compare_products(
            self.engine, self.systems.sfcc, self.systems.cin7, self.model, self.clock
        )

    def look(self, minutes: float = 5) -> dict[str, str]:
        """Both catalogues are compared, and the gate is looked at: what is missing, by SKU, of the
        site of the model; the step of a SKU that lacks nothing."""
        self.compare(minutes)
        gatekeeper = Gatekeeper(
            self.engine, self.systems.sfcc, self.systems.cin7, self.model, self.clock
        )
        gatekeeper.look()
        with self.engine.connect() as connection:
            return {
                row.sku: ", ".join(each["need"] for each in row.missing) or row.step
                for row in connection.execute(select(sku_gates))
            }

    def priced(self, sku: str, state: str) -> None:
        """What the room of prices knows of its price in the book of the site."""
        now, price = self.clock.now(), Decimal(1990)
        told = {"told": "1990", "told_price": price, "told_at": now}
        known = {"proved": told | {"shown": price, "shown_at": now}, "unproved": {}}[state]
        with self.engine.begin() as connection:
            connection.execute(
                insert(book_prices).values(
                    book=BOOK, sku=sku, price=price, tables="1990", changed_at=now, **known
                )
            )

    def stocked(self, sku: str) -> None:
        """The room of stock has told the site's inventory list a figure."""
        now = self.clock.now()
        row = {"allocation": 5, "reset_at": now, "published_at": now}
        with self.engine.begin() as connection:
            connection.execute(insert(published_stock).values(list_id=LIST, sku=sku, **row))

    def edit_in_the_erp(self, sku: str, **changes: Any) -> None:
        """Somebody edits the product by hand, as the ERP's own screen does."""
        self.systems.erp.catalogue.edit(sku, **changes)

    def in_the_erp(self, sku: str) -> dict[str, Any]:
        return self.systems.erp.catalogue.shown(sku)

    def in_the_shop(self, sku: str) -> dict[str, Any]:
        document = self.systems.shop.catalogue.get(sku)
        assert document is not None
        return document

    def edit_in_the_shop(self, sku: str, **changes: Any) -> None:
        self.systems.shop.catalogue.change(sku, changes)

    def findings(self, code: str = "field-differs") -> dict[str, str]:
        query = select(review_items.c.subject, review_items.c.sentence).where(
            review_items.c.closed_at.is_(None), review_items.c.code == code
        )
        with self.engine.connect() as connection:
            return {row.subject: row.sentence for row in connection.execute(query)}

    def writes(self) -> list[tuple[str, str]]:
        """Every write to a product that went out, in the sequence of their system."""
        sent = [*self.systems.cin7_wire.sent, *self.systems.sfcc_wire.sent]
        return [
            (request.method, request.content.decode())
            for request in sent
            if request.method in ("PUT", "PATCH") and "product" in request.url.path
        ]


@contextmanager
def catalogues(engine: Engine, clock: ManualClock, **settings: Any) -> Iterator[Catalogues]:
    """`settings` as of `running`."""
    with running(clock, wall=clock, **settings) as systems:
        yield Catalogues(engine, clock, systems)
