"""The order lane as one process works in it: what it receives with, and what it posts with."""

from uuid import uuid4

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.batch import BatchPosting
from sfcc_cin7.orders.posting.draining import DrainResult, Until, drain
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock


def post_orders(
    engine: Engine,
    shop: SfccClient,
    erp: Cin7Client,
    model: OperatingModel,
    clock: Clock,
    run_id: str,
    *,
    until: Until,
    result: DrainResult | None = None,
) -> DrainResult:
    """Take orders as they come, single ones and batches, until the run is over (see `drain`)."""
    queue = OrderQueue(engine, clock, run_id)
    batches = BatchQueue(engine, clock, run_id)
    return drain(
        Receiver(shop, queue, model, clock),
        OrderPosting(engine, queue, shop, erp, model, clock),
        model.posting,
        clock,
        owner=f"{run_id}:{uuid4().hex[:8]}",
        until=until,
        batches=BatchPosting(engine, batches, shop, erp, model, clock),
        result=result,
    )


def nothing_is_due(engine: Engine, clock: Clock) -> bool:
    """Whether no order, and no batch of orders, waits to be taken now."""
    return not (OrderQueue(engine, clock).has_work() or BatchQueue(engine, clock).has_work())
