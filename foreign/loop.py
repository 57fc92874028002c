"""The product's own loop, over HTTP through whatever is at an address: orders are received, booked
and acknowledged, stock is read and published, shipments are noticed and told, and what the other
rooms read of both systems is read."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, func, select

from sfcc_cin7.cli.embedded import database
from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.db.database import connect, migrate
from sfcc_cin7.db.schema import orders
from sfcc_cin7.fulfilment.reading.following import follow_shipments
from sfcc_cin7.fulfilment.records.shipments import ShipmentQueue
from sfcc_cin7.fulfilment.telling.lane import ShipmentLane
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.draining import drain
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.snapshot import take_snapshot
from sfcc_cin7.systems.cin7 import Governor, kinds
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_sandbox.control.assembly import Sandbox

MODEL = Path(__file__).resolve().parents[1] / "config" / "sandbox.yaml"
ORDERS = 12
ROUNDS = 40
FINISHED = ("acknowledged", "in_review", "cancelled")
KINDS = (
    kinds.SALE,
    kinds.PURCHASE,
    kinds.TRANSFER,
    kinds.ADJUSTMENT,
    kinds.STOCK_TAKE,
    kinds.WRITE_OFF,
    kinds.ASSEMBLY,
)


@dataclass(frozen=True)
class Ran:
    """What the loop did: orders by their state, shipments told, documents read."""

    orders: dict[str, int]
    told: int
    read: int


def run(address: str, sandbox: Sandbox) -> Ran:
    """Once around, with a database of its own, which is gone afterwards."""
    model = load_operating_model(MODEL)
    brisk = model.posting.model_copy(update={"workers": 1})
    model = model.model_copy(update={"posting": brisk})
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the embedded server may run as another user
        with database(Path(folder)) as url:
            engine = connect(url)
            try:
                migrate(engine)
                return _around(engine, model, address, sandbox)
            finally:
                engine.dispose()


def _around(engine: Engine, model: OperatingModel, address: str, sandbox: Sandbox) -> Ran:
    clock = SystemClock()
    governor = Governor(engine, clock, window=1)  # what the call limit does is not asked here
    erp = Cin7Client(sandbox_erp(address), governor, "orders", clock)
    with SfccClient(sandbox_storefront(address), clock) as shop, erp:
        sites = [site.id for site in model.sites]
        for position in range(ORDERS):
            sandbox.shoppers.place(sites[position % len(sites)])
        queue = OrderQueue(engine, clock)
        receiver = Receiver(shop, queue, model, clock)
        posting = OrderPosting(engine, queue, shop, erp, model, clock)
        for _ in range(ROUNDS):
            drain(receiver, posting, model.posting, clock, "foreign")
            if sum(states(engine).get(state, 0) for state in FINISHED) >= ORDERS:
                break
            clock.sleep(1)
        take_snapshot(engine, erp, model, clock)
        publish_stock(engine, shop, model, clock)
        _write_documents(sandbox)
        _ship(sandbox)
        follow_shipments(engine, erp, model, clock)
        clock.sleep(1)
        lane = ShipmentLane(engine, ShipmentQueue(engine, clock), shop, model, clock)
        told = lane.drain("foreign").total()
        return Ran(states(engine), told, _read_everything(erp, shop, sites))


def states(engine: Engine) -> dict[str, int]:
    """Orders by their state."""
    query = select(orders.c.state, func.count().label("orders")).group_by(orders.c.state)
    with engine.connect() as connection:
        return {row.state: row.orders for row in connection.execute(query)}


def _write_documents(sandbox: Sandbox) -> None:
    """People move stock, so that there is something to read."""
    goods = next(sku for sku in sandbox.world.skus if sku.in_erp and sku.kind == "standard")
    some = {goods.id: Decimal(2)}
    places = [location.name for location in sandbox.world.locations]
    documents = sandbox.cin7.documents
    documents.purchases.receive(documents.purchases.order(places[0], some))
    documents.transfers.begin(places[0], places[1], some, "COMPLETED")
    documents.counts.adjust(places[0], some)
    documents.counts.complete_take(documents.counts.begin_take(places[0]), some)
    documents.counts.write_off(places[0], {goods.id: Decimal(1)})


def _ship(sandbox: Sandbox) -> None:
    for sale in sandbox.cin7.sales_truth():
        if sale["OrderStatus"] == "AUTHORISED":
            sandbox.cin7.pick(sale["ID"])
            sandbox.cin7.pack(sale["ID"])
            sandbox.cin7.ship(sale["ID"])


def _read_everything(erp: Cin7Client, shop: SfccClient, sites: list[str]) -> int:
    """What the ledger, the catalogue and the watch read; how many documents."""
    since, read = datetime.now(UTC) - timedelta(days=1), Counter[str]()
    for kind in KINDS:
        by_change = kind.name in ("sale", "purchase")
        found = erp.touched(kind, since) if by_change else erp.listed_page(kind, 1, 100)[1]
        for listed in found:
            erp.document(kind, listed.id)
            read[kind.name] += 1
    read["product"] = sum(1 for _ in erp.products(include_deprecated=True))
    for books in (erp.tax_rules, erp.locations, erp.price_tiers, erp.payment_terms, erp.accounts):
        read[books.__name__] = len(books())
    read["customers"] = len(erp.customers("Alpenglow", include_deprecated=True))
    erp.webhooks()
    erp.me()
    for site in sites:
        read[site] = sum(1 for _ in shop.products(site))
    return read.total()
