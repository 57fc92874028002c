"""Which products are the same, and what somebody should mend."""

from sfcc_cin7.catalogue.match import ErpSku, ShopSku, divergences, match


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
