"""The gate for new SKUs is looked at, and what passes is put online, site by site.

Before a flag is set the SKU is looked at once more in both systems, as it is now, and decided upon
anew; what is about to be sent is said first. A write whose end nobody knows is looked for in the
next pass: a flag that is online then is ours.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from sfcc_cin7.catalogue.deciding.gate import (
    Candidate,
    ErpFacts,
    Lack,
    PriceKnown,
    ShopFacts,
    Step,
    lacks,
    step,
)
from sfcc_cin7.catalogue.reading import erp_reading, shop_reading
from sfcc_cin7.catalogue.records.gates import (
    Known,
    forget_others,
    known_sku,
    new_skus,
    opened,
    save_step,
    with_stock_record,
)
from sfcc_cin7.catalogue.records.products import save_readings
from sfcc_cin7.catalogue.records.writes import (
    Outcome,
    about_to_write,
    ended,
    last_write,
    rests,
)
from sfcc_cin7.db.book_prices import price_states
from sfcc_cin7.db.sku_map import open_codes
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Ambiguous, NotFound, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

SOLD_UNREADY = "sku-sold-unready"
MOST_WRITES = 100
"""Flags that one pass sets; the rest follows in the next."""


@dataclass(frozen=True)
class Decided:
    """A SKU on a site: what it lacks, and what follows."""

    candidate: Candidate
    missing: tuple[Lack, ...]
    step: Step
    opened_at: datetime | None


@dataclass(frozen=True)
class Gatekeeper:
    """Looks at every new SKU, and opens or closes where the merchant wants that."""

    engine: Engine
    shop: SfccClient
    erp: Cin7Client
    model: OperatingModel
    clock: Clock

    def look(self) -> Counter[str]:
        """How many SKUs stand at each step, each counted once for each site.

        Raises:
            ApiError: a system does not answer while a flag is set; the next pass goes on.
        """
        if self.model.catalogue.gate.opening == "off":
            with self.engine.begin() as connection:
                self._report(connection, {})
            return Counter()
        began, steps, writes = self.clock.now(), Counter[str](), 0
        failing: dict[str, Decided] = {}
        with self.engine.connect() as reading:
            for batch in new_skus(reading):
                for known in batch:
                    for decided in self._decide_each(reading, known):
                        if decided.step in ("open", "close") and writes < MOST_WRITES:
                            writes += 1
                            decided = self._act(decided)
                        self._keep(known, decided)
                        steps[decided.step] += 1
                        if decided.step in ("failing", "close"):
                            failing[_subject(decided.candidate)] = decided
        with self.engine.begin() as connection:
            forget_others(connection, began)
            self._report(connection, failing)
        return steps

    def _decide_each(self, connection: Connection, known: Known) -> list[Decided]:
        return [self._decide(connection, known, site.id) for site in self.model.sites]

    def _decide(self, connection: Connection, known: Known, site: str) -> Decided:
        policy = self.model.catalogue.gate
        candidate = self._candidate(connection, known, site)
        missing = lacks(candidate, policy.needs)
        is_online = known.storefront is not None and _online(known.storefront.facts, site)
        opened_at = opened(connection, [known.sku]).get((known.sku, site))
        if opened_at is None and is_online:
            opened_at = self._finished(connection, known.sku, site)
        decided = step(policy, missing, is_online=is_online, was_opened=opened_at is not None)
        return Decided(candidate, missing, decided, opened_at)

    def _finished(self, connection: Connection, sku: str, site: str) -> datetime | None:
        """When we asked for the flag that is there now, and never heard how that ended."""
        write = last_write(connection, "storefront", sku, _flag(site))
        unheard = write is not None and write.outcome in (None, "ambiguous")
        return write.begun_at if write is not None and unheard and write.wanted == "true" else None

    def _candidate(self, connection: Connection, known: Known, site: str) -> Candidate:
        books = self.model.gate_books(site)
        states = price_states(connection, books, [known.sku])
        prices: Mapping[str, PriceKnown] = {book: states[book, known.sku] for book in books}
        lists = [each.id for each in self.model.inventory_lists if site in each.sites]
        erp, shop = known.erp, known.storefront
        return Candidate(
            known.sku,
            site,
            None
            if erp is None
            else ErpFacts(
                erp.facts["status"],
                erp.facts["kind"],
                erp.facts["sellable"],
                erp.facts["weight"],
                erp.facts["barcode"],
            ),
            None
            if shop is None
            else ShopFacts(shop.facts["tax_class"], shop.facts["category"], shop.facts["picture"]),
            prices,
            known.sku in with_stock_record(connection, lists, [known.sku]),
            known.barcode_is_shared,
        )

    def _act(self, decided: Decided) -> Decided:
        """Open or close, if it is still so when both systems are looked at again."""
        sku, site = decided.candidate.sku, decided.candidate.site
        wanted = "true" if decided.step == "open" else "false"
        with self.engine.connect() as connection:
            before = last_write(connection, "storefront", sku, _flag(site))
        if rests(before, wanted, self.clock.now()):
            return decided
        try:
            self._look_again(sku)
        except NotFound:
            return decided
        with self.engine.connect() as connection:
            again = self._decide(connection, known_sku(connection, sku), site)
        if again.step != decided.step:
            return again
        outcome = self._set(sku, site, wanted == "true")
        if outcome != "done":
            return again
        online = wanted == "true"
        return Decided(
            again.candidate,
            again.missing,
            "on-sale" if online else "wait",
            self.clock.now() if online else None,
        )

    def _look_again(self, sku: str) -> None:
        """Both systems' products as they are now. Raises NotFound."""
        fields = self.model.catalogue.fields
        ours = [
            erp_reading(record, fields)
            for product_id in self._erp_ids(sku)
            for record in self.erp.product_records(product_id=product_id)
        ]
        theirs = [shop_reading(self.shop.product(sku), fields)]
        now = self.clock.now()
        with self.engine.begin() as connection:
            save_readings(connection, "erp", ours, fields, after=now, at=now)
            save_readings(connection, "storefront", theirs, fields, after=now, at=now)

    def _erp_ids(self, sku: str) -> list[str]:
        with self.engine.connect() as connection:
            erp = known_sku(connection, sku).erp
        return [erp.id] if erp is not None else []

    def _set(self, sku: str, site: str, online: bool) -> Outcome:
        wanted = "true" if online else "false"
        with self.engine.begin() as connection:
            now = self.clock.now()
            about_to_write(connection, "storefront", sku, _flag(site), "", wanted, now)
        fields = self.model.catalogue.fields
        try:
            shown = shop_reading(
                self.shop.change_product(sku, {"onlineFlag": {site: online}}), fields
            )
            outcome: Outcome = "done" if _online(shown.facts, site) is online else "refused"
        except Ambiguous:
            outcome = "ambiguous"
        except Refused:
            outcome = "refused"
        with self.engine.begin() as connection:
            now = self.clock.now()
            if outcome == "done":
                save_readings(connection, "storefront", [shown], fields, after=now, at=now)
            ended(connection, "storefront", sku, _flag(site), outcome, now)
        return outcome

    def _keep(self, known: Known, decided: Decided) -> None:
        with self.engine.begin() as connection:
            save_step(
                connection,
                known.sku,
                decided.candidate.site,
                decided.step,
                decided.missing,
                first_seen_at=known.first_seen_at,
                opened_at=decided.opened_at,
                at=self.clock.now(),
            )

    def _report(self, connection: Connection, failing: Mapping[str, Decided]) -> None:
        for subject, codes in open_codes(connection, ("gate:",)).items():
            if SOLD_UNREADY in codes and subject not in failing:
                now = self.clock.now()
                close_items(connection, subject, now, "mended", only={SOLD_UNREADY})
        findings = [
            Finding(
                subject=subject,
                code=SOLD_UNREADY,
                sentence=(
                    f"{decided.candidate.sku} is on sale on {decided.candidate.site} and lacks"
                    f" something: {'; '.join(lack.what for lack in decided.missing)}. Add it, or"
                    " take the SKU offline there."
                ),
                owner=self.model.owners.catalogue,
                site=decided.candidate.site,
                expected="ready",
                actual=", ".join(lack.need for lack in decided.missing),
            )
            for subject, decided in failing.items()
        ]
        open_items(connection, findings, self.clock.now())


def _subject(candidate: Candidate) -> str:
    return f"gate:{candidate.site}/{candidate.sku}"


def _flag(site: str) -> str:
    return f"online:{site}"


def _online(facts: Mapping[str, Mapping[str, bool]], site: str) -> bool:
    flags = facts["online"]
    return flags.get(site, flags.get("default", False))
