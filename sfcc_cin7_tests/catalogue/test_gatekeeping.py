"""A new SKU waits at the gate until nothing is missing, in either system."""

from decimal import Decimal
from types import SimpleNamespace as Resource

import dagster as dg
import pytest

from sfcc_cin7.catalogue.product_assets import field_ownership, sku_gate
from sfcc_cin7.catalogue.product_checks import fields_agree, nothing_unready_on_sale
from sfcc_cin7.catalogue.schedules import read_catalogues
from sfcc_cin7.systems.http.errors import Ambiguous
from sfcc_cin7_sandbox.merchant.catalogue import GHOST_SKU
from sfcc_cin7_tests.catalogue.house import NAME, SITE, catalogues

NEW, EAN = "TARP-NEW-01", "4006381333931"


@pytest.fixture
def house(engine, clock):
    with catalogues(engine, clock) as both:
        both.policy = {"gate": {"opening": "open"}}
        both.look()
        yield both


def made(house, barcode=EAN):
    """A buyer makes it in the ERP, and a merchandiser in the storefront, offline."""
    house.systems.erp.create_product(NEW, name="New tarp", barcode=barcode)
    house.systems.shop.catalogue.add(NEW, "New tarp", online=False, ean=barcode)


def finished(house, price="proved"):
    """All that it needs, and a price of this state."""
    made(house)
    house.edit_in_the_erp(NEW, Weight=Decimal(800))
    house.systems.shop.catalogue.give(
        NEW, taxClassId="standard", primaryCategoryId="tarps", image={"path": "tarp.jpg"}
    )
    house.stocked(NEW)
    house.priced(NEW, price)


def online(house, site=SITE):
    flags = house.in_the_shop(NEW)["onlineFlag"]
    return flags.get(site, flags["default"])


def test_what_was_there_before_does_not_stand_at_the_gate(house):
    house.edit_in_the_shop(house.goods, onlineFlag={SITE: False})
    assert house.look() == {}
    assert house.in_the_shop(house.goods)["onlineFlag"][SITE] is False


def test_what_the_storefront_has_had_is_not_new_when_the_erp_renames_it_there_and_back(house):
    house.edit_in_the_shop(house.goods, onlineFlag={SITE: False})
    house.edit_in_the_erp(house.goods, Weight=Decimal(800))
    house.stocked(house.goods)
    for was, becomes in ((house.goods, "OTHER-01"), ("OTHER-01", house.goods)):
        house.systems.erp.administrator.rename_product(was, becomes)
        house.look(minutes=60)

    house.priced(house.goods, "proved")
    assert house.look() == {}
    assert house.in_the_shop(house.goods)["onlineFlag"][SITE] is False, "out of season"


def test_what_is_made_in_the_erp_because_the_storefront_sells_it_does_not_stand_at_the_gate(house):
    house.systems.erp.create_product(GHOST_SKU, name="Ghost Lantern")
    assert house.look() == {}
    assert house.findings("sku-sold-unready") == {}


def test_it_waits_with_what_is_missing_and_goes_on_sale_by_itself_when_its_price_is_there(house):
    made(house)
    missing = house.look()
    assert missing[NEW] == "weight, tax-class, category, picture, price, stock-record"

    house.edit_in_the_erp(NEW, Weight=Decimal(800))
    house.systems.shop.catalogue.give(
        NEW, taxClassId="standard", primaryCategoryId="tarps", image={"path": "tarp.jpg"}
    )
    house.stocked(NEW)
    assert house.look() == {NEW: "price"}
    assert not online(house)

    house.priced(NEW, "proved")
    assert house.look() == {NEW: "on-sale"}
    assert online(house)
    assert not online(house, "alpenglow-us"), "no other site is touched"


def test_a_price_that_the_storefront_does_not_show_yet_opens_nothing(house):
    finished(house, price="unproved")
    assert house.look() == {NEW: "price"}
    assert not online(house)


def test_a_barcode_of_another_product_opens_nothing(house):
    finished(house)
    house.systems.erp.create_product("OTHER-01", name="Other", barcode=EAN)
    assert house.look()[NEW] == "barcode"
    assert not online(house)


