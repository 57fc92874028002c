"""The merchant both systems serve."""

import pytest

from sfcc_cin7_sandbox.merchant.catalogue import (
    DRIFTING_SKU,
    GHOST_SKU,
    MISSING_TAX_RULE,
    build_world,
)

WORLD = build_world(skus=600)


def check_digit_is_right(ean: str) -> bool:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(ean)) % 10 == 0


def test_one_seed_is_one_merchant():
    assert build_world(skus=200) == build_world(skus=200)
    assert build_world(seed=8, skus=200) != build_world(seed=7, skus=200)


@pytest.mark.parametrize("size", [5_000, 110_000])
def test_as_many_skus_as_are_asked_for_have_ids_and_barcodes_of_their_own(size: int):
    skus = build_world(skus=size).skus
    assert len(skus) == size
    assert len({sku.id for sku in skus}) == len({sku.ean for sku in skus}) == size
    assert all(len(sku.id) <= 50 and sku.id.isascii() for sku in skus)
    assert all(len(sku.ean) == 13 and check_digit_is_right(sku.ean) for sku in skus)


def test_a_larger_world_begins_with_the_goods_of_a_smaller_one():
    assert build_world(skus=9_000).skus[:600] == WORLD.skus


def test_a_small_world_still_has_every_kind():
    kinds = {sku.kind for sku in build_world(skus=120).skus}
    assert kinds == {"standard", "bundle", "option", "service"}


def test_prices_have_the_digits_of_their_currency():
    for sku in WORLD.skus:
        for currency, digits in (("GBP", 2), ("USD", 2), ("JPY", 0)):
            assert sku.prices[currency] == round(sku.prices[currency], digits)


def test_bundles_are_made_of_goods_the_shop_sells():
    ids = {sku.id for sku in WORLD.skus if sku.in_shop}
    bundles = [sku for sku in WORLD.skus if sku.kind == "bundle"]
    assert len(bundles) == 20
    assert all(part in ids for bundle in bundles for part, _ in bundle.components)


def test_services_and_options_are_never_in_stock_nor_products_of_the_shop():
    immaterial = [sku for sku in WORLD.skus if sku.kind in ("service", "option")]
    assert len(immaterial) == 14
    assert not any(sku.stock or sku.in_shop for sku in immaterial)


def test_the_planted_troubles_are_there():
    skus = {sku.id: sku for sku in WORLD.skus}
    assert skus[GHOST_SKU].in_shop
    assert not skus[GHOST_SKU].in_erp
    assert skus[DRIFTING_SKU].in_erp
    rates = {rate * 100 for site in WORLD.sites for r in site.rates.values() for rate in r.values()}
    assert rates - {rule.percent for rule in WORLD.tax_rules} == {MISSING_TAX_RULE.percent}
