"""Which products are the same, and what somebody should mend."""

import pytest

from sfcc_cin7.catalogue.frames import sku_frame
from sfcc_cin7.catalogue.match import NOT_OURS, ErpSku, ShopSku, divergences, match
from sfcc_cin7.catalogue.refresh import kind_of
from sfcc_cin7.merchant.stock import NotOursPolicy
from sfcc_cin7.systems.cin7.documents import ErpProduct


def found(shop, erp):
    return [(one.sku, one.code) for one in divergences(match(shop, erp))]


def test_a_sku_that_both_systems_know_alike_is_one_row_without_a_finding():
    shop = [ShopSku("TENT-1", "Tent", ean="5000000000012")]
    erp = [ErpSku("TENT-1", "Tent 1P", "id-1", barcode="5000000000012")]
    [row] = match(shop, erp)
    assert (row.in_shop, row.in_erp, row.shop_name, row.erp_name) == (True, True, "Tent", "Tent 1P")
    assert found(shop, erp) == []


def test_a_product_that_only_the_storefront_sells_is_unknown_to_the_erp():
    assert found([ShopSku("GHOST", "Ghost")], []) == [("GHOST", "sku-unknown-in-erp")]


def test_a_product_that_only_the_erp_has_is_nobodys_concern():
    [row] = match([], [ErpSku("Shipping", "Shipping", "id-9", kind="Service")])
    assert (row.in_shop, row.in_erp) == (False, True)
    assert found([], [ErpSku("Shipping", "Shipping", "id-9", kind="Service")]) == []


def test_a_sku_spelt_in_another_case_is_told_apart_from_one_that_is_missing():
    shop, erp = [ShopSku("Tent-1", "Tent")], [ErpSku("TENT-1", "Tent", "id-1")]
    assert found(shop, erp) == [("Tent-1", "sku-case-differs")]
    assert [(row.sku, row.in_shop, row.in_erp) for row in match(shop, erp)] == [
        ("TENT-1", False, True),
        ("Tent-1", True, False),
    ]


def test_a_deprecated_product_matters_only_while_it_is_online():
    erp = [ErpSku("TENT-1", "Tent", "id-1", status="Deprecated")]
    assert found([ShopSku("TENT-1", "Tent")], erp) == [("TENT-1", "sku-deprecated-in-erp")]
    assert found([ShopSku("TENT-1", "Tent", online=False)], erp) == []


def test_a_different_barcode_is_a_finding_and_a_missing_one_is_not():
    erp = [ErpSku("TENT-1", "Tent", "id-1", barcode="5000000000029")]
    assert found([ShopSku("TENT-1", "Tent", ean="5000000000012")], erp) == [
        ("TENT-1", "ean-differs")
    ]
    assert found([ShopSku("TENT-1", "Tent")], erp) == []


def test_a_upc_is_the_same_code_as_the_ean_with_a_leading_zero():
    erp = [ErpSku("TENT-1", "Tent", "id-1", barcode="0012345678905")]
    assert found([ShopSku("TENT-1", "Tent", ean="012345678905")], erp) == []


@pytest.mark.parametrize(
    ("shop", "erp"),
    [
        ("TENT-1 ", "TENT-1"),
        ("TENT 1", "TENT\u00a01"),
        ("CAF\u00c9-1", "CAFE\u0301-1"),
        ("1234", "001234"),
        ("TENT-1", "TENT\u200b-1"),
        ("TENT-1", "TENT\u20131"),
        ("TENT-1", "T\u0415NT-1"),
        ("001234", "1234.0"),
    ],
    ids=[
        *("trailing blank", "no-break blank", "accent", "lost zeros", "unseen"),
        *("dash", "alphabet", "decimal number"),
    ],
)
def test_another_spelling_is_told_as_that_and_no_second_product_is_asked_for(shop, erp):
    [told] = divergences(match([ShopSku(shop, "Tent")], [ErpSku(erp, "Tent", "id-1")]))
    assert (told.code, told.erp) == ("sku-spelling-differs", erp)
    assert "create it" not in told.sentence


def test_goods_that_the_erp_has_under_another_sku_are_known_by_their_barcode():
    shop = [ShopSku("TENT-1", "Tent", ean="5000000000012")]
    erp = [ErpSku("T1-NEW", "Tent", "id-1", barcode="5000000000012")]
    [told] = divergences(match(shop, erp))
    assert (told.code, told.erp) == ("sku-under-another-name", "T1-NEW")


def test_goods_that_were_renamed_in_the_erp_are_known_by_their_id():
    shop, erp = [ShopSku("TENT-1", "Tent")], [ErpSku("T1-NEW", "Tent", "id-1")]
    [told] = divergences(match(shop, erp), {"TENT-1": "T1-NEW"})
    assert (told.code, told.erp) == ("sku-under-another-name", "T1-NEW")
    assert "rename it back" in told.sentence


def test_one_ean_on_two_skus_is_told_of_both():
    shop = [ShopSku("TENT-1", "Tent", ean="5000000000012")]
    shop += [ShopSku("TENT-2", "Tent", ean="5000000000012")]
    erp = [ErpSku("TENT-1", "Tent", "id-1"), ErpSku("TENT-2", "Tent", "id-2")]
    assert found(shop, erp) == [("TENT-1", "ean-on-two-skus"), ("TENT-2", "ean-on-two-skus")]


@pytest.mark.parametrize("kind", ["Service", "Non-inventory"])
def test_a_product_that_is_sold_and_has_no_stock_in_the_erp_is_told(kind):
    shop, erp = [ShopSku("VOUCHER", "Voucher")], [ErpSku("VOUCHER", "Voucher", "id-1", kind=kind)]
    assert found(shop, erp) == [("VOUCHER", "sku-without-stock-in-erp")]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "Stock"),
        ({"Type": "Service"}, "Service"),
        ({"DropShipMode": "Optional Drop Ship"}, "Stock"),
        ({"DropShipMode": "Always Drop Ship"}, "Always Drop Ship"),
        ({"BOMType": "Make to Order"}, "Make to Order"),
        ({"SKU": "gift-25"}, NOT_OURS),
        ({"Category": "Drop-shipped"}, NOT_OURS),
    ],
    ids=str,
)
def test_goods_without_stock_of_ours_are_told_by_their_kind(given, kind):
    product = ErpProduct.model_validate({"ID": "id-1", "SKU": "TENT", "Type": "Stock", **given})
    rule = NotOursPolicy(skus=["GIFT-*"], categories=["drop-shipped"])
    assert kind_of(product, rule) == kind
    told = found([ShopSku("A", "A")], [ErpSku("A", "A", "id-1", kind=kind)])
    assert bool(told) == (kind not in ("Stock", NOT_OURS))


def test_a_product_of_a_type_that_nobody_knows_spoils_no_catalogue():
    erp = [ErpSku("GIFT", "Gift", "id-1", kind="Non-inventory"), ErpSku("TENT", "Tent", "id-2")]
    assert len(sku_frame(match([ShopSku("TENT", "Tent")], erp))) == 2
