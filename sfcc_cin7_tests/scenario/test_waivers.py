"""What a person waived is out of sight until its day, and is never mended by that."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from sfcc_cin7.inbox.inbox import Finding, open_items, record
from sfcc_cin7.review import waive as waiving
from sfcc_cin7_tests.scenario.review_desk import WHO, Desk, create, unknown_sku


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


def test_what_is_found_again_while_somebody_waives_it_stays_waived(desk: Desk, monkeypatch):
    key, _ = unknown_sku(desk)
    found = Finding(key, "sku-unknown", "The ERP still has no such product.", "team:x")
    blocked = text(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and wait_event_type = 'Lock'"
    )

    def find_again() -> None:
        with desk.engine.begin() as connection:
            open_items(connection, [found], desk.clock.now())

    finding = Thread(target=find_again)

    def meanwhile(*about: Any, **detail: Any) -> None:
        record(*about, **detail)
        finding.start()
        with desk.engine.connect() as connection:
            while finding.is_alive() and not connection.scalar(blocked):
                connection.rollback()

    monkeypatch.setattr(waiving, "record", meanwhile)
    desk.ask("waive", subjects=[key], days=1)
    finding.join()
    monkeypatch.undo()
    assert desk.lane.review_codes(key) == set()
    desk.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    assert desk.look()["reopened after a waiver"] == 1
    assert desk.lane.review_codes(key) == {"sku-unknown"}


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
