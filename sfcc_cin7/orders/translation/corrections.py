"""What a person corrected about one order, laid over it and over its site's policy.

A correction says under which name something is booked, where it goes, or how much rounding is
accepted. No kind of correction can name money: every amount and every tax stays the storefront's,
and the corrected order goes through the same translation and proof as any other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.merchant.tax_rules import Kind as TaxKind
from sfcc_cin7.merchant.tax_rules import TaxMapping, country_code
from sfcc_cin7.order_document.model import Address, Line, Order
from sfcc_cin7.order_document.tax_choice import duties
from sfcc_cin7.order_document.tax_figures import TaxFigures, explains, shipments_of
from sfcc_cin7.orders.translation.ship_to import NOWHERE
from sfcc_cin7.orders.translation.text import is_plain

Kind = Literal[
    "sku", "option", "payment-account", "tax-rule", "country", "address", "rounding", "accepted"
]
KINDS: tuple[str, ...] = get_args(Kind)
PAYMENTS = (
    "payment-amount-missing",
    "payment-duplicated",
    "payment-method-unmapped",
    "payment-rate-too-small",
    "payment-reference-unusable",
    "payment-too-precise",
    "payments-mismatch",
)
"""Findings about how an order was paid. Where they may pass, the sale is booked without payments,
and finance books them by hand."""
PASSABLE = ("several-shipments", "currency-rate-stale", *PAYMENTS)
"""Findings that a person may let pass: they say nothing against what the shopper was charged."""
LOOK = "storefront"
"""In the place of an address: the sale says that one has to look it up in the storefront."""
MOST_ROUNDED = Decimal("0.01")
"""The share of an order's total above which no rounding is accepted."""
ANY_AGE = 36_600
"""Days: an accepted currency rate may be as old as this."""
_TAX = re.compile(
    r"(?:(?P<country>[A-Z]{2})(?:/(?P<state>[^/]+))?/)?(?P<what>\d+(?:\.\d+)?|taxed|untaxed)"
)


@dataclass(frozen=True)
class Correction:
    """One thing of an order and what it is booked as.

    | kind | name | value |
    |---|---|---|
    | sku | a line's product id | the ERP's SKU |
    | option | `optionId:optionValueId`, or the option's product id | a Service product or SKU |
    | payment-account | a payment method | an account of the ERP |
    | tax-rule | `20`, `GB/20`, `US/CA/taxed` or `US/untaxed` | a tax rule of the ERP |
    | country | a shipment's id, or empty for all | a country code |
    | address | a shipment's id, or empty for all | `billing`, a shipment's id, or `storefront` |
    | rounding | empty | the largest rounding charge on one SKU, in the order's currency |
    | accepted | a code of `PASSABLE` | `yes` |

    A rule for a percent has to explain the tax that is stated, one for what is `taxed` holds any.
    """

    kind: str
    name: str
    value: str

    @property
    def words(self) -> str:
        """For people: what is corrected to what."""
        return f"{self.kind} {self.name} -> {self.value}".replace("  ", " ")


@dataclass(frozen=True)
class Corrected:
    """The order and the policy to translate; `rounding` is the largest charge that is accepted.

    `duty` is what `duties` says of the order as it came: the books take that off, whatever a person
    corrected, so no correction changes it.
    """

    order: Order
    site: SitePolicy
    duty: Sequence[Decimal]
    rounding: Decimal | None = None


def corrected(order: Order, site: SitePolicy, corrections: Iterable[Correction]) -> Corrected:
    """The order as it is to be booked. What a correction does not find any more it leaves alone,
    because the storefront may have changed the order since.

    Each names something as the storefront does; of two that name the same thing the later counts.
    """
    fitting = {(each.kind, each.name): each for each in corrections if misfit(order, each) is None}
    skus = {name: each.value for (kind, name), each in fitting.items() if kind == "sku"}
    result = Corrected(_renamed(order, skus), site, duties(order, site))
    for correction in fitting.values():
        if correction.kind != "sku":
            result = _OVERLAYS[correction.kind](result, correction)
    return result