def test_what_a_merchandiser_takes_offline_again_stays_offline(house):
    finished(house)
    house.look()
    house.edit_in_the_shop(NEW, onlineFlag={SITE: False})
    assert house.look(minutes=30) == {NEW: "leave"}
    assert not online(house)


def test_what_is_deprecated_later_is_told_of_and_closed_where_the_merchant_wants_that(house):
    finished(house)
    house.look()
    house.systems.erp.set_product_status(NEW, "Deprecated")
    house.look(minutes=30)
    assert list(house.findings("sku-sold-unready")) == [f"gate:{SITE}/{NEW}"]
    assert online(house), "by default a person decides"

    house.policy = {"gate": {**house.policy["gate"], "closing": "close"}}
    house.look()
    assert not online(house)
    assert house.findings("sku-sold-unready") == {}

    house.systems.erp.set_product_status(NEW, "Active")
    assert house.look(minutes=30) == {NEW: "on-sale"}


def test_a_lost_answer_opens_once_and_is_known_as_ours(house, monkeypatch):
    finished(house)
    real = house.systems.sfcc.change_product

    def lost(*given):
        real(*given)
        raise Ambiguous("sfcc", "PATCH /products", None, "time-out")

    with monkeypatch.context() as patch:
        patch.setattr(house.systems.sfcc, "change_product", lost)
        house.look()
    assert house.look() == {NEW: "on-sale"}
    flags = [body for _, body in house.writes() if "onlineFlag" in body]
    assert len(flags) == 1
    house.edit_in_the_shop(NEW, onlineFlag={SITE: False})
    assert house.look(minutes=30) == {NEW: "leave"}


def test_it_is_looked_at_once_more_before_it_is_put_online(house, monkeypatch):
    """Deprecated after the pass has read the ERP, and before it would have opened."""
    finished(house)
    real = house.systems.cin7.product_records

    def later(*, product_id=None, **rest):
        if product_id is not None:
            house.systems.erp.set_product_status(NEW, "Deprecated")
        return real(product_id=product_id, **rest)

    monkeypatch.setattr(house.systems.cin7, "product_records", later)

    assert house.look() == {NEW: "active"}
    assert not online(house)


def test_the_screen_shows_what_waits_and_what_differs(house):
    made(house)
    house.fields = [NAME.model_copy(update={"mend": False})]
    house.edit_in_the_erp(house.goods, Name="Edited by a buyer")
    house.compare()
    systems = house.systems
    resources = {
        "merchant": Resource(model=lambda: house.model),
        "store": Resource(engine=house.engine, clock=house.clock),
        "storefront": Resource(client=systems.sfcc),
        "erp": Resource(client=lambda purpose: systems.cin7),
    }
    result = dg.materialize(
        [field_ownership, sku_gate, fields_agree, nothing_unready_on_sale],
        resources=resources,
    )

    verdicts = {each.check_name: each for each in result.get_asset_check_evaluations()}
    assert not verdicts["fields_agree"].passed
    assert verdicts["nothing_unready_on_sale"].passed
    [waiting] = shown(result, "sku_gate", "waiting")
    assert waiting.data["SKU"] == NEW
    assert waiting.data["what is missing"].startswith("it has no weight to ship by (erp); no tax")
    assert [each.data["SKU"] for each in shown(result, "field_ownership", "what differs")] == [
        house.goods
    ]


def shown(result, asset, name):
    [event] = result.asset_materializations_for_node(asset)
    return event.metadata[name].records


def test_the_lane_reads_compares_and_looks_at_the_gate_in_one_run(house):
    made(house)
    systems = house.systems
    result = read_catalogues.execute_in_process(
        resources={
            "merchant": Resource(model=lambda: house.model),
            "store": Resource(engine=house.engine, clock=house.clock),
            "storefront": Resource(client=systems.sfcc),
            "erp": Resource(client=lambda purpose: systems.cin7),
        }
    )

    told = [
        each.asset_key.to_user_string()
        for each in result.get_asset_materialization_events()
        if each.asset_key
    ]
    assert told == ["sku_map", "field_ownership", "sku_gate"]
