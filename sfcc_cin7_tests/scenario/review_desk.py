"""A person at the review desk of a merchant, and orders that wait there."""

from typing import Any

import dagster as dg
import httpx
from sqlalchemy import select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.review import jobs
from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7_tests.scenario.order_lane import OrderLane

WHO = {"by": "kim@alpenglow.example", "because": "asked on the phone"}
JOBS: dict[str, Any] = {
    "retry": jobs.retry_orders,
    "release": jobs.release_orders,
    "waive": jobs.waive_items,
    "correct": jobs.correct_order,
    "preview": jobs.preview_order,
    "decline": jobs.decline_orders,
}


class Desk:
    """A person at the desk of the lane's merchant; stands for its store and operating model too."""

    def __init__(self, lane: OrderLane) -> None:
        self.lane = lane
        self.engine = lane.engine
        self.clock = lane.clock

    def model(self) -> OperatingModel:
        return self.lane.model

    def read_catalogues(self) -> None:
        refresh(self.engine, self.lane._shop, self.lane._erp, self.lane.model, self.clock)

    def look(self) -> dict[str, Any]:
        """What the inbox shows after its look."""
        result: Any = review_inbox(merchant=self, store=self)
        return dict(result.metadata)

    def backlog(self) -> dg.AssetCheckResult:
        result: Any = review_backlog(merchant=self, store=self)
        assert isinstance(result, dg.AssetCheckResult)
        return result

    def ask(self, action: str, **config: Any) -> str:
        """Run a job as the Launchpad does; what it answers, or why it refused."""
        who = {} if action == "preview" else WHO
        result = JOBS[action].execute_in_process(
            run_config={"ops": {action: {"config": {**who, **config}}}},
            resources={"store": self, "merchant": self},
            raise_on_error=False,
        )
        if result.success:
            return "\n".join(result.output_for_node(action))
        [failed] = [event for event in result.all_events if event.is_step_failure]
        data: Any = failed.event_specific_data
        return str(data.user_failure_data.description)

    def events(self, key: str, kind: str) -> list[dict[str, Any]]:
        query = select(order_events.c.detail).where(
            order_events.c.order_key == key, order_events.c.kind == kind
        )
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


def unknown_sku(desk: Desk) -> tuple[str, str]:
    """An order that waits because the ERP lacks a SKU; its key and the SKU."""
    key = desk.lane.order("alpenglow-uk", "unknown-sku")
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    items = desk.lane.document(key)["productItems"]
    known = {product.sku for product in desk.lane._erp.products()}
    [sku] = {item["productId"] for item in items} - known
    return key, sku


def create(desk: Desk, sku: str) -> None:
    """Somebody creates the product in the ERP, and the first delivery comes."""
    delivery = {"sku": sku, "location": "London DC", "receive": 50}
    for path, body in (("products", {"sku": sku}), ("stock", delivery)):
        httpx.post(f"{desk.lane.url}/_control/{path}", json=body).raise_for_status()


def known_sku(desk: Desk, key: str) -> str:
    """A SKU of the ERP that the order does not hold."""
    held = {item["productId"] for item in desk.lane.document(key)["productItems"]}
    return next(
        product.sku
        for product in desk.lane._erp.products()
        if product.type == "Stock" and product.sku not in held
    )
