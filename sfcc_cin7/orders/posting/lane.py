"""The order lane as one process works in it: what it receives with, and what it posts with."""

from collections.abc import Collection
from datetime import timedelta
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

A_CALL_ARRIVES = timedelta(seconds=10)
"""How long what was sent is given to arrive and be listed before the first look for it."""


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


def take_over(engine: Engine, clock: Clock, runs: Collection[str]) -> None:
    """Go on soon with what these runs hold, which have ended or are not to be trusted any more.

    A lease lasts longer than a call may wait and take. Whoever has died calls no more, and what it
    called last is answered for by intentions (`booking`): that may still arrive, so a moment passes
    before anybody looks for it.
    """
    for queue in (OrderQueue(engine, clock), BatchQueue(engine, clock)):
        queue.let_lapse(runs, A_CALL_ARRIVES)


def nothing_is_due(engine: Engine, clock: Clock) -> bool:
    """Whether no order, and no batch of orders, waits to be taken now."""
    return not (OrderQueue(engine, clock).has_work() or BatchQueue(engine, clock).has_work())
