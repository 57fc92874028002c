"""Forty troubles of two catalogues and a price book among clean SKUs: found, then mended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Engine, select

from sfcc_cin7.catalogue import read_catalogues
from sfcc_cin7.catalogue.agreeing import compare_products
from sfcc_cin7.catalogue.gatekeeping import Gatekeeper
from sfcc_cin7.catalogue.prices.passing import price_pass
from sfcc_cin7.db.schema import review_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.prices import PricesPolicy
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.merchant.catalogue import build_world, ean13
from sfcc_cin7_sandbox.merchant.world import Sku
from sfcc_cin7_tests.catalogue.prices.house import LIST, PriceHouse, book, price_house

CENT = Decimal("0.01")
LONG = 3600
"""Seconds between two rounds: longer than readings overlap."""
FREE_EANS = 900_000
"""A number range of barcodes that no product of the world has."""
ALIKE = str.maketrans("AEKMHOPCTX", "АЕКМНОРСТХ")  # noqa: RUF001 - that is the trouble
"""Cyrillic letters that print as these Latin ones do."""


@dataclass(frozen=True)
class Seen:
    """A finding that is open."""

    subject: str
    code: str
    owner: str
    sentence: str


@dataclass(frozen=True)
class Trouble:
    """What somebody does to a SKU, what has to be found (`code` by subject, and words that its
    sentence has to have), and how people mend it."""

    name: str
    expected: dict[str, str]
    plant: Callable[[], None]
    mend: Callable[[], None]
    words: str = ""


@dataclass
class Score:
    """How a round went."""

    planted: list[Trouble]
    found: int = 0
    missed: list[str] = field(default_factory=list)
    accused: list[Seen] = field(default_factory=list)
    not_closed: list[Seen] = field(default_factory=list)


@dataclass
class Round:
    """A merchant with both catalogues and one price book; time passes only when told to."""

    house: PriceHouse
    model: OperatingModel

    def passes(self) -> None:
        """An hour later every pass of the room runs once, as its lanes do."""
        house, model = self.house, self.model
        house.clock.sleep(LONG)
        both = (house.engine, house.sfcc, house.cin7, model, house.clock)
        read_catalogues(*both)
        compare_products(*both)
        Gatekeeper(*both).look()
        price_pass(house.engine, house.cin7, house.sfcc, None, model, house.clock)

    def open(self) -> dict[tuple[str, str], Seen]:
        columns = review_items.c
        query = select(columns.subject, columns.code, columns.owner, columns.sentence)
        with self.house.engine.connect() as connection:
            rows = connection.execute(query.where(columns.closed_at.is_(None)))
            return {(row.subject, row.code): Seen(*row) for row in rows}


@contextmanager
def a_round(
    engine: Engine, clock: ManualClock, model: OperatingModel, skus: int
) -> Iterator[Round]:
    """`model` as far as sites go; the pounds of the United Kingdom are told by the ERP."""
    policy = book(margin_floor=Decimal("0.1"))
    prices = PricesPolicy(books=[policy], visible_minutes=0, read_back=5000)
    model = model.model_copy(update={"prices": prices})
    with price_house(engine, clock, build_world(skus=skus)) as house:
        yield Round(house, model)


def play(it: Round, say: Callable[[str], None] = lambda _: None) -> Score:
    """Plant every trouble among clean SKUs, look, mend each, look again."""
    say("looking at clean catalogues")
    it.passes()
    it.passes()
    before = it.open()
    score = Score(list(troubles(it)))
    it.house.clock.sleep(LONG)
    for trouble in score.planted:
        trouble.plant()
    say("looking for what was planted")
    it.passes()
    _judge(score, {key: seen for key, seen in it.open().items() if key not in before}, it)
    it.house.clock.sleep(LONG)
    for trouble in score.planted:
        trouble.mend()
    say("looking for what was mended")
    it.passes()
    it.passes()
    score.not_closed = [seen for key, seen in it.open().items() if key not in before]
    return score


def _judge(score: Score, seen: dict[tuple[str, str], Seen], it: Round) -> None:
    for trouble in score.planted:
        found = [seen.pop(key, None) for key in trouble.expected.items()]
        if all(
            one and one.owner == it.model.owners.catalogue and trouble.words in one.sentence
            for one in found
        ):
            score.found += 1
        else:
            score.missed.append(f"{trouble.name}: {trouble.expected} seen as {found}")
    score.accused = list(seen.values())


def troubles(it: Round) -> Iterator[Trouble]:
    """Forty, each of SKUs of its own."""
    plans = Plans(it)
    every: list[tuple[int, Callable[[Sku], Trouble]]] = [
        (4, plans.renamed_by_a_buyer),
        (4, plans.renamed_by_a_merchandiser),
        (4, plans.another_barcode),
        (4, plans.deprecated),
        (4, plans.unknown_to_the_erp),
        (3, plans.another_case),
        (3, plans.alike_to_the_eye),
        (3, plans.under_another_sku),
        (2, plans.barcode_of_another),
        (3, plans.price_far_off),
        (3, plans.price_below_cost),
        (3, plans.price_edited_in_the_book),
    ]
    yield from (plan(plans.next()) for times, plan in every for _ in range(times))


class Plans:
    """The kinds of troubles."""

    def __init__(self, it: Round) -> None:
        self._it, self._erp, self._shop = it, it.house.erp, it.house.shop
        world = it.house.world
        self._sold = iter(
            [
                sku
                for sku in world.skus
                if sku.kind == "standard" and sku.in_shop and sku.in_erp and sku.master_id
            ]
        )
        self._eans = iter(ean13(number) for number in range(FREE_EANS, FREE_EANS + 100))

    def next(self) -> Sku:
        return next(self._sold)

    def renamed_by_a_buyer(self, sku: Sku) -> Trouble:
        def name(text: str) -> Callable[[], None]:
            return lambda: self._erp.catalogue.edit(sku.id, Name=text)

        found = {f"product:{sku.id}/name": "field-differs"}
        words = "The ERP was edited between"
        return Trouble("name edited in the ERP", found, name("A buyer's"), name(sku.name), words)

    def renamed_by_a_merchandiser(self, sku: Sku) -> Trouble:
        def plant() -> None:
            self._shop.catalogue.change(sku.id, {"name": {"default": "A merchandiser's"}})

        def carry_over() -> None:
            self._erp.catalogue.edit(sku.id, Name="A merchandiser's")

        found = {f"product:{sku.id}/name": "field-differs"}
        words = "The storefront was edited between"
        return Trouble("name edited in the storefront", found, plant, carry_over, words)

    def another_barcode(self, sku: Sku) -> Trouble:
        ean = next(self._eans)
        return Trouble(
            "barcode edited in the storefront",
            {f"sku:{sku.id}": "ean-differs"},
            lambda: self._set_ean(sku.id, ean),
            lambda: self._set_ean(sku.id, sku.ean),
        )

    def deprecated(self, sku: Sku) -> Trouble:
        return Trouble(
            "deprecated in the ERP",
            {f"sku:{sku.id}": "sku-deprecated-in-erp"},
            lambda: self._erp.set_product_status(sku.id, "Deprecated"),
            lambda: self._erp.set_product_status(sku.id, "Active"),
        )

    def unknown_to_the_erp(self, sku: Sku) -> Trouble:
        new, ean = f"NEW-{sku.id}", next(self._eans)
        unready = {f"gate:{site.id}/{new}": "sku-sold-unready" for site in self._it.model.sites}
        return Trouble(
            "sold, and unknown to the ERP",
            {f"sku:{new}": "sku-unknown-in-erp"} | unready,
            lambda: self._shop.catalogue.add(new, "New", ean=ean),
            lambda: self._shop.catalogue.withdraw(new),
        )

    def another_case(self, sku: Sku) -> Trouble:
        return self._spelt(sku, sku.id.lower(), "sku-case-differs")

    def alike_to_the_eye(self, sku: Sku) -> Trouble:
        return self._spelt(sku, sku.id.translate(ALIKE), "sku-spelling-differs")

    def under_another_sku(self, sku: Sku) -> Trouble:
        return self._spelt(sku, f"OTHER-{sku.id}", "sku-under-another-name")

    def barcode_of_another(self, sku: Sku) -> Trouble:
        other = self.next()
        found = {f"sku:{each.id}": "ean-on-two-skus" for each in (sku, other)}

        def give(ean: str) -> None:
            self._set_ean(sku.id, ean)
            self._erp.catalogue.edit(sku.id, Barcode=ean)

        return Trouble(
            "two SKUs of one barcode", found, lambda: give(other.ean), lambda: give(sku.ean)
        )

    def price_far_off(self, sku: Sku) -> Trouble:
        return self._priced(sku, Decimal(2), "price-change-large")

    def price_below_cost(self, sku: Sku) -> Trouble:
        return self._priced(sku, Decimal("0.3"), "price-below-floor")

    def price_edited_in_the_book(self, sku: Sku) -> Trouble:
        """It is told again by itself: nobody has to mend it."""
        return Trouble(
            "price edited in the storefront",
            {f"price:{LIST}/{sku.id}": "price-drift"},
            lambda: self._shop.price_books.edit(LIST, sku.id, sku.prices["GBP"] + 1),
            lambda: None,
        )

    def _spelt(self, sku: Sku, as_: str, code: str) -> Trouble:
        return Trouble(
            f"{sku.id} is {as_} in the ERP",
            {f"sku:{sku.id}": code},
            lambda: self._rename(sku.id, as_),
            lambda: self._rename(as_, sku.id),
        )

    def _priced(self, sku: Sku, by: Decimal, code: str) -> Trouble:
        price = sku.prices["GBP"]
        return Trouble(
            f"its price times {by}",
            {f"price:{LIST}/{sku.id}": code},
            lambda: self._erp.set_product_price(sku.id, 1, (price * by).quantize(CENT)),
            lambda: self._erp.set_product_price(sku.id, 1, price),
        )

    def _rename(self, sku: str, to: str) -> None:
        """By way of a third name: the ERP takes a SKU in another case for the one it has."""
        for was, becomes in ((sku, f"{sku}-MOVED"), (f"{sku}-MOVED", to)):
            self._erp.administrator.rename_product(was, becomes)

    def _set_ean(self, sku: str, ean: str) -> None:
        self._shop.catalogue.change(sku, {"ean": ean})
