"""Small orders, and what the translation makes of them."""

from decimal import Decimal as D
from typing import Any

from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7_tests.orders.merchants import accept, codes, policy_for
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Item, order

TEXAS = D("0.0825")
VAT = D("0.2")


def basket(*items: Item, **more: Any) -> Basket:
    """A net basket in dollars, of one tent unless told otherwise."""
    return Basket("USD", "net", items or (Item("TENT", D(1), D("99.00"), TEXAS),), **more)


def document(**changes: Any) -> Document:
    """The order of one tent, with fields changed."""
    return order(basket()) | changes


def sale(*items: Item, **more: Any) -> Sale:
    return accept(basket(*items, **more)).sale


def refused(of: Basket, **policy: Any) -> list[str]:
    return codes(order(of), policy_for(of, **policy))


def wrapped(price: str, value: str = "gift", **more: Any) -> Basket:
    """Two tents, each wrapped at a price."""
    extras = (Extra("wrap", value, D(price)),)
    return basket(Item("TENT", D(2), D("99.00"), TEXAS, extras=extras), **more)
