"""Orders that waited for a person go on: by themselves, through the Launchpad, or at a command."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import httpx
import pytest
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.clock import ManualClock
from sfcc_cin7.desk import jobs
from sfcc_cin7.desk.assets import review_inbox
from sfcc_cin7.desk.checks import review_backlog
from sfcc_cin7.ledger.books import bring_up_to_date
from sfcc_cin7.ledger.sales_image import refresh_sales
from sfcc_cin7.operating_model import OperatingModel
from sfcc_cin7.sandbox.catalogue import MISSING_TAX_RULE
from sfcc_cin7.store.schema import (
    breaks,
    order_corrections,
    order_events,
    orders,
    postings,
    review_items,
)
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Item, Till
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

WHO = {"by": "kim@alpenglow.example", "because": "asked on the phone"}
JOBS: dict[str, Any] = {
    "retry": jobs.retry_orders,
    "release": jobs.release_orders,
    "waive": jobs.waive_items,
    "correct": jobs.correct_order,
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
        result = JOBS[action].execute_in_process(
            run_config={"ops": {action: {"config": {**WHO, **config}}}},
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


@pytest.fixture
def desk(engine: Engine, clock: ManualClock) -> Iterator[Desk]:
    with order_lane(engine, clock) as lane:
        desk = Desk(lane)
        desk.read_catalogues()
        yield desk


def unknown_sku(desk: Desk) -> tuple[str, str]:
    """An order that waits because the ERP lacks a SKU; its key and the SKU."""
    key = desk.lane.order("alpenglow-uk", "unknown-sku")
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    items = desk.lane.document(key)["productItems"]
    known = {product.sku for product in desk.lane._erp.products()}
    [sku] = {item["productId"] for item in items} - known
    return key, sku


UNKNOWN, PEGS, PEGS_TAX = "PEG-NOBODY-KNOWS", Decimal("349.97"), Decimal("58.32")
PEGS_OVER = Decimal("0.07")
"""350.00 less 0.03 for 1,000 pegs, with a tax of 58.33 less 0.01: 0.3499 each, and what is over."""


def pegs_of_an_unknown_sku(desk: Desk) -> str:
    """A thousand pegs with three pence off, which the ERP does not know; the order's key."""
    pegs = Item(UNKNOWN, Decimal(1000), Decimal("0.35"), Decimal("0.2"), discount=Decimal("0.03"))
    british = {"me": {**ADDRESS, "countryCode": "GB", "stateCode": "", "postalCode": "N1 9GU"}}
    basket = Basket("GBP", "gross", (pegs,), addresses=british)
    placed = Till(basket).order("pegs", site="alpenglow-uk")
    now = f"{desk.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
    dated = {"creationDate": now, "placeDate": now, "lastModified": now}
    desk.lane.sandbox.sfcc.place_raw(placed | dated)
    desk.clock.sleep(5)
    return "alpenglow:alpenglow-uk:pegs"


def reconcile(desk: Desk) -> None:
    """Read what the ERP touched, and bring the books up to date."""
    desk.clock.sleep(60)
    reading = refresh_sales(desk.engine, desk.lane._erp, desk.lane.model, desk.clock)
    bring_up_to_date(desk.engine, desk.lane.model, desk.clock, complete=reading.complete)


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


def calls(desk: Desk) -> int:
    return sum(desk.lane.sandbox.calls.summary()["arrivals"].values())


# By itself


def test_an_order_goes_on_when_its_sku_was_created_and_the_catalogues_were_read(desk: Desk):
    key, sku = unknown_sku(desk)
    desk.look()
    assert desk.lane.states()[key] == "in_review"

    create(desk, sku)
    desk.read_catalogues()
    before = calls(desk)
    shown = desk.look()
    assert calls(desk) == before  # looking again asks neither system
    assert shown["went on by themselves"] == 1
    assert desk.lane.review_codes(key) == set()
    assert desk.events(key, "resumed") == [{"by": "sfcc-cin7", "because": "its cause is gone"}]
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    assert len(desk.lane.sales(key)) == 1
    assert desk.lane.verdict().clean


