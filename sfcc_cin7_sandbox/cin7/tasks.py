"""Fulfilment tasks of a sale as documents: what a task holds, and how it is shown.

A task is kept as the API shows it (Cin7 API reference, Sale Fulfilment) but for LinkedInvoiceNumber
and FulFilmentStatus, which follow from other things. `Lines` of Pick and Pack are units by bin, of
Ship one row for each consignment of boxes.
"""

from collections.abc import Iterable
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.sale import Sale
from sfcc_cin7_sandbox.cin7.values import ZERO
from sfcc_cin7_sandbox.shelf import Document

STAGES = ("Pick", "Pack", "Ship")
SENT = ("AUTHORISED", "PARTIALLY AUTHORISED")
PRODUCT_INFO: Document = {
    "ProductLength": 0,
    "ProductWidth": 0,
    "ProductHeight": 0,
    "ProductWeight": 0,
    "WeightUnits": "",
    "DimensionsUnits": "",
    **{f"ProductCustomField{position}": None for position in range(1, 11)},
}
"""What a line says of its product beside ID, SKU and name; nothing is known of any of them."""


def new_task(sale: Sale, task_id: str) -> Document:
    """A further task, of which nothing is picked yet."""
    address = {key: value for key, value in sale.header["ShippingAddress"].items() if key != "ID"}
    numbers = [task["FulfillmentNumber"] for task in sale.fulfilments]
    return {
        "TaskID": task_id,
        "FulfillmentNumber": max(numbers, default=0) + 1,
        "Pick": {"Status": "DRAFT", "Lines": []},
        "Pack": {"Status": "NOT AVAILABLE", "Lines": []},
        "Ship": {
            "Status": "NOT AVAILABLE",
            "RequireBy": sale.header["ShipBy"],
            "ShippingAddress": address,
            "ShippingNotes": sale.header["ShippingNotes"],
            "Lines": [],
        },
    }


def find_task(sale: Sale, task_id: str) -> Document:
    """Raises Refusal."""
    for task in sale.fulfilments:
        if task["TaskID"] == task_id:
            return task
    raise Refusal("Task with specified ID not found", 404)


def is_void(task: Document) -> bool:
    return bool(task["Pick"]["Status"] == "VOIDED")


def boxes(task: Document) -> list[str]:
    """The boxes of the pack stage, in the order in which they were filled."""
    return list(dict.fromkeys(row["Box"] for row in task["Pack"]["Lines"]))


def boxes_of(consignment: Document) -> list[str]:
    """The boxes of one row of Ship, which names several with commas between."""
    return [name.strip() for name in consignment["Boxes"].split(",")]


def boxes_sent(task: Document) -> set[str]:
    """The boxes that left."""
    return {
        name
        for consignment in task["Ship"]["Lines"]
        if consignment["IsShipped"]
        for name in boxes_of(consignment)
    }


def parcels_sent(sale: Sale) -> list[Document]:
    """Consignments that left: `{FulfillmentNumber, Boxes, Carrier, TrackingNumber, Units}`, units
    by SKU."""
    return [
        {
            "FulfillmentNumber": task["FulfillmentNumber"],
            "Boxes": line["Boxes"],
            "Carrier": line["Carrier"],
            "TrackingNumber": line["TrackingNumber"],
            "Units": by_sku(row for row in task["Pack"]["Lines"] if row["Box"] in boxes_of(line)),
        }
        for task in sale.live_tasks
        for line in task["Ship"]["Lines"]
        if line["IsShipped"]
    ]


def by_sku(rows: Iterable[Document]) -> dict[str, Decimal]:
    """Units of each SKU."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["SKU"]] = sums.get(row["SKU"], ZERO) + row["Quantity"]
    return sums


def shown_tasks(sale: Sale, *, product_info: bool = False) -> list[Document]:
    """As reads show them, with what the products are like where that is asked for."""
    return [_shown(sale, task, product_info) for task in sale.fulfilments]


def shown_stage(task: Document, stage: str, *, product_info: bool = False) -> Document:
    """One stage by itself, as its own address shows it."""
    return {"TaskID": task["TaskID"]} | _stage(task, stage, product_info, alone=True)


def _shown(sale: Sale, task: Document, product_info: bool) -> Document:
    return {
        "TaskID": task["TaskID"],
        "FulfillmentNumber": task["FulfillmentNumber"],
        "LinkedInvoiceNumber": _invoice_of(sale, task),
        "FulFilmentStatus": _status(task),
        **{stage: _stage(task, stage, product_info) for stage in STAGES},
    }


def _stage(task: Document, stage: str, product_info: bool, *, alone: bool = False) -> Document:
    shown: Document = dict(task[stage])
    if stage == "Ship":
        return shown
    more: Document = {"NonInventory": False} if alone else {}
    if alone and stage == "Pack":
        more["WarrantyRegistrationNumber"] = None
    if product_info:
        more |= PRODUCT_INFO
    return shown | {"Lines": [row | more for row in shown["Lines"]]}


def _status(task: Document) -> str:
    if is_void(task):
        return "VOIDED"
    return {"AUTHORISED": "FULFILLED", "PARTIALLY AUTHORISED": "PARTIALLY FULFILLED"}.get(
        task["Ship"]["Status"], "NOT FULFILLED"
    )


def _invoice_of(sale: Sale, task: Document) -> str:
    """The number of the authorised invoice linked to the task; empty, not null, without one."""
    number = str(task["FulfillmentNumber"])
    linked = (bill for bill in sale.issued if bill["LinkedFulfillmentNumber"] == number)
    return next((str(bill["InvoiceNumber"]) for bill in linked), "")
