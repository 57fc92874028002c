"""Fields of a follower are given what their owner says, where the merchant wants that.

Each write has three outcomes. What is about to be sent is said first; then the product is looked at
as it is now, and only what is not there yet is sent. So a write whose end nobody knows is never
repeated blind: the next pass looks, and finds it done or sends it again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.catalogue.deciding.fields import Correction, Difference, canonical, correction
from sfcc_cin7.catalogue.reading import erp_reading, shop_reading
from sfcc_cin7.catalogue.records.products import Reading, save_readings
from sfcc_cin7.catalogue.records.writes import (
    Outcome,
    about_to_write,
    ended,
    last_write,
    rests,
)
from sfcc_cin7.merchant.catalogue import FieldPolicy
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Ambiguous, NotFound, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

MOST_KEPT = 1_000
"""Differences that are in memory at a time, and filed for people."""
MOST_WRITES = 200
"""Of one pass, so that the lane goes on; the rest follows in the next."""


@dataclass
class Mended:
    """What a pass wrote, and what still differs after it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    left: list[Difference] = field(default_factory=list)
    """The first of those that still differ; `subjects` are all of them."""
    subjects: set[str] = field(default_factory=set)

    def leave(self, difference: Difference) -> None:
        self.subjects.add(difference.subject)
        if len(self.left) < MOST_KEPT:
            self.left.append(difference)


@dataclass(frozen=True)
class Mender:
    """Writes single fields of products, each at most once at a time."""

    engine: Engine
    shop: SfccClient
    erp: Cin7Client
    policies: Sequence[FieldPolicy]
    clock: Clock

    def mend(self, differences: Iterable[Difference]) -> Mended:
        """Put right what may be put right; the rest is left for people.

        Raises:
            Unavailable, Throttled: a system does not answer; the next pass goes on.
        """
        mended = Mended()
        for difference in differences:
            wanted = correction(difference)
            if wanted is None or mended.outcomes.total() >= MOST_WRITES:
                mended.leave(difference)
                continue
            outcome = self._put(difference, wanted)
            if outcome is not None:
                mended.outcomes[outcome] += 1
            if outcome != "done":
                mended.leave(difference)
        return mended

    def _put(self, difference: Difference, wanted: Correction) -> Outcome | None:
        """None where it was refused a short while ago."""
        system, sku, name = wanted.system, wanted.sku, wanted.field
        with self.engine.connect() as connection:
            before = last_write(connection, system, sku, name)
        if rests(before, wanted.value, self.clock.now()):
            return None
        look, write = self._calls(difference, wanted)
        try:
            shown = look()
            if self._is_there(shown, difference, wanted):
                outcome: Outcome = "done"
            else:
                self._say(wanted, shown.shown.get(name, ""))
                shown = write()
                # what is not defined is ignored without a word
                there = self._is_there(shown, difference, wanted)
                outcome = "done" if there else "refused"
        except Ambiguous:
            outcome = "ambiguous"
        except (NotFound, Refused):
            outcome = "refused"
        with self.engine.begin() as connection:
            if outcome == "done":
                self._keep(connection, system, shown)
            ended(connection, system, sku, name, outcome, self.clock.now())
        return outcome

    def _calls(
        self, difference: Difference, wanted: Correction
    ) -> tuple[Callable[[], Reading], Callable[[], Reading]]:
        sku, policies = wanted.sku, self.policies
        value = _typed(difference.field, wanted.value)
        if wanted.system == "storefront":
            change: Mapping[str, Any] = {wanted.attribute: value}
            if wanted.attribute == "name":
                change = {"name": {"default": value}}
            return (
                lambda: shop_reading(self.shop.product(sku), policies),
                lambda: shop_reading(self.shop.change_product(sku, change), policies),
            )
        return (
            lambda: self._in_the_erp(sku, difference.erp_id),
            lambda: erp_reading(
                self.erp.save_product({"ID": difference.erp_id, wanted.attribute: value}), policies
            ),
        )

    def _in_the_erp(self, sku: str, product_id: str) -> Reading:
        for record in self.erp.product_records(product_id=product_id):
            if record.sku == sku:
                return erp_reading(record, self.policies)
        raise NotFound("cin7", "GET /product", None, "the product has another SKU now")

    def _is_there(self, shown: Reading, difference: Difference, wanted: Correction) -> bool:
        policy, side = difference.field, wanted.system
        value = shown.shown.get(policy.name, "")
        return canonical(policy, value, side) == canonical(policy, wanted.value, side)

    def _say(self, wanted: Correction, was: str) -> None:
        with self.engine.begin() as connection:
            about_to_write(
                connection, wanted.system, wanted.sku, wanted.field, was, wanted.value,
                self.clock.now(),
            )  # fmt: skip

    def _keep(self, connection: Any, system: Any, shown: Reading) -> None:
        now = self.clock.now()
        save_readings(connection, system, [shown], self.policies, after=now, at=now)


def _typed(policy: FieldPolicy, value: str) -> str | Decimal:
    if policy.compare == "number":
        return Decimal(f"{Decimal(value).normalize():f}")
    return value