def test_an_order_goes_on_when_its_tax_rule_was_created(desk: Desk):
    key = desk.lane.order("alpenglow-jp", "missing-tax-rule")
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"tax-rule-unknown"}
    rule = {"name": MISSING_TAX_RULE.name, "percent": 8}
    httpx.post(f"{desk.lane.url}/_control/tax-rules", json=rule).raise_for_status()
    desk.read_catalogues()
    desk.look()
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"


def test_a_refusal_of_the_erp_is_tried_again_once_for_each_change_of_its_goods(desk: Desk):
    key = desk.lane.order()
    sku = desk.lane.document(key)["productItems"][0]["productId"]
    desk.lane.sandbox.cin7.set_product_status(sku, "Setup required")  # since the last reading
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"erp-refused"}
    assert desk.look()["went on by themselves"] == 0  # nothing that we know has changed

    desk.clock.sleep(1)
    desk.read_catalogues()
    assert desk.look()["went on by themselves"] == 1
    desk.clock.sleep(1)
    desk.lane.run()  # and refuses it again
    assert desk.lane.review_codes(key) == {"erp-refused"}
    desk.read_catalogues()
    assert desk.look()["went on by themselves"] == 0

    desk.clock.sleep(1)
    desk.lane.sandbox.cin7.set_product_status(sku, "Active")
    desk.read_catalogues()
    assert desk.look()["went on by themselves"] == 1
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    assert len(desk.lane.sales(key)) == 1


# Through the Launchpad


def test_a_corrected_order_is_posted_under_its_other_sku_with_the_same_proof(desk: Desk):
    key, sku = unknown_sku(desk)
    other = known_sku(desk, key)
    said = desk.ask("correct", order=key, skus={sku: other})
    assert "goes back to be posted" in said
    [event] = desk.events(key, "corrected")
    assert event == {**WHO, "corrections": [f"sku {sku} -> {other}"]}

    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    [sale] = desk.lane.sales(key)
    shop = desk.lane.document(key)
    assert (sale["Total"], sale["Tax"]) == (shop["orderTotal"], shop["taxTotal"])
    assert other in {line["SKU"] for line in sale["Lines"]}
    assert desk.lane.review_codes(key) == set()


def test_a_corrected_order_whose_price_no_unit_price_hits_is_booked_with_its_rounding_line(
    desk: Desk,
):
    key = pegs_of_an_unknown_sku(desk)
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    other = known_sku(desk, key)
    httpx.post(
        f"{desk.lane.url}/_control/stock",
        json={"sku": other, "location": "London DC", "receive": 1000},
    ).raise_for_status()
    desk.ask("correct", order=key, skus={UNKNOWN: other})
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    [sale] = desk.lane.sales(key)
    [rounding] = [one for one in sale["AdditionalCharges"] if one["Description"] == "Rounding"]
    assert (sale["Lines"][0]["SKU"], rounding["Total"], rounding["Tax"]) == (other, PEGS_OVER, 0)
    assert (sale["Total"], sale["Tax"]) == (PEGS, PEGS_TAX)

    reconcile(desk)
    with desk.engine.connect() as connection:
        found = connection.execute(select(breaks.c["class"]).where(breaks.c.leg == "erp")).all()
        posted = select(func.sum(postings.c.amount)).where(postings.c.account == "rounding")
        assert (found, connection.scalar(posted)) == ([], -PEGS_OVER)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"skus": {"NO-SUCH-LINE": "X"}}, "The order has no line of the SKU 'NO-SUCH-LINE'"),
        ({"skus": {"*": "NOT-IN-THE-ERP"}}, "The ERP has no product NOT-IN-THE-ERP"),
        ({"tax_rules": {"twenty": "X"}}, "'twenty' is no rate: write a percentage"),
        ({"tax_rules": {"19": "X"}}, "Nothing in the order is taxed at 19 %"),
        ({"tax_rules": {"20": "Zero Rated Income"}}, "is 0 %, but the storefront charged 20 %"),
        ({"ship_to_country": "Britain"}, "'Britain' is no country code"),
        ({"ship_to_country": "FR"}, "maps no tax rule to 20 % in FR"),
        ({"rounding_charge": "1000000"}, "is no rounding that can be accepted"),
        ({"rounding_charge": "0.01"}, "changes nothing about the order"),
        ({}, "Say what to correct"),
        ({"skus": {"*": "*"}, "by": " "}, "Say who you are"),
        ({"skus": {"*": "*"}, "because": ""}, "Say why"),
        ({"order": "alpenglow:alpenglow-uk:none", "ship_to_country": "GB"}, "There is no order"),
    ],
)
def test_a_wrong_correction_is_refused_with_a_sentence_and_changes_nothing(
    desk: Desk, wrong: dict[str, Any], sentence: str
):
    key, sku = unknown_sku(desk)
    if "skus" in wrong:
        wrong = {**wrong, "skus": {k.replace("*", sku): v for k, v in wrong["skus"].items()}}
    assert sentence in desk.ask("correct", **{"order": key, **wrong})
    assert desk.lane.states()[key] == "in_review"
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    assert desk.events(key, "corrected") == []
    with desk.engine.connect() as connection:
        assert connection.execute(select(order_corrections)).all() == []


