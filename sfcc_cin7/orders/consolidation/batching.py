"""Fixes which orders become one sale: when enough wait, or the first has waited long enough.

Looking costs no call: orders are translated as they were received. What is decided here is only who
goes with whom; before anything is sent each order is read anew.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import ConsolidationPolicy, OperatingModel, SitePolicy
from sfcc_cin7.order_document.reason import NeedsPerson
from sfcc_cin7.orders.consolidation.grouping import Candidate, Group, batch_key, grouped, unfit
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.records.batches import BatchQueue, Window
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.problems import ConfigurationError

log = logging.getLogger(__name__)
LONELY = "no other order came to share a sale with"
LOST = "a restore may have lost the sale that it is part of"
PAUSE = timedelta(seconds=30)
"""How long a site is left alone whose operating model cannot be followed."""
NOT_CONSOLIDATED = "its site does not consolidate"


class Batching:
    """Puts waiting orders into batches. It remembers what it has translated."""

    def __init__(self, engine: Engine, batches: BatchQueue, model: OperatingModel) -> None:
        self._acceptance = Acceptance(engine, model.brand)
        self._batches = batches
        self._model = model
        self._translated: dict[tuple[str, str], Candidate | str] = {}
        self._pauses: dict[str, datetime] = {}

    def form(self) -> int:
        """Form the batches whose time has come; returns how many. Raises nothing of an order.

        Where the operating model cannot be followed, the orders of the site wait for each other.
        """
        formed = 0
        for site_id, policy in self._waiting():
            if policy is None:
                self._batches.release_site(site_id, NOT_CONSOLIDATED)
            elif not self._paused(site_id) and self._batches.is_ripe(site_id, self._window(policy)):
                try:
                    formed += self._form(self._model.site(site_id), policy)
                except ConfigurationError as error:  # nothing that an order could help
                    log.warning("%s: no batch is formed: %s", site_id, error)
                    self._pauses[site_id] = self._batches.clock.now() + PAUSE
        return formed

    def _paused(self, site_id: str) -> bool:
        until = self._pauses.get(site_id)
        return until is not None and self._batches.clock.now() < until

    def _waiting(self) -> list[tuple[str, ConsolidationPolicy | None]]:
        policies = {site.id: site.consolidation for site in self._model.sites}
        return [(site, policies.get(site)) for site in sorted(self._batches.waiting_sites())]

    def _window(self, policy: ConsolidationPolicy) -> Window:
        near = self._model.posting.near_promise_minutes
        return Window.of(policy.window_minutes, policy.most_orders, near)

    def _form(self, site: SitePolicy, policy: ConsolidationPolicy) -> int:
        waiting = self._batches.candidates(site.id, self._window(policy))
        versions = {row.order_key: row.document_hash for row in waiting}
        for key in [key for key in versions if self._batches.lost_intent(key) is not None]:
            self._batches.release([key], LOST)
            del versions[key]
        self._translate(site, policy, versions)
        ready = {row.order_key for row in waiting if row.ready}
        candidates = []
        for found in versions.items():
            translated = self._translated[found]
            if isinstance(translated, Candidate):
                candidates.append(translated)
            else:
                self._batches.release([found[0]], translated)
        formed = 0
        for group in grouped(candidates, policy):
            keys = [each.order_key for each in group.candidates]
            if len(keys) < policy.most_orders and ready.isdisjoint(keys):
                continue
            if len(keys) == 1:
                self._batches.release(keys, LONELY)
            else:
                formed += self._fix(site, group, versions)
        return formed

    def _fix(self, site: SitePolicy, group: Group, versions: dict[str, str]) -> bool:
        keys = [each.order_key for each in group.candidates]
        key = batch_key(self._model.brand, site.id, group.candidates[0].sale.reference)
        formed = self._batches.form(key, site.id, {each: versions[each] for each in keys})
        if formed:
            log.info("%s: %d orders become one sale", key, len(keys))
        return formed

    def _translate(
        self, site: SitePolicy, policy: ConsolidationPolicy, versions: dict[str, str]
    ) -> None:
        wanted = set(versions.items())
        self._translated = {
            found: result
            for found, result in self._translated.items()
            if found in wanted or not found[0].startswith(f"{self._model.brand}:{site.id}:")
        }
        missing = {key for key, _ in wanted - self._translated.keys()}
        documents = self._batches.documents(missing) if missing else {}
        for key, document in documents.items():
            self._translated[key, versions[key]] = self._judge(site, policy, key, document)

    def _judge(
        self, site: SitePolicy, policy: ConsolidationPolicy, key: str, text: str
    ) -> Candidate | str:
        """The order as a candidate, or why it is posted alone."""
        try:
            document = decimal_json.loads(text)
            sale = self._acceptance.of(document, site).sale
            candidate = Candidate(key, sale, len(document.get("shipments") or []))
        except NeedsPerson as stop:
            return f"it cannot be booked: {stop}"
        except ConfigurationError:
            raise
        except Exception as error:  # one order that we cannot handle must not stop the others
            log.exception("%s could not be handled", key)
            return f"it could not be handled: {type(error).__name__}"
        return unfit(candidate, policy) or candidate