def misfit(order: Order, correction: Correction) -> str | None:
    """Why a correction cannot be of this order, as a sentence; None when it can."""
    kind, name, value = correction.kind, correction.name, correction.value
    if kind not in KINDS:
        return (
            f"{kind!r} cannot be corrected; what can be is: {', '.join(KINDS)}."
            " What the shopper paid never can."
        )
    if not is_plain(value):
        return f"The correction of {kind} {name} has no usable value: give one."
    found: dict[str, tuple[str, Iterable[str]]] = {
        "sku": ("line of the SKU", _skus(order)),
        "option": ("option", _options(order)),
        "payment-account": ("payment by", (payment.method for payment in order.payments)),
        "accepted": ("finding that may pass called", PASSABLE),
        "country": ("shipment", ("", *(shipment.id for shipment in order.shipments))),
        "address": ("shipment", ("", *(shipment.id for shipment in order.shipments))),
    }
    if kind in found:
        what, names = found[kind]
        known = list(dict.fromkeys(names))
        if name not in known:
            shown = ", ".join(repr(each) for each in known[:20] if each) or "none"
            return f"The order has no {what} {name!r}; there is: {shown}."
    if kind == "country" and not re.fullmatch("[A-Z]{2}", value):
        return f"{value!r} is no country code: write two capital letters, such as GB."
    if kind == "address":
        return _no_such_address(order, value)
    if kind == "tax-rule":
        return _nothing_so_taxed(order, name)
    if kind == "rounding":
        return _too_much(order, value)
    return None


def _no_such_address(order: Order, value: str) -> str | None:
    stated = {shipment.id: shipment.address for shipment in order.shipments}
    stated["billing"] = order.billing
    known = [LOOK, *(name for name, address in stated.items() if not address.is_empty)]
    if value in known:
        return None
    return (
        f"The order has no address of {value!r}; write one of: {', '.join(known)}. What an address"
        " says is corrected in the storefront; retry the order then."
    )


@dataclass(frozen=True)
class TaxName:
    """What a tax-rule correction is about: a place, and what is taxed there at a rate (a share), at
    any, or not at all. Without country or state it is about every place of the order."""

    country: str | None
    state: str | None
    kind: TaxKind
    rate: Decimal | None = None


def tax_of(name: str) -> TaxName | None:
    """What a tax-rule correction names; None if it is nothing of the kind."""
    match = _TAX.fullmatch(name)
    if match is None:
        return None
    what = match["what"]
    rate = None if what in ("taxed", "untaxed") else Decimal(what) / 100
    kind: TaxKind = (
        "untaxed" if what == "untaxed" or rate == 0 else "explains" if rate else "carrier"
    )
    country = country_code(match["country"]) if match["country"] else None
    return TaxName(country, match["state"], kind, rate or None)


def _nothing_so_taxed(order: Order, name: str) -> str | None:
    about = tax_of(name)
    if about is None:
        return (
            f"{name!r} is no rate: write a percentage, such as 20, GB/20 or US/CA/7.25, or US/taxed"
            " for tax of any rate, or US/untaxed."
        )
    if about.rate is not None and about.rate >= 1:
        return f"{_percent(about.rate)} is no rate of a tax."
    stated = TaxFigures(order).stated()
    if about.kind == "carrier" and not stated:
        return "Nothing in the order bears tax."
    if about.rate is None or order.options:  # a product's tax may be on its options too
        return None
    if not any(explains(about.rate, each, order.taxation, order.currency) for each in stated):
        return f"Nothing in the order is taxed at {_percent(about.rate)}."
    return None


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


def _too_much(order: Order, value: str) -> str | None:
    most = order.total * MOST_ROUNDED
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount.is_finite() and 0 < amount <= most:
        return None
    return (
        f"{value!r} is no rounding that can be accepted: give an amount above 0 and at most"
        f" {most:f} {order.currency}, which is 1 % of the order."
    )


def _skus(order: Order) -> Iterator[str]:
    for line in order.lines:
        yield line.product_id
        yield from (part.product_id for part in line.bundled)


def _options(order: Order) -> Iterator[str]:
    for option in order.options:
        yield f"{option.option_id}:{option.value_id}"
        yield option.product_id


