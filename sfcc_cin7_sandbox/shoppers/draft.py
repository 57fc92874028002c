"""A basket while a shopper is still filling it."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sfcc_cin7_sandbox.merchant.world import Rounding, Site, Sku, TaxClass
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.basket import (
    Basket,
    Certificate,
    Delivery,
    Item,
    Payment,
    Promotion,
    TaxMode,
    Told,
    quantum,
)
from sfcc_cin7_sandbox.shoppers.people import LOCALES, some_customer, somebody

Ats = Callable[[str, str], Decimal]
"""Units available to sell, by inventory list and SKU."""

SHIPPING = {"GBP": ("0", "3.95", "4.95"), "USD": ("0", "5.99", "9.99"), "JPY": ("0", "550", "880")}
METHODS = (
    Payment("CREDIT_CARD", card="Visa"),
    Payment("CREDIT_CARD", card="Master Card"),
    Payment("PayPal"),
    Payment("DW_APPLE_PAY"),
)
OTHER_TAX_MODE_SHARE = 0.25


class NothingToSell(LookupError):
    """The site has nothing in stock of the kind asked for."""


class Draft:
    """What one shopper of one site has chosen so far; never more than is available to sell."""

    def __init__(self, assortment: Assortment, site: Site, dice: random.Random, ats: Ats) -> None:
        self.site = site
        self.dice = dice
        self.offer = assortment.offers[site.id]
        self.items: list[Item] = []
        self.order_discounts: list[Promotion] = []
        self.certificates: list[Certificate] = []
        self.payments: list[Payment] = []
        self.rounding: Rounding = site.rounding
        self.told: Told = "amount"
        self._skus = assortment.skus
        self._ats = ats
        self._taken: dict[str, Decimal] = defaultdict(Decimal)
        self.deliveries = [self.delivery("me")]

    def add(self, skus: Sequence[Sku], quantity: int = 1, **more: Any) -> Item:
        """One more line, of some SKU among these.

        Raises:
            NothingToSell: a fair number of tries found none in stock.
        """
        for _ in range(40 if skus else 0):
            sku = self.dice.choice(skus)
            if self.has(sku.id, quantity):
                self._taken[sku.id] += quantity
                item = Item(
                    product_id=sku.id,
                    name=sku.name,
                    quantity=Decimal(quantity),
                    unit_price=sku.prices[self.site.currency],
                    rate=self._rates(self.deliveries[0])[sku.tax_class],
                    bundled=tuple(
                        (part, self._skus[part].name, Decimal(each * quantity))
                        for part, each in sku.components
                    ),
                    **more,
                )
                self.items.append(item)
                return item
        raise NothingToSell(f"{self.site.id} has nothing in stock of the kind asked for.")

    def has(self, sku: str, quantity: int) -> bool:
        """Whether that many more may be bought."""
        return self._ats(self.site.inventory_list, sku) >= self._taken[sku] + quantity

    def take_more(self, position: int, quantity: int) -> None:
        """More units of a line, if the shop has them."""
        item = self.items[position]
        if self.has(item.product_id, quantity):
            self._taken[item.product_id] += quantity
            self.change(position, quantity=item.quantity + quantity)

    def change(self, position: int, **fields: Any) -> None:
        """Replace fields of one line."""
        self.items[position] = replace(self.items[position], **fields)

    def delivery(self, name: str) -> Delivery:
        """A shipment to somebody, at one of the site's shipping prices."""
        state = self.dice.choice(list(self.site.rates))
        address = somebody(self.dice, self.site.country, None if state == "*" else state)
        return Delivery(
            id=name,
            address=address,
            price=Decimal(self.dice.choice(SHIPPING[self.site.currency])),
            rate=self.site.rates[state]["standard"],
            method=self.dice.choice(("standard", "express")),
        )

    def send(self, position: int, delivery: Delivery) -> None:
        """Move a line to another shipment; tax follows the place it goes to."""
        tax_class = self._skus[self.items[position].product_id].tax_class
        self.change(position, shipment=delivery.id, rate=self._rates(delivery)[tax_class])

    def promotion(self, name: str, price: Decimal, coupon: str | None = None) -> Promotion:
        """Ten or fifteen per cent off a price, or a fixed amount; at least one minor unit."""
        unit = quantum(self.site.currency)
        if self.dice.random() < 0.6:
            percentage = Decimal(self.dice.choice((5, 10, 15, 33)))
            amount = (price * percentage / 100).quantize(unit, ROUND_HALF_UP)
            kind, given = "percentage", percentage
        else:
            amount, kind, given = min(price, 317 * unit), "amount", None
        return Promotion(name, max(amount, unit), kind, given, coupon)  # type: ignore[arg-type]

    def merchandise(self) -> Decimal:
        """Price of all lines after their discounts and order discounts, without options."""
        full = sum((item.unit_price * item.quantity for item in self.items), Decimal(0))
        discounts = [each for item in self.items for each in item.discounts] + self.order_discounts
        return full - sum((each.amount for each in discounts), Decimal(0))

    def checkout(self) -> Basket:
        """The basket, with a means of payment for whatever certificates leave over."""
        customer = some_customer(self.dice, self.site.id, self.site.country)
        billing = self.deliveries[0].address
        if customer.name:
            first, last = customer.name
            billing = replace(billing, first_name=first, last_name=last)
        other = self.dice.random() < OTHER_TAX_MODE_SHARE
        modes: tuple[TaxMode, TaxMode] = ("default", "adjusted-price")
        return Basket(
            site_id=self.site.id,
            currency=self.site.currency,
            taxation=self.site.taxation,
            tax_mode=modes[(self.site.tax_mode == "adjusted-price") != other],
            token=f"{self.dice.getrandbits(64):016x}",
            email=customer.email,
            customer_no=customer.number,
            customer_id=customer.id,
            locale=LOCALES[self.site.country],
            billing=billing,
            items=tuple(self.items),
            deliveries=tuple(self.deliveries),
            payments=(*self.payments, replace(self.dice.choice(METHODS), told=self.told)),
            rounding=self.rounding,
            order_discounts=tuple(self.order_discounts),
            certificates=tuple(self.certificates),
        )

    def _rates(self, delivery: Delivery) -> Mapping[TaxClass, Decimal]:
        return self.site.rates[delivery.address.state_code or "*"]
