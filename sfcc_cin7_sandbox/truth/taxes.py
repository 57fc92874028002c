"""What tax an order states and where it goes, and which rules of the ERP may hold that.

Judged by what the shopper was charged: the rate that stands beside a tax says nothing, because tax
services write what they like there. Which rates there are in a place the site says (`Site.rates`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

Document = Mapping[str, Any]
ANYWHERE = "*"
IMPORT_DUTIES = "c_importDuties"
"""Custom attribute of a shipping item: how much of its tax a cross-border service takes as duty."""
ROUNDING = "Rounding"
"""The merchant's service for what unit prices cannot hit; it bears no tax, whatever its rule."""


class Taxes:
    """The rates that are true in each place of the sites, and the rules of the ERP."""

    def __init__(self, sites: Iterable[Document], rules: Iterable[Document]) -> None:
        self._rates = {site["id"]: site["rates"] for site in sites}
        self._percents = {rule["Name"]: Decimal(rule["TaxPercent"]) for rule in rules}

    def due(self, order: Document) -> Decimal:
        """The order's tax without what is duty, which is charged and is none of the merchant's."""
        duty = (Decimal(item.get(IMPORT_DUTIES, 0)) for item in order["shippingItems"])
        return Decimal(order["taxTotal"]) - sum(duty, Decimal(0))

    def without_rule(self, order: Document) -> Decimal | None:
        """A percentage that something of the order is taxed at and that no rule has, if there is
        such; None too where no rate of the place is anywhere near."""
        ruled = set(self._percents.values())
        charged = (self._percent(order, item) for item in _taxed(order))
        return next((each for each in charged if each is not None and each not in ruled), None)

    def misplaced(self, order: Document, sale: Document) -> Iterator[str]:
        """What the sale holds under a rule that may not hold it: tax under a rule of another place
        or of none, or what bears no tax under a rule that charges some."""
        taxed: dict[str, set[Decimal]] = defaultdict(set)
        for item in _taxed(order):
            percent = self._percent(order, item)
            if percent:
                taxed[item.get("productId", "")].add(percent)
        anything = set().union(*taxed.values())
        for name, row in _entries(sale):
            percent = self._percents.get(row["TaxRule"])
            wanted = (taxed.get(name) or anything) if row["Tax"] else {Decimal(0)}
            if row["Total"] and wanted and percent not in wanted:
                yield f"{name}: tax {row['Tax']} on {row['Total']} is under {row['TaxRule']}"

    def _percent(self, order: Document, item: Document) -> Decimal | None:
        """What an item is taxed at: of the rates of its place the one that is nearest to its tax.
        None where there is none that takes anything, or the item has no money."""
        tax, basis = Decimal(item["tax"]), Decimal(item["taxBasis"])
        if not tax:
            return Decimal(0) if basis else None
        rates = self._rates.get(order["siteId"], {})
        state = _state(order, item.get("shipmentId"))
        taking = [Decimal(rate) for rate in rates.get(state, rates.get(ANYWHERE, ())) if rate]
        net = order["taxation"] == "net"
        missed = {rate: abs(basis * rate / (1 if net else 1 + rate) - tax) for rate in taking}
        return 100 * min(missed, key=missed.__getitem__) if missed else None


def _taxed(order: Document) -> Iterator[Document]:
    """Lines, their options, which go where the line goes, and what is charged for shipping."""
    for item in order["productItems"]:
        yield item
        for option in item.get("optionItems", ()):
            yield {**option, "shipmentId": item.get("shipmentId")}
    yield from order["shippingItems"]


def _state(order: Document, shipment: str | None) -> str:
    shipments = order.get("shipments", ())
    own = [each for each in shipments if each["shipmentId"] == shipment] or shipments[:1]
    stated = [each.get("shippingAddress") for each in own]
    address = next((each for each in stated if each), None) or order.get("billingAddress") or {}
    return str(address.get("stateCode") or ANYWHERE)


def _entries(sale: Document) -> Iterator[tuple[str, Document]]:
    for line in sale["Lines"]:
        yield line["SKU"], line
    for charge in sale["AdditionalCharges"]:
        if charge["Description"] != ROUNDING:
            yield charge["Description"], charge