def test_nobody_changes_a_correction_afterwards(desk: Desk):
    key, sku = unknown_sku(desk)
    desk.ask("correct", order=key, skus={sku: known_sku(desk, key)})
    for change in (update(order_corrections).values(value="X"), delete(order_corrections)):
        with pytest.raises(DBAPIError, match="append-only"), desk.engine.begin() as connection:
            connection.execute(change)


def test_an_order_that_is_posted_is_corrected_in_the_erp_and_not_here(desk: Desk):
    key = desk.lane.order()
    desk.lane.run()
    assert "only what is in review is corrected" in desk.ask(
        "correct", order=key, ship_to_country="GB"
    )


def test_a_waived_item_is_out_of_the_inbox_and_comes_back_with_its_age(desk: Desk):
    key, _ = unknown_sku(desk)
    opened = desk.clock.now()
    desk.clock.sleep(3600)
    assert "is waived until" in desk.ask("waive", subjects=[key], days=2)
    [event] = desk.events(key, "waived")
    assert (event["by"], event["because"], event["code"]) == (*WHO.values(), "sku-unknown")
    desk.read_catalogues()
    shown = desk.look()
    assert (desk.lane.review_codes(key), shown["waived"]) == (set(), 1)
    assert desk.lane.states()[key] == "in_review"

    desk.clock.sleep(timedelta(days=2).total_seconds())
    shown = desk.look()
    assert (shown["waived"], shown["reopened after a waiver"]) == (0, 1)
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    assert shown["oldest, hours"] >= (desk.clock.now() - opened).total_seconds() / 3600 - 0.1
    assert len(desk.events(key, "reopened")) == 1


def test_a_waived_item_whose_cause_is_gone_does_not_come_back(desk: Desk):
    key, sku = unknown_sku(desk)
    desk.ask("waive", subjects=[key], days=1)
    create(desk, sku)
    desk.read_catalogues()
    desk.look()
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    desk.clock.sleep(timedelta(days=2).total_seconds())
    assert desk.look()["reopened after a waiver"] == 0
    assert desk.lane.review_codes(key) == set()


def test_a_waived_finding_about_a_sku_comes_back_when_it_is_found_after_its_waiver(desk: Desk):
    unknown = "sku:GHOST-LANTERN-01"
    assert desk.lane.review_codes(unknown) == {"sku-unknown-in-erp"}
    desk.ask("waive", code="sku-unknown-in-erp", days=1)
    desk.read_catalogues()
    assert desk.lane.review_codes(unknown) == set()
    desk.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    desk.read_catalogues()
    assert desk.lane.review_codes(unknown) == {"sku-unknown-in-erp"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"days": 1}, "Name what is waived"),
        ({"subjects": ["x"]}, "Say when the waiver ends"),
        ({"subjects": ["x"], "until": "soon"}, "'soon' is no day or time"),
        ({"subjects": ["x"], "until": "2001-01-01"}, "A waiver ends after now"),
        ({"subjects": ["x"], "days": 1}, "Nothing that is open in the inbox is meant"),
    ],
)
def test_a_waiver_that_makes_no_sense_is_refused(desk: Desk, wrong: dict[str, Any], sentence: str):
    assert sentence in desk.ask("waive", **wrong)


