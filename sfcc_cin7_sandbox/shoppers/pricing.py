"""The storefront's own arithmetic: a basket in, a complete order document out.

Fields are those of the Orders API; rules are those of Salesforce Help (`b2c_line_item_tax_basis`,
`b2c_promotion_proration_logic`, `b2c_unit_level_rounding`). Tax is rounded half up to the digits of
the currency, for what the basket's `rounding` says:

- `line`: each line and adjustment.
- `unit`: each unit of a line, whose rounded tax is then multiplied.
- `rate-group`: each line, but totals are rounded sums of exact tax, one sum for each rate ("the tax
  is applied to the summed-up tax basis for each tax rate", Script API, `taxRoundedAtGroup`); they
  may differ from the sum of the lines by a minor unit or so. Merchandise, shipping and every
  shipment are summed by themselves, and so is an order adjustment, whose rate is a blend.

There are two tax modes:

- `default`: lines and adjustments are each taxed on their own amount; an order adjustment uses the
  blended rate of the merchandise.
- `adjusted-price`: lines are taxed on what is left after all discounts; adjustments carry no tax.

Order discounts are shared out over product lines, not over their options.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from sfcc_cin7_sandbox.shoppers import order_parts
from sfcc_cin7_sandbox.shoppers.basket import Basket, Delivery, Item, Option, Promotion, quantum

Document = dict[str, Any]
ZERO = Decimal(0)


def price_order(basket: Basket) -> Document:
    """The order document of a basket, without what placing adds (number, dates, statuses).

    Raises:
        ValueError: a discount exceeds what it is taken from, or the payments do not suffice.
    """
    return _Till(basket).order()


def prorate(discount: Decimal, prices: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Shares of an order discount: price by price, what is left of it over what is left to weigh.

    The last price takes the rest. Help's example: 16 off 13 + 13 + 12 is 5.47, 5.48 and 5.05.
    """
    left, weight, shares = discount, sum(prices, ZERO), []
    for price in prices:
        share = rounded(price * left / weight, unit) if weight else ZERO
        shares.append(share)
        left, weight = left - share, weight - price
    return shares


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Half up, a negative half away from zero, in whole units of the currency."""
    return amount.quantize(unit, ROUND_HALF_UP) + ZERO  # so that nothing is minus zero


@dataclass(frozen=True)
class _Priced:
    """A priced line, option or shipping charge, and what the totals need of it."""

    document: Document
    shipment: str
    before_order: Decimal
    """After its own discounts."""
    after_order: Decimal
    """After its share of the order discounts as well."""
    tax: Decimal
    adjusted_tax: Decimal
    """With the tax of its own adjustments."""
    rate: Decimal
    exact_tax: Decimal
    exact_adjusted_tax: Decimal


class _Till:
    """Prices one basket."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.unit = quantum(basket.currency)
        self.net = basket.taxation == "net"
        self.adjusted_price = basket.tax_mode == "adjusted-price"
        self._numbers = count(1)

    def order(self) -> Document:
        basket = self.basket
        goods: list[_Priced] = []
        surcharges: list[_Priced] = []
        lines: list[_Priced] = []
        for item, share in zip(basket.items, self._shares(), strict=True):
            options = [self._option(option, item) for option in item.options]
            line = self._line(item, share)
            if item.surcharge is not None:
                surcharges.append(self._surcharge(item, item.surcharge))
                line.document["shippingItemId"] = surcharges[-1].document["itemId"]
            line.document["optionItems"] = [option.document for option in options]
            line.document["position"] = len(lines) + 1
            lines.append(line)
            goods += [line, *options]
        shipping = [self._delivery(delivery) for delivery in basket.deliveries] + surcharges
        rate = self._blended_rate()
        adjustments = [self._adjustment(promotion, rate) for promotion in basket.order_discounts]
        certificates = order_parts.certificate_items(basket, self._id)
        totals = self._totals(goods, shipping, _sum(each["tax"] for each in adjustments))
        order_total = self._grand_total(totals, certificates)
        return (
            order_parts.head(basket)
            | totals
            | {
                "orderTotal": order_total,
                "orderPriceAdjustments": adjustments,
                "productItems": [line.document for line in lines],
                "giftCertificateItems": certificates,
                "couponItems": order_parts.coupon_items(basket, self._id),
                "shippingItems": [charge.document for charge in shipping],
                "shipments": [
                    self._shipment(delivery, goods, shipping, certificates)
                    for delivery in basket.deliveries
                ],
                "paymentInstruments": order_parts.payment_instruments(
                    basket, order_total, self._id
                ),
            }
        )

    def _shares(self) -> list[Decimal]:
        """What each line bears of the order discounts, shared out one discount after the other."""
        prices = [self._discounted(item) for item in self.basket.items]
        left = prices
        for promotion in self.basket.order_discounts:
            if promotion.amount > sum(left, ZERO):
                raise ValueError(f"Discount {promotion.id} exceeds what is left of the order.")
            shares = prorate(promotion.amount, left, self.unit)
            left = [price - share for price, share in zip(left, shares, strict=True)]
        return [price - rest for price, rest in zip(prices, left, strict=True)]

    def _blended_rate(self) -> Decimal:
        """The rate of all product lines together, after their own discounts."""
        net = tax = ZERO
        for item in self.basket.items:
            price = self._discounted(item)
            net += price if self.net else price / (1 + item.rate)
            tax += price * item.rate if self.net else price - price / (1 + item.rate)
        return tax / net if net else ZERO

    def _discounted(self, item: Item) -> Decimal:
        return item.unit_price * item.quantity - _sum(each.amount for each in item.discounts)

    def _line(self, item: Item, share: Decimal) -> _Priced:
        facts = order_parts.product_facts(item, self._id)
        line = self._price(
            facts, item.unit_price, item.quantity, item.rate, item.discounts, item.shipment, share
        )
        line.document["priceAfterOrderDiscount"] = line.after_order
        return self._complete(line, item.rate)

    def _option(self, option: Option, item: Item) -> _Priced:
        """An option states neither quantity nor rate: both are those of its line."""
        facts = order_parts.option_facts(option)
        return self._price(
            facts, option.unit_price, item.quantity, item.rate, option.discounts, item.shipment
        )

    def _delivery(self, delivery: Delivery) -> _Priced:
        facts = {"itemId": self._id(), "itemText": "Shipping", "type": "fixed_price"}
        charge = self._price(
            facts, delivery.price, Decimal(1), delivery.rate, delivery.discounts, delivery.id
        )
        return self._complete(charge, delivery.rate)

    def _surcharge(self, item: Item, price: Decimal) -> _Priced:
        facts = {"itemId": self._id(), "itemText": "Item Surcharge", "type": "surcharge"}
        charge = self._price(facts, price, item.quantity, item.rate, (), item.shipment)
        return self._complete(charge, item.rate)

    def _complete(self, priced: _Priced, rate: Decimal) -> _Priced:
        """With the fields that products and shipping have and options lack."""
        priced.document["taxRate"] = rate
        priced.document["adjustedTax"] = priced.adjusted_tax
        priced.document["priceAfterItemDiscount"] = priced.before_order
        priced.document["shipmentId"] = priced.shipment
        return priced

    def _price(
        self,
        facts: Document,
        unit_price: Decimal,
        quantity: Decimal,
        rate: Decimal,
        discounts: Sequence[Promotion],
        shipment: str,
        share: Decimal = ZERO,
    ) -> _Priced:
        """Money of one line; `share` is its part of the order discounts."""
        full = unit_price * quantity
        before_order = full - _sum(discount.amount for discount in discounts)
        if before_order < 0:
            raise ValueError(
                f"The discounts exceed {facts.get('productId', 'the shipping charge')}."
            )
        after_order = before_order - share
        adjustments = [self._adjustment(discount, rate) for discount in discounts]
        basis = after_order if self.adjusted_price else full
        tax = self._tax(basis, rate, quantity)
        left = basis if self.adjusted_price else before_order
        money = {"basePrice": unit_price, **self._amounts(full, tax, basis)}
        return _Priced(
            document=facts | money | {"priceAdjustments": adjustments},
            shipment=shipment,
            before_order=before_order,
            after_order=after_order,
            tax=tax,
            adjusted_tax=tax + _sum(adjustment["tax"] for adjustment in adjustments),
            rate=rate,
            exact_tax=self._exact(basis, rate),
            exact_adjusted_tax=self._exact(left, rate),
        )

    def _adjustment(self, promotion: Promotion, rate: Decimal) -> Document:
        amount = -promotion.amount
        basis = ZERO if self.adjusted_price else amount
        money = {"basePrice": amount, **self._amounts(amount, self._tax(basis, rate), basis)}
        return money | order_parts.adjustment_facts(promotion, self._id)

    def _tax(self, basis: Decimal, rate: Decimal, quantity: Decimal = Decimal(1)) -> Decimal:
        if self.basket.rounding != "unit":
            return rounded(self._exact(basis, rate), self.unit)
        return rounded(self._exact(basis, rate) / quantity, self.unit) * quantity

    def _exact(self, basis: Decimal, rate: Decimal) -> Decimal:
        return basis * rate if self.net else basis * rate / (1 + rate)

    def _sum_of_tax(self, parts: Sequence[_Priced], *, adjusted: bool) -> Decimal:
        """Tax of several parts, before or after their own adjustments."""
        if self.basket.rounding != "rate-group":
            return _sum(part.adjusted_tax if adjusted else part.tax for part in parts)
        groups: dict[Decimal, Decimal] = {}
        for part in parts:
            exact = part.exact_adjusted_tax if adjusted else part.exact_tax
            groups[part.rate] = groups.get(part.rate, ZERO) + exact
        return _sum(rounded(tax, self.unit) for tax in groups.values())

    def _amounts(self, full: Decimal, tax: Decimal, basis: Decimal) -> Document:
        return {
            "grossPrice": full + tax if self.net else full,
            "netPrice": full if self.net else full - tax,
            "tax": tax,
            "taxBasis": basis,
        }

    def _totals(
        self, goods: Sequence[_Priced], shipping: Sequence[_Priced], order_tax: Decimal = ZERO
    ) -> Document:
        """Totals of an order, or of a shipment, which ignores the tax of order adjustments."""
        goods_tax = self._sum_of_tax(goods, adjusted=True) + order_tax
        shipping_tax = self._sum_of_tax(shipping, adjusted=True)
        return {
            "productSubTotal": _sum(each.before_order for each in goods),
            "productTotal": _sum(each.after_order for each in goods),
            "merchandizeTotalTax": self._sum_of_tax(goods, adjusted=False),
            "adjustedMerchandizeTotalTax": goods_tax,
            "shippingTotal": _sum(each.after_order for each in shipping),
            "shippingTotalTax": self._sum_of_tax(shipping, adjusted=False),
            "adjustedShippingTotalTax": shipping_tax,
            "taxTotal": goods_tax + shipping_tax,
        }

    def _grand_total(self, totals: Document, certificates: Iterable[Document]) -> Decimal:
        charged: Decimal = totals["productTotal"] + totals["shippingTotal"]
        charged += _sum(certificate["basePrice"] for certificate in certificates)
        return charged + totals["taxTotal"] if self.net else charged

    def _shipment(
        self,
        delivery: Delivery,
        goods: Sequence[_Priced],
        shipping: Sequence[_Priced],
        certificates: Sequence[Document],
    ) -> Document:
        totals = self._totals(
            [each for each in goods if each.shipment == delivery.id],
            [each for each in shipping if each.shipment == delivery.id],
        )
        own = [each for each in certificates if each["shipmentId"] == delivery.id]
        return (
            order_parts.shipment_facts(delivery)
            | totals
            | {"shipmentTotal": self._grand_total(totals, own)}
        )

    def _id(self) -> str:
        return f"{self.basket.token}{next(self._numbers):04x}"


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
