"""Shoppers order everything a storefront can sell, and only what it has."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from sfcc_cin7_sandbox.merchant.catalogue import GHOST_SKU, build_world
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.basket import quantum
from sfcc_cin7_sandbox.shoppers.draft import NothingToSell
from sfcc_cin7_sandbox.shoppers.shapes import ORDINARY, RARE
from sfcc_cin7_sandbox.shoppers.shoppers import FIRST_TROUBLES, Shoppers, next_order
from sfcc_cin7_sandbox.shoppers.stating import STATED
from sfcc_cin7_tests.sandbox.order_identities import broken_identities, total

WORLD = build_world(skus=400)
ASSORTMENT = Assortment(WORLD)
SITES = [site.id for site in WORLD.sites]


def plenty(_list_id, _sku):
    return Decimal(1000)


def orders(count, seed=1, **wanted):
    dice = random.Random(seed)
    return [next_order(ASSORTMENT, dice, plenty, **wanted) for _ in range(count)]


class Shop:
    """A storefront that sells until its stock is gone."""

    def __init__(self, stock=1000):
        self.stock = dict.fromkeys((sku.id for sku in WORLD.skus), Decimal(stock))
        self.orders = []

    def ats(self, _list_id, sku):
        return self.stock[sku]

    def place(self, order):
        for item in order["productItems"]:
            self.stock[item["productId"]] -= item["quantity"]
        self.orders.append(order)
        return order


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_thousand_orders_balance_to_the_cent(seed):
    placed = orders(2000, seed=seed)
    assert Counter(identity for order in placed for identity in broken_identities(order)) == {}


def test_discounts_never_exceed_the_cheapest_goods():
    cheap = [replace(s, prices=dict.fromkeys(s.prices, Decimal(1))) for s in WORLD.skus]
    assortment = Assortment(replace(WORLD, skus=tuple(cheap)))
    dice = random.Random(1)
    for shape in ("item-discount", "order-discount", "option", "bonus"):
        for _ in range(200):
            assert broken_identities(next_order(assortment, dice, plenty, shape=shape)) == []


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("shape", ORDINARY)
def test_every_site_takes_orders_of_every_shape(site, shape):
    for order in orders(10, site=site, shape=shape):
        assert order["siteId"] == site
        assert broken_identities(order) == []


def seen(order):
    """What is remarkable about an order."""
    items = order["productItems"]
    skus = [item["productId"] for item in items]
    methods = [each["paymentMethodId"] for each in order["paymentInstruments"]]
    return {
        "several units": any(item["quantity"] > 1 for item in items),
        "one SKU on two lines": len(set(skus)) < len(skus),
        "item discount": any(
            i["priceAdjustments"] and not i["bonusProductLineItem"] for i in items
        ),
        "order discount": bool(order["orderPriceAdjustments"]),
        "shipping discount": any(each["priceAdjustments"] for each in order["shippingItems"]),
        "bonus product": any(item["bonusProductLineItem"] for item in items),
        "option": any(item["optionItems"] for item in items),
        "bundle": any(item["bundledProductItems"] for item in items),
        "surcharge": any(each["type"] == "surcharge" for each in order["shippingItems"]),
        "certificate bought": bool(order["giftCertificateItems"]),
        "certificate spent": "GIFT_CERTIFICATE" in methods,
        "several instruments": len(methods) > 1,
        "several shipments": len(order["shipments"]) > 1,
        "untaxed line": any(item["taxRate"] == 0 for item in items),
        "several rates": len({item["taxRate"] for item in items}) > 1,
        "no decimals": order["currency"] == "JPY",
        "coupon": bool(order["couponItems"]),
    }


def test_a_morning_of_shopping_shows_every_shape():
    shown = Counter(name for order in orders(1500) for name, yes in seen(order).items() if yes)
    assert set(shown) == set(seen(orders(1)[0]))


def test_both_tax_modes_occur_on_every_site():
    modes = {
        (o["siteId"], all(a["tax"] == 0 for a in o["orderPriceAdjustments"]))
        for o in orders(600, shape="order-discount")
        if o["taxTotal"]
    }
    assert modes == {(site, adjusted) for site in SITES for adjusted in (True, False)}


def test_yen_have_no_decimals():
    for order in orders(100, site="alpenglow-jp"):
        assert order["orderTotal"] == order["orderTotal"].to_integral_value()
        assert order["taxTotal"] == order["taxTotal"].to_integral_value()


def test_ordinary_shoppers_never_buy_what_the_erp_cannot_take():
    ruled = {rule.percent for rule in WORLD.tax_rules}
    known = {sku.id for sku in WORLD.skus if sku.in_erp}
    for order in orders(1000):
        for item in order["productItems"]:
            assert item["productId"] in known
            assert item["taxRate"] * 100 in ruled


@pytest.mark.parametrize("shape", RARE)
@pytest.mark.parametrize("site", SITES)
def test_rare_shapes_come_when_called(site, shape):
    placed = orders(20, site=site, shape=shape)
    if shape == "rate-group-rounding":
        off = [o["taxTotal"] - total(taxed(o), "tax") for o in placed]
        assert any(off) or site == "alpenglow-jp"
        unit = quantum(placed[0]["currency"])
        assert all(abs(each) <= unit * len(taxed(o)) for each, o in zip(off, placed, strict=True))
        return
    assert Counter(name for order in placed for name in broken_identities(order)) == {}
    told = {o["paymentInstruments"][0]["paymentTransaction"].get("amount") for o in placed}
    assert told == {None if shape == "payment-without-amount" else 0}


@pytest.mark.parametrize("shape", STATED)
def test_what_services_write_over_an_order_leaves_its_figures_whole(shape):
    dice, placed = random.Random(3), []
    for _ in range(60):
        with suppress(ValueError):  # not on each site
            placed.append(next_order(ASSORTMENT, dice, plenty, shape=shape))
    assert len(placed) > 15
    assert Counter(name for order in placed for name in broken_identities(order)) == {}


def test_some_shops_round_the_tax_of_each_unit():
    lines = [
        line
        for order in orders(40, site="alpenglow-us", shape="unit-rounding")
        for line in order["productItems"]
        if line["tax"]
    ]
    assert all(line["tax"] % (line["quantity"] * quantum("USD")) == 0 for line in lines)
    exact = [line["tax"] - line["taxBasis"] * line["taxRate"] for line in lines]
    assert max(abs(off) for off in exact) > quantum("USD") / 2


def taxed(order):
    """Everything of a plain order that carries tax."""
    return [*order["productItems"], *order["shippingItems"]]


def test_registered_customers_come_again_and_are_the_same_person():
    members: dict[str, list[object]] = {}
    guests = []
    for order in orders(600, site="alpenglow-uk"):
        info = order["customerInfo"]
        if info["guest"]:
            guests.append(info)
        else:
            members.setdefault(info["customerNo"], []).append(info)
    assert max(len(visits) for visits in members.values()) > 3
    for visits in members.values():
        assert all(visit == visits[0] for visit in visits)
    assert len({guest["customerId"] for guest in guests}) == len(guests)
    assert {"customerNo" in guest for guest in guests} == {True, False}


def test_planted_troubles_come_when_called():
    (ghost,) = orders(1, shape="unknown-sku")
    assert GHOST_SKU in [item["productId"] for item in ghost["productItems"]]
    (food,) = orders(1, shape="missing-tax-rule")
    assert food["siteId"] == "alpenglow-jp"
    assert Decimal("0.08") in [item["taxRate"] for item in food["productItems"]]


def test_each_planted_trouble_is_met_early_and_then_now_and_then():
    shoppers = Shoppers(WORLD, Shop(stock=100_000), 10)
    for _ in range(max(FIRST_TROUBLES)):
        shoppers.visit()
    assert shoppers.placed == {"unknown-sku": 1, "missing-tax-rule": 1, "ordinary": 5}
    for _ in range(1000):
        shoppers.visit()
    assert 0.01 < 1 - shoppers.placed["ordinary"] / shoppers.placed.total() < 0.04


def test_one_seed_is_one_crowd():
    assert orders(20, seed=3) == orders(20, seed=3)


def test_nobody_buys_more_than_is_available_to_sell():
    shop = Shop(stock=3)
    shoppers = Shoppers(WORLD, shop, 10)
    for _ in range(2000):
        shoppers.visit()
    assert shop.orders
    assert min(shop.stock.values()) >= 0


def test_an_empty_shop_has_nothing_to_sell():
    with pytest.raises(NothingToSell):
        Shoppers(WORLD, Shop(stock=0), 10).place()


@pytest.mark.parametrize("wrong", [{"site": "alpenglow-mars"}, {"shape": "round"}])
def test_an_unknown_site_or_shape_is_named(wrong):
    with pytest.raises(ValueError, match=f"There is no .*{next(iter(wrong.values()))}"):
        orders(1, **wrong)


def test_a_changed_rate_takes_effect_at_once():
    async def a_busy_moment():
        shop = Shop()
        shoppers = Shoppers(WORLD, shop, 0)
        crowd = asyncio.create_task(shoppers.run())
        await asyncio.sleep(0)
        shoppers.orders_per_minute = 600_000
        while len(shop.orders) < 20:
            await asyncio.sleep(0)
        crowd.cancel()

    asyncio.run(asyncio.wait_for(a_busy_moment(), 10))
