"""Any order that one of the sandbox's three shops may show, for property tests of the whole lane.

Half of them are baskets of the strategies, whose goods, options and addresses become the shop's
own; half are those of the sandbox's shoppers. Both price orders with code of their own.
"""

import random
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from hypothesis import reject
from hypothesis import strategies as st

from sfcc_cin7_sandbox.merchant.catalogue import build_world
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.shapes import PLANTED, RARE, SHAPES
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_sandbox.shoppers.stating import STATED
from sfcc_cin7_tests.orders.stated import restated
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Till
from sfcc_cin7_tests.orders.strategies import RATES_WRITTEN, SKUS, baskets

Document = dict[str, Any]
WORLD_SKUS = 150
"""As in `order_lane`, so that the ERP knows the goods."""
UNDRAWN = (*PLANTED, "duties", "in-euros", "nowhere-to-ship")
"""Shapes that the sandbox's operating model has nothing for, and a habit that is drawn apart."""
SHOPPERS_SHAPES = (
    None,
    *(shape for shape in (*SHAPES, *RARE, *STATED) if shape not in UNDRAWN),
)
BOOKED_OPTIONS = {"wrap:gift": "Gift wrapping", "engraving-text": "Engraving"}
"""Options of the baskets, and what the ERP calls them."""


@dataclass(frozen=True)
class ShopOf:
    """What decides the money of a site, and the rates that the ERP has a rule for."""

    site: str
    currency: str
    taxation: Literal["net", "gross"]
    country: str
    rates: tuple[str, ...]


SHOPS = (
    ShopOf("alpenglow-uk", "GBP", "gross", "GB", ("0.2", "0")),
    ShopOf("alpenglow-us", "USD", "net", "US", ("0.0725", "0.08875", "0.0825", "0")),
    ShopOf("alpenglow-jp", "JPY", "gross", "JP", ("0.1", "0")),
)
SENT = ("as it is", "by wallet", "nowhere", "collected", "left behind")
_ASSORTMENT = Assortment(build_world(skus=WORLD_SKUS))


@st.composite
def basket_orders(draw: st.DrawFn) -> Document:
    """An order of any basket, of goods that the ERP knows."""
    shop = draw(st.sampled_from(SHOPS))
    rates = st.lists(st.sampled_from(shop.rates), min_size=1, max_size=3, unique=True)
    basket = draw(baskets(shop.currency, shop.taxation, [Decimal(rate) for rate in draw(rates)]))
    document = Till(_of_shop(basket, shop)).order(site=shop.site)
    return restated(document, draw(RATES_WRITTEN))


@st.composite
def shopper_orders(draw: st.DrawFn) -> Document:
    """An order of a shopper who finds everything in stock, as services may have left it."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    site = draw(st.sampled_from(SHOPS)).site
    shape = draw(st.sampled_from(SHOPPERS_SHAPES))
    try:
        return next_order(_ASSORTMENT, dice, lambda *_: Decimal(1000), site=site, shape=shape)
    except ValueError:  # this site charges no such tax
        reject()


def any_orders() -> st.SearchStrategy[Document]:
    """Orders that are priced, and not placed yet; some say little of where they go."""
    return st.builds(_sent, st.one_of(basket_orders(), shopper_orders()), st.sampled_from(SENT))


def _sent(priced: Document, habit: str) -> Document:
    """The same order where a wallet gave no street, nothing is shipped, it is collected in a store,
    or an empty shipment to a store was left behind. No figure moves."""
    order = deepcopy(priced)
    shipments = order["shipments"]
    addresses = [order["billingAddress"], *(each["shippingAddress"] for each in shipments)]
    if habit == "by wallet":
        for address in addresses:
            for name in ("address1", "address2", "city", "phone"):
                address.pop(name, None)
    elif habit == "nowhere" and len(shipments) == 1:
        order["billingAddress"] = shipments[0].pop("shippingAddress")  # whose tax was charged
    elif habit == "collected":
        shipments[0]["c_fromStoreId"] = "42"
    elif habit == "left behind":
        nothing = {name: Decimal(0) for name in ("productTotal", "taxTotal")}
        left = {**shipments[0], **nothing, "shipmentId": "left", "shippingAddress": _store(order)}
        order["shipments"] = [left, *shipments] if _says_where(order) else shipments
    return order


def _store(order: Document) -> Document:
    return {**order["billingAddress"], "fullName": "Store", "address1": "5 Mall"}


def _says_where(order: Document) -> bool:
    """Whether each item names its shipment, as it must where there are several."""
    known = {each["shipmentId"] for each in order["shipments"]}
    items = (*order["productItems"], *order["shippingItems"], *order["giftCertificateItems"])
    return all(each.get("shipmentId", "me") in known for each in items)


def _of_shop(basket: Basket, shop: ShopOf) -> Basket:
    """The same basket with the shop's own goods, sent to its own country."""
    offer = _ASSORTMENT.offers[shop.site].ordinary
    goods = {sku: offer[at].id for at, sku in enumerate(SKUS)}
    items = tuple(
        replace(
            item,
            sku=goods[item.sku],
            components=tuple(
                (offer[len(SKUS) + at].id, units) for at, (_, units) in enumerate(item.components)
            ),
        )
        for item in basket.items
    )
    addresses = {
        name: {**basket.addresses.get(name, ADDRESS), "countryCode": shop.country}
        for name in basket.shipments
    }
    return replace(basket, items=items, addresses=addresses)
