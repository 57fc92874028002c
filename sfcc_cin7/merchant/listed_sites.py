"""What no reading could put right: inventory lists whose orders take stock from somewhere else."""

from collections.abc import Sequence
from typing import Protocol

from sfcc_cin7.merchant.stock import InventoryListPolicy, StockPolicy, is_named


class Booking(Protocol):
    """What of a site decides about its stock (`operating_model.SitePolicy`)."""

    @property
    def id(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def bundles(self) -> str: ...


def refuse_what_cannot_be_right(
    lists: Sequence[InventoryListPolicy], sites: Sequence[Booking], stock: StockPolicy
) -> None:
    """Raise where a list would offer what its orders cannot take, or again what they took.

    Raises:
        ValueError: the sentence says which list, and what to write instead.
    """
    booked = {site.id: site for site in sites}
    sold_from: dict[str, str] = {}
    for each in lists:
        _it_is_fed_by_what_is_for_sale(each, stock)
        for site in each.sites:
            if site in sold_from:
                raise ValueError(
                    f"site {site} is in {sold_from[site]} and {each.id}: its orders would be"
                    " deducted from both, whichever they were sold from; name it in one list"
                )
            sold_from[site] = each.id
            _its_orders_take_what_is_offered(each, booked[site], stock)


def _it_is_fed_by_what_is_for_sale(each: InventoryListPolicy, stock: StockPolicy) -> None:
    patterns = stock.not_for_sale.locations
    for name in each.locations:
        if is_named(name, patterns):
            raise ValueError(
                f"inventory list {each.id}: {name!r} reads like a place whose goods are not for"
                " sale. Feed the list by another location, or write the patterns of places that"
                f" are not into stock.not_for_sale.locations, which has {', '.join(patterns)}"
            )


def _its_orders_take_what_is_offered(
    each: InventoryListPolicy, site: Booking, stock: StockPolicy
) -> None:
    elsewhere = [name for name in each.locations if name != site.location]
    if elsewhere and stock.order_scope == "location":
        raise ValueError(
            f"inventory list {each.id}: it offers stock of {elsewhere[0]!r}, but the sales of"
            f" {site.id} are booked at {site.location!r}, and Cin7 takes stock of a sale's own"
            " location alone. Feed the list by that location, or let Cin7 allocate from every"
            " location and write stock.order_scope: all"
        )
    if stock.kits and site.bundles == "parent":
        raise ValueError(
            f"stock.kits: site {site.id} books bundles under their own SKU, so that no order takes"
            " a kit's components; write bundles: components"
        )