def test_all_that_wait_for_one_reason_are_retried_at_once(desk: Desk):
    first, _ = unknown_sku(desk)
    second = desk.lane.order("alpenglow-uk", "unknown-sku")
    other = desk.lane.order("alpenglow-jp", "missing-tax-rule")
    desk.lane.run()
    said = desk.ask("retry", code="sku-unknown")
    assert said.splitlines() == [
        f"{key} goes back to be posted." for key in sorted([first, second])
    ]
    assert desk.lane.states()[other] == "in_review"
    assert desk.events(first, "retried") == [WHO] == desk.events(second, "retried")
    assert "There is no order in review" in desk.ask("retry", orders=["alpenglow:x:1"])
    assert "Name an order" in desk.ask("retry")


def test_an_order_in_its_hold_is_released(desk: Desk):
    held = {"hold_minutes": 60}
    sites = [site.model_copy(update=held) for site in desk.lane.model.sites]
    desk.lane.model = desk.lane.model.model_copy(update={"sites": sites})
    key = desk.lane.order()
    desk.lane.run()
    assert desk.lane.states()[key] == "received"
    assert "it was held by: hold window" in desk.ask("release", orders=[key])
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    assert desk.events(key, "released") == [{**WHO, "held_by": "hold window"}]
    assert "nothing holds it" in desk.ask("release", orders=[key])


def test_an_order_behind_its_shoppers_earlier_one_is_released(desk: Desk):
    first, second = desk.lane.order(), desk.lane.order()
    desk.lane.run()
    now = desk.clock.now()
    with desk.engine.begin() as connection:
        for key, due in ((first, now + timedelta(days=1)), (second, now)):
            connection.execute(
                update(orders)
                .where(orders.c.order_key == key)
                .values(state="received", shopper="s", due_at=now, next_attempt_at=due)
            )
    desk.lane.run()
    assert desk.lane.states()[second] == "received"
    assert "shopper's sequence" in desk.ask("release", orders=[second])
    desk.lane.run()
    assert desk.lane.states() == {first: "received", second: "acknowledged"}


def test_a_waived_finding_about_parcels_lets_the_order_pass_but_a_missing_sku_never(desk: Desk):
    several = {"several_shipments": "review"}
    sites = [site.model_copy(update=several) for site in desk.lane.model.sites]
    desk.lane.model = desk.lane.model.model_copy(update={"sites": sites})
    parcels = desk.lane.order("alpenglow-uk", "several-shipments")
    desk.lane.run()
    assert desk.lane.review_codes(parcels) == {"several-shipments"}
    assert "waive what may pass" in desk.ask("release", orders=[parcels])
    desk.ask("waive", subjects=[parcels], days=1)
    assert "waived: several-shipments" in desk.ask("release", orders=[parcels])
    desk.lane.run()
    assert desk.lane.states()[parcels] == "acknowledged"
    [sale] = desk.lane.sales(parcels)
    assert sale["Total"] == desk.lane.document(parcels)["orderTotal"]

    missing, _ = unknown_sku(desk)
    desk.ask("waive", subjects=[missing], days=1)
    assert "which no release can mend" in desk.ask("release", orders=[missing])
    assert desk.lane.states()[missing] == "in_review"


# What is shown


def test_the_inbox_shows_the_worst_first_with_money_owner_and_runbook(desk: Desk):
    key, _ = unknown_sku(desk)
    shown = desk.look()
    [row] = [record.data for record in shown["inbox"].records if record.data["what"] == key]
    total = desk.lane.document(key)["orderTotal"]
    assert row["money at risk"] == f"{total:,.2f} GBP"
    assert (row["code"], row["owner"]) == ("sku-unknown", "team:merchandising")
    assert row["runbook"] == "docs/runbooks/review-codes.md#sku-unknown"
    assert shown["inbox"].records[0].data["what"] == key  # findings about SKUs have no money


def test_the_check_warns_of_what_waits_and_alarms_when_it_waits_too_long(desk: Desk):
    with desk.engine.begin() as connection:
        connection.execute(delete(review_items))
    assert desk.backlog().passed
    unknown_sku(desk)
    desk.clock.sleep(5 * 3600)
    assert (desk.backlog().passed, desk.backlog().severity) == (False, dg.AssetCheckSeverity.WARN)
    desk.clock.sleep(24 * 3600)
    assert desk.backlog().severity == dg.AssetCheckSeverity.ERROR
