"""Baskets for tests, with everything a test does not care about filled in."""

from decimal import Decimal
from typing import Any, Literal

from sfcc_cin7_sandbox.shoppers.basket import (
    Address,
    Basket,
    Delivery,
    Item,
    Option,
    Payment,
    Promotion,
)

Taxation = Literal["net", "gross"]
HOME = Address("Ada", "Ng", "1 High Street", "Leeds", "LS1 1AA", "GB")


def item(sku: str, quantity: int, price: str, rate: str, off: str | None = None, **more: Any):
    """A line; `off` is a discount on the whole of it."""
    discounts = (Promotion(f"{sku}-off", Decimal(off)),) if off else ()
    return Item(
        sku,
        sku.title(),
        Decimal(quantity),
        Decimal(price),
        Decimal(rate),
        **{"discounts": discounts} | more,
    )


def option(product_id: str, price: str):
    return Option("extra", "yes", product_id, product_id.title(), Decimal(price))


def delivery(price: str, rate: str, off: str | None = None, shipment: str = "me"):
    discounts = (Promotion("shipping-off", Decimal(off)),) if off else ()
    return Delivery(HOME, Decimal(price), Decimal(rate), discounts=discounts, id=shipment)


def basket(currency: str, taxation: Taxation, *items: Item, off: str | None = None, **more: Any):
    """A checkout paid by card; `off` is an order discount."""
    defaults: dict[str, Any] = {
        "site_id": "alpenglow-uk",
        "tax_mode": "default",
        "token": "a1b2c3",
        "email": "ada@example.com",
        "customer_no": None,
        "locale": "en_GB",
        "billing": HOME,
        "deliveries": (delivery("0", "0"),),
        "payments": (Payment("CREDIT_CARD", card="Visa"),),
        "order_discounts": (Promotion("order-off", Decimal(off)),) if off else (),
    }
    return Basket(currency=currency, taxation=taxation, items=items, **defaults | more)