# What each kind does


def _renamed(order: Order, skus: Mapping[str, str]) -> Order:
    """All at once, so that two SKUs may change places."""

    def other(product_id: str) -> str:
        return skus.get(product_id, product_id)

    def renamed(line: Line) -> Line:
        bundled = tuple(replace(part, product_id=other(part.product_id)) for part in line.bundled)
        return replace(line, product_id=other(line.product_id), bundled=bundled)

    return replace(order, lines=tuple(renamed(line) for line in order.lines))


def _country(so_far: Corrected, correction: Correction) -> Corrected:
    order = so_far.order
    if not order.shipments:
        billing = replace(order.billing, country=correction.value)
        return replace(so_far, order=replace(order, billing=billing))
    shipments = tuple(
        replace(shipment, address=replace(shipment.address, country=correction.value))
        if correction.name in ("", shipment.id)
        else shipment
        for shipment in order.shipments
    )
    return replace(so_far, order=replace(order, shipments=shipments))


def _address(so_far: Corrected, correction: Correction) -> Corrected:
    """Only which of the order's addresses is meant is ever kept: corrections stay for ever, and
    nobody's street should."""
    order, country = so_far.order, so_far.order.billing.country or so_far.site.country
    stated = {shipment.id: shipment.address for shipment in order.shipments}
    stated["billing"] = order.billing

    def meant(address: Address) -> Address:
        """The place that decides about tax stays."""
        if correction.value != LOOK:
            return stated[correction.value]
        return replace(NOWHERE, country=address.country or country, state=address.state)

    shipments = tuple(
        replace(shipment, address=meant(shipment.address))
        if correction.name in ("", shipment.id)
        else shipment
        for shipment in order.shipments
    )
    billing = meant(order.billing) if order.billing.is_empty else order.billing
    return replace(so_far, order=replace(order, billing=billing, shipments=shipments))


def _mapped(field: str, so_far: Corrected, correction: Correction) -> Corrected:
    mapping = {**getattr(so_far.site, field), correction.name: correction.value}
    return replace(so_far, site=so_far.site.model_copy(update={field: mapping}))


def _option(so_far: Corrected, correction: Correction) -> Corrected:
    return _mapped("options", so_far, correction)


def _payment_account(so_far: Corrected, correction: Correction) -> Corrected:
    return _mapped("payment_accounts", so_far, correction)


def _tax_rule(so_far: Corrected, correction: Correction) -> Corrected:
    """Before all others, at each place of the order that it is about."""
    about = tax_of(correction.name)
    if about is None:
        return so_far
    site, order = so_far.site, so_far.order
    figures = TaxFigures(order, site.country)
    places = dict.fromkeys(map(figures.place, shipments_of(order)))
    added = [
        TaxMapping.model_construct(
            country=each.country,
            state=each.state or None,
            postcode=each.postcode or None,
            goods=None,
            rate=about.rate,
            kind=about.kind,
            rule=correction.value,
        )
        for each in places
        if about.country in (None, each.country)
        and (about.state is None or about.state.upper() == each.state)
    ]
    site = site.model_copy(update={"tax_rules": [*added, *site.tax_rules]})
    return replace(so_far, site=site)


def _rounding(so_far: Corrected, correction: Correction) -> Corrected:
    return replace(so_far, rounding=Decimal(correction.value))


def _accepted(so_far: Corrected, correction: Correction) -> Corrected:
    site = so_far.site
    if correction.name == "several-shipments":
        return replace(so_far, site=site.model_copy(update={"several_shipments": "one-sale"}))
    if correction.name in PAYMENTS:
        return replace(so_far, site=site.model_copy(update={"payment_accounts": {}}))
    if site.currency_rates is None:
        return so_far
    any_age = site.currency_rates.model_copy(update={"max_age_days": ANY_AGE})
    return replace(so_far, site=site.model_copy(update={"currency_rates": any_age}))


_OVERLAYS = {
    "option": _option,
    "payment-account": _payment_account,
    "tax-rule": _tax_rule,
    "country": _country,
    "address": _address,
    "rounding": _rounding,
    "accepted": _accepted,
}
