"""Commerce Cloud as the probes see it: what it has, test orders, and a record of the run's own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from sfcc_cin7.conformance.journal import Journal, Undo
from sfcc_cin7.conformance.probe import CannotProbe
from sfcc_cin7.conformance.sfcc.calls import Calls, Order, Row, instant, numbers
from sfcc_cin7.conformance.subjects import Subjects
from sfcc_cin7.conformance.wire import Wire
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO

LONGEST_LISTING = timedelta(seconds=300)
"""How long a run waits for the list to show its test orders."""
MOST_TRIES = 60
"""Products that are looked at for one without an inventory record."""


class Shop(Calls):
    """One instance under probe. Test orders that it uses up end cancelled."""

    def __init__(
        self,
        wire: Wire,
        connection: SfccConnection,
        marker: str,
        journal: Journal,
        clock: Clock,
        subjects: Subjects,
    ) -> None:
        super().__init__(wire, connection, clock)
        self.marker = marker
        self._journal = journal
        self._subjects = subjects
        self._used: set[Order] = set()
        self._records: list[Undo] = []
        self._made_by_probe: list[Undo] = []
        self._orders: list[Undo] = []
        self._pool: list[Row] | None = None

    # What the instance has to work with

    @property
    def job(self) -> str:
        """A job that may run. Raises CannotProbe."""
        if not self._subjects.job:
            raise CannotProbe(
                "no job is named: name one that may run at any time with --job, and let the client"
                " post to /jobs/*/executions and get /jobs/*/executions/* of the Data API"
            )
        return self._subjects.job

    @property
    def executions_url(self) -> str:
        """Of the executions of the job. Raises CannotProbe."""
        return f"{self.connection.data_url}/jobs/{quote(self.job, safe='')}/executions"

    @property
    def tenant_group(self) -> str:
        """The organization of Omnichannel Inventory. Raises CannotProbe."""
        if not self._subjects.tenant_group:
            raise CannotProbe("no tenant group of Omnichannel Inventory is named: --tenant-group")
        return self._subjects.tenant_group

    @cached_property
    def sites(self) -> list[tuple[str, str]]:
        if not self._subjects.sites:
            raise CannotProbe("no site is named: set SFCC_CIN7_OPERATING_MODEL, or use --site")
        return list(self._subjects.sites)

    @cached_property
    def list_documents(self) -> dict[str, Row]:
        """The inventory lists of the sites by id."""
        return {
            list_id: self.data(f"inventory_lists/{quote(list_id, safe='')}").document(
                "the inventory list"
            )
            for list_id in dict.fromkeys(list_id for _, list_id in self.sites)
        }

    @cached_property
    def busiest(self) -> str:
        """A site that has at least three orders."""
        for site, _ in self.sites:
            if len(self.orders(site, limit="3")) == 3:
                return site
        raise CannotProbe("no site has three orders")

    def list_of(self, site: str) -> str:
        return dict(self.sites)[site]

    def _pooled(self) -> list[Row]:
        """Orders that may be used up: placed, and not exported when they were read."""
        if self._subjects.orders:
            found = [self.order(order) for order in self._subjects.orders]
        elif self._subjects.find_orders:
            found = [
                self.order((site, str(row["orderNo"])))
                for site, _ in self.sites
                for row in self.orders(site, status="new", limit="8")
            ]
        else:
            raise CannotProbe("no test order is named: place some and name them with --order")
        usable = (None, "ready", "not_exported")
        return [o for o in found if o["status"] == "new" and o.get("exportStatus") in usable]

    def test_order(self, *, on_order: bool | None = None, use_up: bool = False) -> Row:
        """A test order, of a list with or without on-order inventory; a used one never again.

        Raises:
            CannotProbe: there is none left.
        """
        if self._pool is None:
            self._pool = self._pooled()
        for row in self._pool:
            order = (str(row["siteId"]), str(row["orderNo"]))
            if order in self._used or (on_order is not None and self._flag(order) != on_order):
                continue
            if use_up:
                self._used.add(order)
                self._orders.append(self._journal.intend(Undo("order", *order)))
            return row
        kind = {None: "", True: " with on-order inventory", False: " without on-order inventory"}
        raise CannotProbe(f"there is no test order left of a list{kind[on_order]}")

    def _flag(self, order: Order) -> bool:
        document = self.list_documents[self.list_of(order[0])]
        return bool(document.get("on_order_inventory_enabled"))

    def drawn(self, order: Row) -> tuple[str, str, Decimal]:
        """List, SKU and units that the first line of an order draws (all its lines together)."""
        sku = str(order["productItems"][0]["productId"])
        units = sum(
            (Decimal(i["quantity"]) for i in order["productItems"] if i["productId"] == sku),
            ZERO,
        )
        return self.list_of(str(order["siteId"])), sku, units

    @property
    def free_place(self) -> tuple[str, str]:
        """A list and a product that has no record in it. Raises CannotProbe."""
        if self._free_place is None:
            raise CannotProbe("every product has a record in every list: name one with --free-sku")
        return self._free_place

    @cached_property
    def _free_place(self) -> tuple[str, str] | None:
        wanted = self._subjects.free_sku
        hits: list[Row] = [{"id": wanted}] if wanted else []
        if not wanted:
            by_id = [{"field": "id", "sortOrder": "desc"}]
            hits = self.search(limit=MOST_TRIES, sorts=by_id).rows("hits", "the product search")
        for hit in hits:
            kind = hit.get("type") or {}
            if kind.get("master") or kind.get("set") or kind.get("variationGroup"):
                continue
            for list_id in self.list_documents:
                if self.record(list_id, str(hit["id"])).status == 404:
                    return list_id, str(hit["id"])
        return None

    # The record of the run's own

    def new_record(self, **body: Any) -> tuple[str, str, Row]:
        """A record of this run, made anew: list, SKU and the record as answered."""
        list_id, sku = self.free_place
        if not self._records:
            self._records.append(self._journal.intend(Undo("record", list_id, sku)))
        else:
            self.write_record("DELETE", list_id, sku)
        wanted = {"allocation": {"amount": 0}} | body
        answer = self.write_record("PUT", list_id, sku, wanted)
        return list_id, sku, answer.document("PUT of an inventory record")

    def reset(self, amount: int = 0, *, hours: float = 0, **more: Any) -> Row:
        """The body that sets an allocation as it was some hours ago."""
        moment = self.clock.now() - timedelta(hours=hours)
        return {"allocation": {"amount": amount, "reset_date": instant(moment)}, **more}

    def unlisted(self, orders: Sequence[Order]) -> list[Order]:
        """Those of the orders that exist while the list of their site does not show them yet."""
        late = []
        for order in orders:
            answer = self.get_order(order)
            if not answer.ok:
                continue
            created = datetime.fromisoformat(str(answer.document("an order")["creationDate"]))
            since = instant(created - timedelta(seconds=1))
            rows = self.orders(order[0], creationDateFrom=since, sortOrder="asc", limit="200")
            if order[1] not in numbers(rows):
                late.append(order)
        return late

    def wait_until_listed(self, orders: Sequence[Order]) -> list[Order]:
        """Wait while the list lags behind test orders; those that it still does not show.

        Probes of the list would otherwise find no order in it. Raises CannotProbe.
        """
        began = self.clock.now()
        late = self.unlisted(orders)
        while late and self.clock.now() - began < LONGEST_LISTING:
            self.clock.sleep(2)
            late = self.unlisted(late)
        return late

    def stock_record(self, location: str, sku: str, units: int) -> Row:
        """Units on hand at a location as Omnichannel Inventory is told, under an id of its own."""
        counted = instant(self.clock.now() - timedelta(seconds=2))
        return {
            "id": str(uuid4()),
            "location": location,
            "sku": sku,
            "onHand": units,
            "effectiveDate": counted,
        }

    # Undoing

    def take_back(self, undo: Undo) -> None:
        """Undo it after the probe."""
        self._made_by_probe.append(self._journal.intend(undo))

    def tidy(self) -> None:
        """After a probe: remove the record, the files and the stock that it made."""
        while self._made_by_probe:
            self.undo(self._made_by_probe[-1])
            self._made_by_probe.pop()
        while self._records:
            self.undo(self._records[-1])
            self._records.pop()

    def finish(self) -> None:
        """After the run: cancel the test orders that it used up."""
        self.tidy()
        while self._orders:
            self.undo(self._orders[-1])
            self._orders.pop()

    def undo(self, undo: Undo) -> bool:
        """Undo one thing, and say so in the journal; whether it is undone."""
        if undo.kind == "record":
            self.write_record("DELETE", undo.id, undo.value)
            done = self.record(undo.id, undo.value).status == 404
        elif undo.kind == "file":
            gone = self.impex("DELETE", undo.id)
            done = gone.ok or gone.status == 404
        elif undo.kind == "on-hand":
            group, _, location = undo.id.partition("/")
            record = self.stock_record(location, undo.value, 0)
            emptied = self.oci(group, "batch-update", {"records": [record]})
            done = emptied.ok and not (emptied.body or {}).get("errors")
        else:
            order = (undo.id, undo.value)
            self.put_status(order, "status", "cancelled")
            done = (self.get_order(order).body or {}).get("status") == "cancelled"
        if done:
            self._journal.done(undo)
        return done
