"""Holds a list that would go wrong as a whole, and tells; a person releases it.

Nothing is kept of a hold but what is told of it: each pass decides anew by what was published
within the hour and what it would publish, so that what was mended goes on by itself, and what is
still there is held however often it is read.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import InventoryListPolicy
from sfcc_cin7.stock.deciding.agreement import (
    endless,
    list_disagreements,
    location_disagreements,
)
from sfcc_cin7.stock.deciding.mass_change import (
    FEWEST,
    Change,
    Extent,
    before_hour,
    extent,
    joined,
    too_much,
)
from sfcc_cin7.stock.deciding.plan import Push
from sfcc_cin7.stock.records import holds, offers
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.stock.records.places import confirm_places, places
from sfcc_cin7.stock.records.publications import changes_published_since
from sfcc_cin7.systems.sfcc.documents import InventoryList
from sfcc_cin7.values.problems import ConfigurationError

HELD, ENDLESS = "stock-held", "stock-endless"
RELEASED_BY = "Compare the ERP with the shelves; if it is true, run `sfcc-cin7 stock release {}`."


class ListGuard:
    """What one pass over a list may not do by itself."""

    def __init__(self, engine: Engine, model: OperatingModel, policy: InventoryListPolicy) -> None:
        self._engine = engine
        self._model = model
        self._policy = policy

    def disagreement(self, described: InventoryList, now: datetime) -> str | None:
        """Why nothing at all may be published to the list; None where the model, the ERP and the
        storefront mean the same by it."""
        with self._engine.connect() as connection:
            known = places(connection)
        found = [*list_disagreements(self._policy, described)]
        if known:
            found += location_disagreements(self._policy, known)
        if not found:
            return None
        sentence = " ".join(found)
        self._hold(sentence, now, None)
        return sentence

    def tell_of_endless(self, described: InventoryList, now: datetime) -> None:
        """A list that sells without end what has no record is published all the same: each record
        ends that for one SKU."""
        sentence, subject = endless(described), f"{_subject(self._policy.id)}/"
        with self._engine.begin() as connection:
            if sentence is not None:
                finding = Finding(subject, ENDLESS, sentence, self._model.owners.stock)
                open_items(connection, [finding], now)
            elif subject in open_subjects(connection, ENDLESS):
                close_items(connection, subject, now, "The list has no default any more.")

    def checked(
        self, pushes: Sequence[Push], now: datetime, *, is_whole: bool
    ) -> tuple[list[Push], str | None]:
        """The pushes that may be sent, and why the others may not.

        What changes nothing that is for sale, as putting a drift right, may always be. A pass that
        `is_whole` ends a hold whose cause it does not see any more.
        """
        coming = {push.sku: change for push in pushes if (change := push.change) is not None}
        sentence, found = self._judged(coming, now) if coming else (None, Extent())
        if sentence is None:
            if is_whole:
                self._lift(now)
            return [*pushes], None
        self._hold(f"{sentence} {RELEASED_BY.format(self._policy.id)}", now, found)
        return [push for push in pushes if push.sku not in coming], sentence

    def _judged(self, coming: dict[str, Change], now: datetime) -> tuple[str | None, Extent]:
        policy = self._model.stock.mass_changes
        with self._engine.connect() as connection:
            done = changes_published_since(connection, self._policy.id, now - holds.WINDOW)
            found = extent(joined(done, coming).values())
            if max(found.falling, found.rising) < FEWEST:
                return None, found
            base = before_hour(offers.offer(connection, self._policy.id), done)
            let_pass = holds.released(connection, self._policy.id, now)
        return too_much(found, base, policy, let_pass), found

    def _hold(self, sentence: str, now: datetime, found: Extent | None) -> None:
        finding = Finding(
            subject=_subject(self._policy.id),
            code=HELD,
            sentence=f"{self._policy.id} is held: {sentence}",
            owner=self._model.owners.stock,
        )
        with self._engine.begin() as connection:
            holds.hold(connection, self._policy.id, sentence, now, found)
            open_items(connection, [finding], now)

    def _lift(self, now: datetime) -> None:
        with self._engine.begin() as connection:
            if holds.lift(connection, self._policy.id):
                close_items(connection, _subject(self._policy.id), now, "Nothing holds it.")


def release_list(engine: Engine, model: OperatingModel, list_id: str, now: datetime) -> str:
    """A person has looked: let pass what a list is held for, and hold what goes further.

    It is published by the next pass. Of locations it says that their names are meant as they are;
    what else the systems disagree about holds the list until it is mended there. The sentence that
    held the list is returned.

    Raises:
        ConfigurationError: there is no such list, or it is not held.
    """
    if list_id not in {each.id for each in model.inventory_lists}:
        known = ", ".join(each.id for each in model.inventory_lists)
        raise ConfigurationError(f"There is no inventory list {list_id!r}; there are: {known}.")
    with engine.begin() as connection:
        found = holds.held(connection, list_id)
        if found is None:
            raise ConfigurationError(f"{list_id} is not held.")
        if found.extent is None:
            confirm_places(connection)
        else:
            holds.release(connection, list_id, now, found.extent)
    return found.sentence


def _subject(list_id: str) -> str:
    return f"stock:{list_id}"
