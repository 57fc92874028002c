"""The addresses below /sale/fulfilment (Cin7 API reference, Sale Fulfilment)."""

from collections.abc import Callable

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.fulfilment import Fulfilment
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.places import read_place
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.tasks import boxes, boxes_of, find_task, shown_stage, shown_tasks
from sfcc_cin7_sandbox.cin7.values import (
    Body,
    boolean,
    midnight,
    moment_of,
    number,
    parse_guid,
    part,
    require,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document


class FulfilmentCalls:
    """Serves the tasks of sales: POST adds rows to what a stage has, PUT replaces them."""

    def __init__(
        self,
        sales: SaleBook,
        fulfilment: Fulfilment,
        books: Books,
        products: Products,
        settings: Cin7Settings,
    ) -> None:
        self._sales = sales
        self._fulfilment = fulfilment
        self._books = books
        self._products = products
        self._settings = settings

    def get(self, call: Call) -> Document:
        """GET /sale/fulfilment?SaleID: every task with all its stages."""
        sale = self._sales.find(call.query.required_guid("SaleID"))
        info = call.query.boolean("IncludeProductInfo") or False
        return {"SaleID": sale.id, "Fulfilments": shown_tasks(sale, product_info=info)}

    def post(self, call: Call) -> Document:
        """POST /sale/fulfilment: one task more, which makes a Simple sale an Advanced one."""
        require(call.body, "SaleID")
        sale = self._sales.find(parse_guid(call.body["SaleID"], "SaleID"))
        self._fulfilment.open(sale)
        return {"SaleID": sale.id, "Fulfilments": shown_tasks(sale)}

    def delete(self, call: Call) -> Document:
        """DELETE /sale/fulfilment?TaskID&Void: what it does is a setting."""
        sale, task = self._task(call.query.required_guid("TaskID"), opens=False)
        void = call.query.boolean("Void") or False
        if self._settings.fulfilment_undo == "works":
            if sale.header["SaleType"] != "Advanced":
                raise Refusal("Only fulfilments of advanced sales can be undone")
            if void:
                self._fulfilment.void(sale, task)
            else:
                self._fulfilment.undo(sale, task, "Pick")
        return {"SaleID": sale.id, "Fulfilments": shown_tasks(sale)}

    def get_pick(self, call: Call) -> Document:
        """GET /sale/fulfilment/pick?TaskID."""
        return self._stage(call, "Pick")

    def get_pack(self, call: Call) -> Document:
        """GET /sale/fulfilment/pack?TaskID."""
        return self._stage(call, "Pack")

    def get_ship(self, call: Call) -> Document:
        """GET /sale/fulfilment/ship?TaskID."""
        return self._stage(call, "Ship")

    def post_pick(self, call: Call) -> Document:
        """POST /sale/fulfilment/pick: Lines, or AutoPickMode AUTOPICK for all that is allocated."""
        return self._pick(call, keep=True)

    def put_pick(self, call: Call) -> Document:
        """PUT /sale/fulfilment/pick."""
        self._refuse_put()
        return self._pick(call, keep=False)

    def post_pack(self, call: Call) -> Document:
        """POST /sale/fulfilment/pack: each row names its location and Box."""
        return self._pack(call, keep=True)

    def put_pack(self, call: Call) -> Document:
        """PUT /sale/fulfilment/pack."""
        self._refuse_put()
        return self._pack(call, keep=False)

    def post_ship(self, call: Call) -> Document:
        """POST /sale/fulfilment/ship: not once anything of the task is shipped."""
        require(call.body, "TaskID", "Status")
        sale, task = self._task(parse_guid(call.body["TaskID"], "TaskID"))
        if "AUTHORISED" in task["Ship"]["Status"]:
            raise Refusal(f"Ship cannot be changed in status {task['Ship']['Status']}")
        return self._ship(call.body, sale, task, task["Ship"]["Lines"])

    def put_ship(self, call: Call) -> Document:
        """PUT /sale/fulfilment/ship: every box of the pack has to be listed.

        On an authorised shipment AddTrackingNumbers changes numbers and carriers; what a PUT
        without it does there is a setting.
        """
        self._refuse_put()
        body = call.body
        require(body, "TaskID", "Status")
        sale, task = self._task(parse_guid(body["TaskID"], "TaskID"))
        if boolean(body, "AddTrackingNumbers", False):
            return self._track(body, sale, task)
        if task["Ship"]["Status"] == "AUTHORISED" and self._settings.shipped_put == "dropped":
            return shown_stage(task, "Ship")
        listed = {name for row in rows(body, "Lines") for name in boxes_of(_boxes_sent(row))}
        if missing := [name for name in boxes(task) if name not in listed]:
            raise Refusal(f"Box '{missing[0]}' of the pack is not listed")
        return self._ship(body, sale, task, [])

    def with_numbers(self, put: Callable[[Call], Document], call: Call) -> Document:
        """PUT /sale, with AddTrackingNumbers and the numbers of its Fulfilments where an account
        takes them."""
        answer, body = put(call), call.body
        nested = boolean(body, "AddTrackingNumbers", False) and rows(body, "Fulfilments")
        if self._settings.nested_tracking == "ignored" or not nested:
            return answer
        for fulfilment in nested:
            require(fulfilment, "TaskID")
            sale, task = self._task(parse_guid(fulfilment["TaskID"], "TaskID"))
            self._track(part(fulfilment, "Ship") or {}, sale, task)
        return answer | {"Fulfilments": shown_tasks(self._sales.find(answer["ID"]))}

    def _pick(self, call: Call, *, keep: bool) -> Document:
        body = call.body
        require(body, "TaskID")
        sale, task = self._task(parse_guid(body["TaskID"], "TaskID"), opens=True)
        if body.get("AutoPickMode") is not None:
            if body["AutoPickMode"] != "AUTOPICK" or rows(body, "Lines"):
                raise Refusal("AutoPickMode must be AUTOPICK, and without Lines.")
            wanted = [
                {"SKU": line["SKU"], "Quantity": part["Quantity"]}
                | {"Warehouse": part["Location"], "Bin": part["Bin"]}
                for line, part in self._fulfilment.free(sale)
            ]
            authorise = body.get("Status") is None or _authorises(body)
        else:
            authorise = _authorises(body)
            wanted = _kept(task["Pick"]["Lines"]) if keep else []
            wanted += [self._line(row) for row in rows(body, "Lines")]
        self._fulfilment.pick(sale, task, wanted, authorise)
        return shown_stage(task, "Pick")

    def _pack(self, call: Call, *, keep: bool) -> Document:
        body = call.body
        require(body, "TaskID", "Status")
        sale, task = self._task(parse_guid(body["TaskID"], "TaskID"))
        wanted = _kept(task["Pack"]["Lines"]) if keep else []
        for row in rows(body, "Lines"):
            require(row, "Box")
            wanted.append(self._line(row) | {"Box": text(row, "Box", 256)})
        self._fulfilment.pack(sale, task, wanted, _authorises(body))
        return shown_stage(task, "Pack")

    def _line(self, row: Body) -> Document:
        """A row of a pick or pack. A location is required (a real account insists on it)."""
        product = self._products.on_line(row)
        place = read_place(self._books, row)
        if place is None:
            raise Refusal("Required attribute Location is not provided.")
        quantity = number(row, "Quantity", 4)
        if quantity < self._settings.min_quantity:
            raise Refusal(f"Quantity must be at least {self._settings.min_quantity}")
        warehouse, bin_name = place
        return {
            "SKU": product["SKU"],
            "Quantity": quantity,
            "Warehouse": warehouse,
            "Bin": bin_name,
        }

    def _ship(self, body: Body, sale: Sale, task: Document, kept: list[Document]) -> Document:
        status = body["Status"]
        if status not in ("DRAFT", "AUTHORISED", "PARTIALLY AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT, PARTIALLY AUTHORISED or AUTHORISED.")
        lines = [self._consignment(row) for row in rows(body, "Lines")]
        due, notes = moment_of(body, "RequireBy"), text(body, "ShippingNotes", 1024)
        self._fulfilment.ship(sale, task, [*kept, *lines], status != "DRAFT")
        if due is not None:
            sale.header["ShipBy"] = task["Ship"]["RequireBy"] = midnight(due)
        if notes is not None:
            task["Ship"]["ShippingNotes"] = notes
        if due is not None or notes is not None:
            self._sales.save(sale)
        return shown_stage(task, "Ship")

    def _consignment(self, row: Body) -> Document:
        """TrackingURL is read-only: it is the carrier's, whatever is sent."""
        shipped_on = moment_of(row, "ShipmentDate")
        if shipped_on is None:
            raise Refusal("Required attribute ShipmentDate is not provided.")
        return _boxes_sent(row) | {
            "ShipmentDate": midnight(shipped_on),
            "Carrier": self._carrier(row) or self._books.named.names("carrier")[0],
            "TrackingNumber": text(row, "TrackingNumber", 256) or "",
            "IsShipped": boolean(row, "IsShipped", False),
        }

    def _carrier(self, row: Body) -> str | None:
        name = text(row, "Carrier", 256)
        return (
            self._books.listed(name, self._books.named.names("carrier"), "Carrier")
            if name
            else None
        )

    def _track(self, body: Body, sale: Sale, task: Document) -> Document:
        """Numbers and carriers of rows that are there, by their ID or else their boxes."""
        found = []
        for row in rows(body, "Lines"):
            row_id = parse_guid(row["ID"], "ID") if row.get("ID") else None
            names = None if row_id else _boxes_sent(row)["Boxes"]
            line = next(
                (each for each in task["Ship"]["Lines"] if row_id == each["ID"])
                if row_id
                else (each for each in task["Ship"]["Lines"] if names == each["Boxes"]),
                None,
            )
            if line is None:
                raise Refusal("Shipment line was not found")
            found.append((line, text(row, "TrackingNumber", 256), self._carrier(row)))
        for line, tracking, carrier in found:
            self._fulfilment.track(sale, line, number=tracking, carrier=carrier)
        return shown_stage(task, "Ship")

    def _stage(self, call: Call, stage: str) -> Document:
        _, task = self._task(call.query.required_guid("TaskID"), opens=False)
        info = call.query.boolean("IncludeProductInfo") or False
        return shown_stage(task, stage, product_info=info)

    def _task(self, task_id: str, *, opens: bool = False) -> tuple[Sale, Document]:
        """The sale and its task; the one of a Simple sale begins with its first pick."""
        sale = self._sales.by_task(task_id)
        simple = sale.header["SaleType"] == "Simple"
        if opens and simple and task_id == sale.id and not sale.fulfilments:
            self._fulfilment.open(sale, converts=False)
        return sale, find_task(sale, task_id)

    def _refuse_put(self) -> None:
        if self._settings.fulfilment_put == "refused":
            raise Refusal("Method is not allowed", 405)


def _authorises(body: Body) -> bool:
    require(body, "Status")
    if body["Status"] not in ("DRAFT", "AUTHORISED"):
        raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
    return bool(body["Status"] == "AUTHORISED")


def _boxes_sent(row: Body) -> Document:
    """`Box` on write is `Boxes` on read; several are joined with commas."""
    require(row, "Box")
    return {"Boxes": text(row, "Box", 256)}


def _kept(lines: list[Document]) -> list[Document]:
    """The rows that a stage has, as they would be sent."""
    kept = []
    for line in lines:
        warehouse, _, name = line["Location"].partition(": ")
        kept.append(line | {"Warehouse": warehouse, "Bin": name or None})
    return kept
