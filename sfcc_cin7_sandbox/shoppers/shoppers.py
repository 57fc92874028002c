"""Seeded shoppers who place orders of every shape, at a rate that can be changed any time."""

import asyncio
import random
from collections import Counter
from decimal import Decimal
from typing import Any, Protocol

from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.draft import Ats, Draft, NothingToSell
from sfcc_cin7_sandbox.shoppers.pricing import price_order
from sfcc_cin7_sandbox.shoppers.shapes import ORDINARY, PLANTED, RARE, SHAPES
from sfcc_cin7_sandbox.shoppers.stating import STATED, Stating

SITE_WEIGHTS = {"alpenglow-uk": 11, "alpenglow-us": 7, "alpenglow-jp": 2}
TROUBLE_SHARE = 0.02
FIRST_TROUBLES = {3: "unknown-sku", 7: "missing-tax-rule"}
"""Which early shopper meets which planted trouble, so that each soon shows."""


class Storefront(Protocol):
    """What shoppers need of the emulated shop."""

    def place(self, order: dict[str, Any]) -> dict[str, Any]: ...

    def ats(self, list_id: str, sku: str) -> Decimal: ...


def next_order(
    assortment: Assortment,
    dice: random.Random,
    ats: Ats,
    *,
    site: str | None = None,
    shape: str | None = None,
) -> dict[str, Any]:
    """A complete order document of the next shopper, for `SfccEmulator.place`.

    Without a shape the shopper combines up to three ordinary ones; planted troubles, rare shapes
    and what services state otherwise come only when asked for by name.

    Raises:
        ValueError: no such site or shape, or the site has no goods for that trouble or no such tax.
        NothingToSell: the shop is out of stock of everything that suits.
    """
    known = SHAPES | RARE
    if shape is not None and shape not in known | STATED:
        names = ", ".join([*known, *STATED])
        raise ValueError(f"There is no order shape {shape!r}; there are: {names}.")
    where = _site(assortment, dice, site, shape)
    stated = STATED.get(shape or "")
    shapes = _shapes(dice, shape, stated)
    draft = Draft(assortment, where, dice, ats)
    draft.add(draft.offer.ordinary)
    for name, change in known.items():
        if name in shapes:
            change(draft)
    if stated is None:
        return price_order(draft.checkout())
    stated.first(draft)
    order = price_order(draft.checkout())
    stated.change(order)
    return order


def _shapes(dice: random.Random, shape: str | None, stated: Stating | None) -> list[str]:
    if stated and stated.goes_with:
        return [dice.choice(stated.goes_with)]
    if shape and not stated:
        return [shape]
    return dice.sample(ORDINARY, dice.choice((1, 1, 2, 2, 3)))


def _site(
    assortment: Assortment, dice: random.Random, wanted: str | None, shape: str | None
) -> Site:
    if wanted is not None and wanted not in assortment.sites:
        raise ValueError(f"There is no site {wanted!r}; there are: {', '.join(assortment.sites)}.")
    candidates = [wanted] if wanted else list(assortment.sites)
    if shape == "missing-tax-rule":
        candidates = [each for each in candidates if assortment.offers[each].without_tax_rule]
        if not candidates:
            raise ValueError("The ERP has a tax rule for everything this site sells.")
    weights = [SITE_WEIGHTS.get(each, 1) for each in candidates]
    return assortment.sites[dice.choices(candidates, weights)[0]]


class Shoppers:
    """The crowd: places orders in the storefront, `orders_per_minute` of them (Poisson).

    `orders_before` were placed by an earlier crowd of the same seed; this one does not repeat it.
    """

    def __init__(
        self,
        world: World,
        storefront: Storefront,
        orders_per_minute: float,
        orders_before: int = 0,
    ) -> None:
        self.placed: Counter[str] = Counter()
        """Orders placed by the crowd, by planted trouble or "ordinary"."""
        self._assortment = Assortment(world)
        self._storefront = storefront
        self._orders_before = orders_before
        self._dice = random.Random(f"{world.seed}/{orders_before}")  # noqa: S311 - repeatable
        self._rate = orders_per_minute
        self._rate_changed = asyncio.Event()

    @property
    def orders_per_minute(self) -> float:
        return self._rate

    @orders_per_minute.setter
    def orders_per_minute(self, rate: float) -> None:
        self._rate = rate
        self._rate_changed.set()

    def place(self, site: str | None = None, shape: str | None = None) -> dict[str, Any]:
        """Place one order now; the stored order. Raises as `next_order` does."""
        return self._storefront.place(self.fill_basket(site, shape))

    def fill_basket(self, site: str | None = None, shape: str | None = None) -> dict[str, Any]:
        """An order that is not placed yet. Raises as `next_order` does."""
        return next_order(
            self._assortment, self._dice, self._storefront.ats, site=site, shape=shape
        )

    def visit(self) -> None:
        """The crowd's next shopper, who now and then meets a planted trouble."""
        trouble = FIRST_TROUBLES.get(self._orders_before + self.placed.total() + 1)
        if trouble is None and self._dice.random() < TROUBLE_SHARE:
            trouble = self._dice.choice(PLANTED)
        try:
            self.place(shape=trouble)
        except NothingToSell:
            return
        self.placed[trouble or "ordinary"] += 1

    async def run(self) -> None:
        """Visit for ever."""
        while True:
            self._rate_changed.clear()
            pause = self._dice.expovariate(self._rate / 60) if self._rate > 0 else None
            try:
                await asyncio.wait_for(self._rate_changed.wait(), pause)
            except TimeoutError:
                self.visit()
