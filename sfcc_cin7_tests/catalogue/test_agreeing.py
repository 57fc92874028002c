"""One owner per field, against both systems as they run."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.systems.http.errors import Ambiguous
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.catalogue.house import NAME, UNIT, catalogues

EAN, OTHER = "4006381333931", "96385074"


@pytest.fixture
def house(engine, clock):
    with catalogues(engine, clock) as both:
        yield both


def test_the_first_reading_of_two_equal_catalogues_finds_nothing_and_writes_nothing(house):
    found = house.compare()

    assert found.read["erp"].told > 100
    assert not found.found
    assert house.writes() == []


def test_only_what_changed_is_read_again(house):
    house.compare()
    house.compare(minutes=60)
    house.edit_in_the_erp(house.goods, HSCode="6306.22")
    found = house.compare(minutes=60)

    assert (found.read["erp"].told, found.read["storefront"].told) == (1, 0)


def test_a_barcode_that_somebody_edits_in_the_shop_goes_back_to_the_erps(house):
    house.compare()
    owners = house.in_the_erp(house.goods)["Barcode"]
    house.edit_in_the_shop(house.goods, ean=OTHER)
    house.compare(minutes=30)

    assert house.in_the_shop(house.goods)["ean"] == owners
    assert house.in_the_erp(house.goods)["Barcode"] == owners
    assert len(house.writes()) == 1
    house.compare(minutes=30)
    assert len(house.writes()) == 1, "it is put right once"


def test_a_name_that_somebody_edits_in_the_erp_goes_back_to_the_storefronts(house):
    house.compare()
    name = house.in_the_shop(house.goods)["name"]["default"]
    before = house.in_the_erp(house.goods)
    house.edit_in_the_erp(house.goods, Name="Edited by a buyer")
    house.compare(minutes=30)

    after = house.in_the_erp(house.goods)
    assert after["Name"] == name
    assert {**after, "LastModifiedOn": None} == {**before, "LastModifiedOn": None}


def test_a_weight_reaches_the_storefront_as_a_number_and_the_cost_never(house):
    house.compare()
    house.edit_in_the_erp(house.goods, Weight=Decimal("1.250"))
    house.compare(minutes=30)

    assert house.in_the_shop(house.goods)["c_weight"] == Decimal("1.25")
    cost = f"{house.in_the_erp(house.goods)['AverageCost']}"
    sent = [request.content.decode() for request in house.systems.sfcc_wire.sent]
    assert not any(f'"{cost}"' in body or f":{cost}" in body for body in sent)


def test_where_nobody_mends_a_person_is_told_which_side_was_edited_and_when(house):
    house.fields = [UNIT, NAME.model_copy(update={"mend": False})]
    house.compare()
    house.edit_in_the_erp(house.goods, Name="Edited by a buyer")
    house.compare(minutes=30)

    [(subject, sentence)] = house.findings().items()
    assert subject == f"product:{house.goods}/name"
    assert "the storefront owns it. The ERP was edited between" in sentence
    assert f"before it said {house.in_the_shop(house.goods)['name']['default']!r}" in sentence
    assert house.writes() == []

    house.edit_in_the_erp(house.goods, Name=house.in_the_shop(house.goods)["name"]["default"])
    house.compare(minutes=30)
    assert house.findings() == {}


def test_an_owner_who_says_nothing_blanks_nothing(house):
    house.compare()
    house.edit_in_the_erp(house.goods, Barcode="")
    shown = house.in_the_shop(house.goods)["ean"]
    house.compare(minutes=30)

    assert house.in_the_shop(house.goods)["ean"] == shown
    assert house.findings() == {}


def test_a_write_whose_answer_is_lost_is_looked_for_before_it_is_sent_again(house, monkeypatch):
    house.compare()
    house.edit_in_the_erp(house.goods, Barcode=EAN)
    with monkeypatch.context() as patch:
        patch.setattr(house.systems.sfcc, "change_product", lost(house.systems.sfcc.change_product))
        found = house.compare(minutes=30)
    assert found.mended.outcomes == {"ambiguous": 1}
    found = house.compare(minutes=30)

    assert not found.found, "the reading shows that it came about"
    assert house.in_the_shop(house.goods)["ean"] == EAN
    assert len(house.writes()) == 1


def lost(write):
    """The write comes about, and its answer does not arrive."""

    def send(*given):
        write(*given)
        raise Ambiguous("sfcc", "PATCH /products", None, "time-out")

    return send


def test_an_attribute_that_the_storefront_ignores_is_refused_and_told(engine, clock):
    with catalogues(engine, clock, sfcc=SfccSettings(product_attributes={})) as house:
        house.compare()
        house.edit_in_the_erp(house.goods, Weight=Decimal(2))
        found = house.compare(minutes=30)
        assert found.mended.outcomes == {"refused": 1}
        house.compare(minutes=5)

        assert len(house.writes()) == 1, "it is not asked for again at once"
        assert list(house.findings()) == [f"product:{house.goods}/weight"]


def test_an_index_that_lags_starts_no_quarrel(engine, clock):
    slow = SfccSettings(product_index_lag=600)
    with catalogues(engine, clock, sfcc=slow) as house:
        house.compare()
        house.edit_in_the_erp(house.goods, Barcode=EAN)
        for _ in range(6):
            house.compare(minutes=4)

        assert house.in_the_shop(house.goods)["ean"] == EAN
        assert len(house.writes()) == 1


def test_a_full_reading_is_cut_into_slices_that_a_cap_allows(engine, clock, monkeypatch):
    monkeypatch.setattr("sfcc_cin7.systems.sfcc.products.MOST_IN_A_SLICE", 40)
    with catalogues(engine, clock, sfcc=SfccSettings(product_search_cap=200)) as house:
        skus = [sku.id for sku in house.systems.world.skus if sku.in_shop]
        for sku in skus:
            house.clock.sleep(1)
            house.edit_in_the_shop(sku, brand="Alpenglow")
        house.clock.sleep(60)
        told = house.systems.sfcc.changed_products(clock.now() - timedelta(days=1), clock.now())

        assert {product["id"] for product in told} == set(skus)
