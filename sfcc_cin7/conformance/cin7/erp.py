"""Cin7 Core as the probes see it: marked sales and products, all of them taken back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from sfcc_cin7.conformance.cin7.calls import Row
from sfcc_cin7.conformance.cin7.holdings import Holdings
from sfcc_cin7.conformance.journal import Journal, Undo
from sfcc_cin7.conformance.probe import CannotProbe
from sfcc_cin7.conformance.subjects import Subjects
from sfcc_cin7.conformance.wire import Answer, Wire
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import round_half_up

CENT = Decimal("0.01")
LONGEST_LAG = 240.0
"""Seconds after which a sale that is not listed counts as never listed."""


class Erp(Holdings):
    """One account under probe. What it creates carries the run's marker and is in the journal."""

    def __init__(
        self,
        wire: Wire,
        connection: Cin7Connection,
        marker: str,
        journal: Journal,
        clock: Clock,
        subjects: Subjects,
        calls_per_minute: int = 60,
    ) -> None:
        super().__init__(wire, connection, clock, subjects, calls_per_minute)
        self.marker = marker
        self._journal = journal
        self._made_by_probe: list[Undo] = []
        self._restores: list[Undo] = []
        self._statuses: list[Undo] = []
        self.exhaustion: object = None
        """What the call limit was seen to do, once it was met."""
        self._paid: set[str] = set()
        self._made = 0

    # Products

    @cached_property
    def new_product(self) -> Row:
        """A stock product of this run's own, without any stock. Deprecated in the end."""
        return self.post_product().rows("Products", "POST /product")[0]

    def post_product(self, **changes: Any) -> Answer:
        """POST /product; what comes into being is deprecated after the run."""
        like = self.product
        body = {
            "SKU": f"{self.marker}-P".upper(),
            "Name": f"{self.marker} probe product",
            "Category": like["Category"],
            "Type": "Stock",
            "CostingMethod": "FIFO",
            "UOM": like["UOM"],
            "Status": "Active",
            "PriceTier1": Decimal(12),
        } | changes
        answer = self.post("product", {k: v for k, v in body.items() if v is not None})
        for row in answer.rows("Products", "POST /product") if answer.ok else []:
            self._restores.append(self._journal.intend(Undo("product", str(row["ID"]))))
        return answer

    # Sales

    def header(self, **changes: Any) -> Row:
        """The body of POST /sale with the run's marker; an absent key is given as None."""
        self._made += 1
        header = {
            "Customer": self.customer["Name"],
            "Location": self.location,
            "SkipQuote": True,
            "SaleType": "Simple",
            "TaxInclusive": True,
            "TaxRule": self.tax_rule["Name"],
            "CurrencyRate": Decimal(1),
            "ExternalID": f"{self.marker}-{self._made}",
            "CustomerReference": f"{self.marker}-{self._made}",
            "ShippingAddress": {"Line1": self.marker, "Country": "GB", "ShipToOther": True},
        } | changes
        return {key: value for key, value in header.items() if value is not None}

    def post_sale(self, body: Row) -> Answer:
        """POST /sale; what comes into being is voided after the probe."""
        answer = self.post("sale", body)
        if answer.ok and isinstance(answer.body, dict) and answer.body.get("ID"):
            undo = Undo("sale", str(answer.body["ID"]))
            self.take_back(undo)
        return answer

    def sale(self, **changes: Any) -> Row:
        """A sale without lines."""
        return self.post_sale(self.header(**changes)).document("POST /sale")

    def line(self, sku: str | None = None, **changes: Any) -> Row:
        """An order line of a sale whose prices hold tax; 12.00 unless told otherwise."""
        line: Row = {"SKU": sku or self.sku, "Quantity": Decimal(1), "Price": Decimal(12)} | changes
        quantity, price = Decimal(line["Quantity"]), Decimal(line["Price"])
        total = round_half_up(quantity * price, CENT)
        rate = Decimal(self.tax_rule["TaxPercent"]) / 100
        money = {
            "Tax": round_half_up(total - total / (1 + rate), CENT),
            "Total": total,
            "TaxRule": self.tax_rule["Name"],
        }
        return money | line

    def charge(self, **changes: Any) -> Row:
        """An additional charge of the same make."""
        row = self.line(**changes)
        del row["SKU"]
        return {"Description": self.service["Name"]} | row

    def save_order(
        self, sale: Row, lines: Sequence[Row], status: str = "DRAFT", **changes: Any
    ) -> Answer:
        """POST /sale/order."""
        body = {"SaleID": sale["ID"], "Status": status, "Lines": list(lines)}
        return self.post("sale/order", body | {"AdditionalCharges": []} | changes)

    @cached_property
    def scratch(self) -> Row:
        """A sale with the usual header, for drafts, which allocate nothing."""
        return self._kept(self.sale())

    @cached_property
    def landmark(self) -> Row:
        """A sale that nobody changes, to be looked up and found in the list."""
        names = {
            "ExternalID": f"{self.marker}:Site:0007-x",
            "CustomerReference": f"{self.marker}-needle-in-hay",
        }
        return self._kept(self.sale(**names))

    @cached_property
    def landmark_row(self) -> Row:
        """What the list shows of it. Raises CannotProbe."""
        return self.listed(self.landmark)[0]

    @cached_property
    def short(self) -> tuple[Row, Answer]:
        """A sale of two units of the new product, which has none, and the answer to its order."""
        line = self.line(str(self.new_product["SKU"]), Quantity=Decimal(2))
        sale = self._kept(self.sale())
        return sale, self.save_order(sale, [line], "AUTHORISED")

    def _kept(self, sale: Row) -> Row:
        """The sale just made, for several probes: it is voided after the run."""
        self._restores.append(self._made_by_probe.pop())
        return sale

    def draft(self, *lines: Row, **changes: Any) -> Answer:
        """Lines and charges saved as a draft, in place of the draft before."""
        return self.save_order(self.scratch, lines, **changes)

    def pay(self, sale: Row, **changes: Any) -> Answer:
        """POST /sale/payment: a prepayment of 1.00 unless told otherwise."""
        self._paid.add(str(sale["ID"]))
        body = {
            "TaskID": sale["ID"],
            "Type": "Prepayment",
            "Amount": Decimal("1.00"),
            "DatePaid": self.clock.now().strftime("%Y-%m-%dT00:00:00"),
            "Account": self.payment_account,
            "CurrencyRate": Decimal(1),
            "Reference": self.marker,
        }
        return self.post("sale/payment", body | changes)

    def authorised(self, *lines: Row, **header: Any) -> tuple[Row, Row]:
        """A new sale with authorised lines: its header and its order.

        For one probe alone: what lives longer, a warehouse picks, and then it cannot be voided.
        """
        sale = self.sale(**header)
        answer = self.save_order(sale, lines or [self.line()], "AUTHORISED")
        return sale, answer.document("POST /sale/order")

    def listed(self, sale: Row, find: Callable[[], list[Row]] | None = None) -> tuple[Row, float]:
        """The row of saleList that shows a sale, and about how many seconds that took.

        Raises:
            CannotProbe: it is not listed within `LONGEST_LAG`.
        """
        look = find or (lambda: self.sale_rows(ExternalID=str(sale["ExternalID"])))
        start = self.clock.now()
        while True:
            waited = self.clock.now() - start
            for row in look():
                if row["SaleID"] == sale["ID"]:
                    return row, waited.total_seconds()
            if waited > timedelta(seconds=LONGEST_LAG):
                raise CannotProbe("a new sale is not listed")
            self.clock.sleep(2.0)

    # Undoing

    def take_back(self, undo: Undo) -> None:
        """Undo it after the probe."""
        self._made_by_probe.append(self._journal.intend(undo))

    def set_product_status(self, product: Row, status: str) -> Answer:
        """PUT /product with a status, for as long as until `give_back`."""
        undo = Undo("product-status", str(product["ID"]), str(product["Status"]))
        self._statuses.append(self._journal.intend(undo))
        return self.call("PUT", "product", body={"ID": product["ID"], "Status": status})

    def give_back(self) -> None:
        """Give products the status back that they had."""
        while self._statuses:
            self.undo(self._statuses[-1])
            self._statuses.pop()

    def tidy(self) -> None:
        """After a probe: void the sales and remove the webhooks that it made."""
        self.give_back()
        while self._made_by_probe:
            self.undo(self._made_by_probe[-1])
            self._made_by_probe.pop()

    def finish(self) -> None:
        """After the run: give everything else back."""
        self.tidy()
        while self._restores:
            self.undo(self._restores[-1])
            self._restores.pop()

    def undo(self, undo: Undo) -> bool:
        """Undo one thing, and say so in the journal; whether it is undone."""
        if undo.kind == "sale":
            own = undo in self._made_by_probe or undo in self._restores
            # An earlier run may have been killed between a payment and its deletion.
            done = self.end_sale(undo.id, paid=not own or undo.id in self._paid)
        elif undo.kind == "webhook":
            gone = self.call("DELETE", "webhooks", params={"ID": undo.id})
            done = gone.ok or gone.status == 404
        elif undo.kind == "product":
            done = self.deprecate(undo.id)
        else:
            done = self._put_status(undo.id, undo.value)
        if done:
            self._journal.done(undo)
        return done

    def end_sale(self, sale_id: str, *, paid: bool = True) -> bool:
        """Take back the payments of a sale and void it; whether it is voided or gone."""
        payments = self.get("sale/payment", SaleID=sale_id).body if paid else None
        for payment in payments if isinstance(payments, list) else []:
            if isinstance(payment, dict) and payment.get("ID"):
                self.call("DELETE", "sale/payment", params={"ID": str(payment["ID"])})
        if self.void(sale_id).ok:
            return True
        shown = self.get("sale", ID=sale_id)
        gone = isinstance(shown.body, dict) and shown.body.get("Status") == "VOIDED"
        return shown.status == 404 or gone

    def deprecate(self, product_id: str) -> bool:
        """Products cannot be deleted; whether this one is deprecated now."""
        return self._put_status(product_id, "Deprecated")

    def _put_status(self, product_id: str, status: str) -> bool:
        """Whether the product has the status now."""
        return self.call("PUT", "product", body={"ID": product_id, "Status": status}).ok
