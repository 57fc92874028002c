"""Orders that break whoever reads them."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from sfcc_cin7_sandbox.control.assembly import Sandbox, SandboxSettings, assemble
from sfcc_cin7_sandbox.control.poison import ODD_NUMBER, POISONS, UNFINISHED
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_sandbox.truth.verify import verify
from sfcc_cin7_tests.sandbox.storefront import ORDERS, UK, US, Storefront, order


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def raw(**changes: Any) -> dict[str, Any]:
    return order(UK, TENT=2) | {"orderNo": "R1", "status": "new", "exportStatus": "ready"} | changes


def page(store: Storefront, site: str = UK, **query: Any) -> Any:
    return store.call("GET", ORDERS, params={"siteId": site, **query})


def test_a_raw_order_is_shown_exactly_as_it_is_and_draws_no_stock(store: Storefront) -> None:
    document = raw(orderTotal=Decimal("-3.1"), productItems="none", c_odd=[None])
    store.shop.place_raw(document)
    store.later(seconds=1)
    assert store.order("R1") == document
    assert store.listed(exportStatus="ready") == [document]
    assert store.record("TENT")["ats"] == 20
    (known,) = store.shop.truth()["orders"]
    assert known == document | {"planted": True}


def test_a_raw_order_without_number_site_or_times_is_found_where_it_was_put(
    store: Storefront,
) -> None:
    store.shop.place_raw({"orderTotal": []}, site=UK, order_no="R2")
    store.later(seconds=1)
    assert store.listed(status="new", exportStatus="ready", lastModifiedDateFrom=start()) == [
        {"orderTotal": []}
    ]
    assert store.put_status("R2", "export-status", "failed").status_code == 204
    store.shop.staff.cancel(UK, "R2")
    store.later(seconds=1)
    assert [each.get("orderNo") for each in store.listed(status="cancelled")] == [None]
    assert store.shop.truth()["orders"][0]["orderNo"] == "R2"


def start() -> str:
    return "2026-08-03T09:00:00.000Z"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"orderNo": "R1"}, "There is no site None"),
        ({"siteId": "mars", "orderNo": "R1"}, "There is no site 'mars'"),
        ({"siteId": UK}, "needs a number"),
        ({"siteId": UK, "orderNo": 7}, "needs a number"),
        ({"siteId": UK, "orderNo": "00000001"}, "already"),
    ],
)
def test_a_raw_order_needs_a_free_place(
    store: Storefront, document: dict[str, Any], complaint: str
) -> None:
    store.shop.place(order())
    with pytest.raises(ValueError, match=complaint):
        store.shop.place_raw(document)


def test_shoppers_numbers_give_way_to_raw_ones_and_sites_share_them(store: Storefront) -> None:
    store.shop.place_raw(raw(orderNo="00000001"))
    store.shop.place_raw(raw(orderNo="000042", siteId=US))
    store.shop.place_raw(raw(orderNo="42", siteId=US))
    assert store.shop.place(order(UK))["orderNo"] == "00000002"
    assert store.shop.place(order(US))["orderNo"] == "00000001"
    assert (store.order("42", US)["orderNo"], store.order("000042", US)["orderNo"]) == (
        "42",
        "000042",
    )


def test_every_answer_with_an_unfinished_order_stops_inside_it(store: Storefront) -> None:
    store.shop.place(order())
    store.shop.place_raw(raw(), unfinished=True)
    store.shop.place(order())
    store.later(seconds=1)
    one = store.call("GET", f"{ORDERS}/R1", params={"siteId": UK})
    for response in (one, page(store)):
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        with pytest.raises(simplejson.JSONDecodeError):
            simplejson.loads(response.content)
    assert store.order("00000001")["orderNo"] == "00000001"
    assert [len(store.listed(limit=1, offset=n, sortOrder="asc")) for n in (0,)] == [1]
    store.put_status("R1", "export-status", "failed")
    store.later(seconds=1)
    assert store.numbers(exportStatus="ready") == ["00000002", "00000001"]
    with pytest.raises(simplejson.JSONDecodeError):
        store.listed(exportStatus="failed")


def test_a_good_order_may_break_later_and_stays_broken_after_a_restart() -> None:
    shelf = Shelf()
    store = Storefront(shelf=shelf)
    number = store.shop.place(order())["orderNo"]
    store.shop.break_json(UK, number)
    for shop in (store, Storefront(shelf=shelf)):
        with pytest.raises(simplejson.JSONDecodeError):
            shop.order(number)
        assert shop.shop.truth()["orders"][0]["planted"] is True


def test_an_answer_above_ten_megabytes_is_an_error_for_the_page_and_the_order(
    sandbox: Sandbox,
) -> None:
    store = Storefront(world=sandbox.world)
    giant = sandbox.plant("giant", UK)
    assert len(giant["productItems"]) == 10_000
    store.shop.place(dict(sandbox.shoppers.fill_basket(UK, "plain")))
    store.later(seconds=1)
    store.shop.place_raw(giant)
    store.later(seconds=1)
    number = giant["orderNo"]
    assert store.call("GET", f"{ORDERS}/{number}", params={"siteId": UK}).status_code == 500
    assert page(store).status_code == 500
    assert page(store, limit=1).status_code == 500
    assert page(store, limit=1, offset=1).status_code == 200
    assert store.put_status(number, "export-status", "failed").status_code == 204


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return assemble(SandboxSettings(skus=150))


@pytest.mark.parametrize("poison", POISONS)
def test_every_poison_stands_in_the_list_and_is_known_as_planted(poison: str) -> None:
    house = assemble(SandboxSettings(skus=150))
    placed = house.shoppers.place(UK, "plain")
    house.plant(poison, UK)
    good, bad = house.sfcc.truth()["orders"]
    assert "planted" not in good
    assert bad["planted"] is True
    truth = {
        "brand": "alpenglow",
        "now": house.clock.now().isoformat(),
        "sfcc": house.sfcc.truth(),
        "cin7": house.cin7.truth(),
    }
    verdict = verify(truth, grace_seconds=0)
    assert verdict.counts == {"lost": 1, "in_review": 1}
    assert {case.order for case in verdict.cases} == {
        f"alpenglow:{UK}:{number}" for number in (placed["orderNo"], bad["orderNo"])
    }


def test_an_odd_number_has_fifty_characters_and_is_found_by_them(store: Storefront) -> None:
    assert len(ODD_NUMBER) == 50
    store.shop.place_raw(raw(orderNo=ODD_NUMBER))
    store.later(seconds=1)
    assert store.order(ODD_NUMBER)["orderNo"] == ODD_NUMBER
    assert store.numbers() == [ODD_NUMBER]
    assert store.put_status(ODD_NUMBER, "export-status", "exported").status_code == 204


def test_an_unknown_poison_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no poison 'arsenic'"):
        sandbox.plant("arsenic")
    assert UNFINISHED in POISONS
