"""Orders that waited for a person go on: by themselves, or through the Launchpad."""

from datetime import timedelta

import dagster as dg
import httpx
from sqlalchemy import delete, update

from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7_sandbox.merchant.catalogue import MISSING_TAX_RULE
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice
from sfcc_cin7_tests.scenario.review_desk import WHO, Desk, create, unknown_sku


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


def test_an_order_that_moved_on_while_the_desk_looked_is_no_item_again(desk: Desk, monkeypatch):
    first, _ = unknown_sku(desk)
    second = desk.lane.order("alpenglow-uk", "unknown-sku")
    desk.lane.run()
    assert desk.lane.review_codes(second) == {"sku-unknown"}
    looked = []

    def meanwhile(acceptance: Acceptance, document, *about):
        """While the first is looked at, the shopper of the second cancels."""
        monkeypatch.undo()
        looked.append(document["orderNo"])
        _, site, number = second.split(":")
        desk.lane.sandbox.sfcc.cancel(site, number)
        desk.clock.sleep(60)
        desk.lane.run()
        return acceptance.of(document, *about)

    monkeypatch.setattr(Acceptance, "of", meanwhile)
    desk.look()
    assert looked == [first.split(":")[2]]
    assert desk.lane.states() == {first: "in_review", second: "cancelled"}
    assert (desk.lane.review_codes(first), desk.lane.review_codes(second)) == (
        {"sku-unknown"},
        set(),
    )


# Through the Launchpad


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


def test_an_order_cancelled_after_it_shipped_is_done_with_once_its_return_is_credited(desk: Desk):
    key = desk.lane.order()
    desk.lane.run()
    [sale] = desk.lane.sales(key)
    desk.lane.sandbox.cin7.ship(sale["ID"])
    number = invoice(desk, sale["ID"])
    _, site, order_no = key.split(":")
    desk.lane.sandbox.sfcc.cancel(site, order_no)
    desk.clock.sleep(60)
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"fulfilment-begun"}
    desk.ask("retry", orders=[key])
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"fulfilment-begun"}
    credit(desk, sale["ID"], number)
    desk.ask("retry", orders=[key])
    desk.lane.run()
    assert (desk.lane.states()[key], desk.lane.review_codes(key)) == ("cancelled", set())


# What is shown


def test_the_inbox_shows_the_worst_first_with_money_owner_and_runbook(desk: Desk):
    key, _ = unknown_sku(desk)
    shown = desk.look()
    name = f"{key.split(':')[-1]} (Alpenglow UK)"
    rows = [record.data for record in shown["one by one"].records]
    [row] = [row for row in rows if row["what"] == name]
    total = desk.lane.document(key)["orderTotal"]
    assert row["at risk"].startswith(f"{total:,.2f} GBP for ")
    assert row["why it waits"].startswith("SKU unknown: The ERP has no product")
    cause = next(c.data for c in shown["by cause"].records if c.data["cause"] == "SKU unknown")
    assert cause["to do"] == "merchandising: mend the cause: it closes by itself"
    assert "`sku-unknown` | create the product in Cin7" in shown["what to do"].value
    assert rows[0]["what"] == name  # findings about SKUs have no money


def test_the_check_warns_of_what_waits_and_alarms_when_it_waits_too_long(desk: Desk):
    with desk.engine.begin() as connection:
        connection.execute(delete(review_items))
    assert desk.backlog().passed
    unknown_sku(desk)
    desk.clock.sleep(5 * 3600)
    assert (desk.backlog().passed, desk.backlog().severity) == (False, dg.AssetCheckSeverity.WARN)
    desk.clock.sleep(24 * 3600)
    assert desk.backlog().severity == dg.AssetCheckSeverity.ERROR
