"""The register of webhooks (Cin7 API reference, Webhooks). Secrets are shown in clear, as there."""

import re
from urllib.parse import urlsplit

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.values import Body, new_id, parse_guid, require, rows, text
from sfcc_cin7_sandbox.shelf import Document, Shelf

MOST_OF_ONE_TYPE = 5
NAMES = {
    "Sale/Created": "Sale has been created",
    "Sale/QuoteAuthorised": "Sale quote has been authorised",
    "Sale/OrderAuthorised": "Sale order has been authorised",
    "Sale/Voided": "Sale has been voided",
    "Sale/Backordered": "Sale has been backordered",
    "Sale/ShipmentAuthorised": "Sale shipment has been authorised",
    "Sale/InvoiceAuthorised": "Sale invoice has been authorised",
    "Sale/PickAuthorised": "Sale pick has been authorised",
    "Sale/PackAuthorised": "Sale pack has been authorised",
    "Sale/CreditNoteAuthorised": "Sale credit note has been authorised",
    "Sale/Undo": "Sale has been undone",
    "Sale/PartialPaymentReceived": "Sale has been partially paid",
    "Sale/FullPaymentReceived": "Sale has been fully paid",
    "Sale/AttachmentAdded": "Sale attachment has been added",
    "Sale/AdditionalAttributesChanged": "Sale additional attributes have been changed",
    "Sale/ShipmentTrackingNumberChanged": "Sale shipment tracking number has been changed",
    "Purchase/OrderAuthorised": "Purchase order has been authorised",
    "Purchase/InvoiceAuthorised": "Purchase invoice has been authorised",
    "Purchase/StockReceivedAuthorised": "Purchase stock received has been authorised",
    "Purchase/CreditNoteAuthorised": "Purchase credit note has been authorised",
    "Purchase/Updated": "Purchase has been updated",
    "Customer/Updated": "Customer has been updated",
    "Supplier/Updated": "Supplier has been updated",
    "Product/Updated": "Product has been updated",
    "Stock/AvailableStockLevelChanged": "Available stock level has been changed",
    "Lead/Updated": "Lead has been updated",
    "Lead/Converted": "Lead has been converted",
    "Opportunity/Authorized": "Opportunity has been authorised",
    "Opportunity/AttachmentAdded": "Opportunity attachment has been added",
    "Opportunity/Voided": "Opportunity has been voided",
    "Opportunity/Converted": "Opportunity has been converted",
    "Task/Overdue": "Task is overdue",
}
AUTHORIZATIONS = ("noauth", "basicauth", "bearerauth")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Webhooks:
    """Who is to be told of what. At most five webhooks have one type."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._by_id: dict[str, Document] = shelf.load("cin7.webhook")
        self._made = int(shelf.load("cin7.webhooks").get("made", {}).get("count", 0))

    def of(self, kind: str) -> list[Document]:
        """The active ones of a type."""
        return [hook for hook in self._by_id.values() if hook["Type"] == kind and hook["IsActive"]]

    def find(self, hook_id: str) -> Document | None:
        return self._by_id.get(hook_id)

    def deactivate(self, hook_id: str) -> None:
        """Nobody was there at the last try."""
        self._put(self._by_id[hook_id] | {"IsActive": False})

    # -- the endpoints

    def get(self, _call: Call) -> Document:
        """GET /webhooks: all of them."""
        return {"Webhooks": list(self._by_id.values())}

    def post(self, call: Call) -> Document:
        """POST /webhooks; ID and Name are not taken from the body."""
        hook = _read(call.body)
        self._refuse_too_many(hook["Type"], None)
        self._made += 1
        self._shelf.put("cin7.webhooks", "made", {"count": self._made})
        return {"Webhooks": [self._put({"ID": new_id("webhook", self._made)} | hook)]}

    def put(self, call: Call) -> Document:
        """PUT /webhooks: the whole webhook again; what is left out is cleared."""
        require(call.body, "ID")
        hook_id = parse_guid(call.body["ID"], "ID")
        if hook_id not in self._by_id:
            raise Refusal("Webhook with specified ID not found", 404)
        hook = _read(call.body)
        self._refuse_too_many(hook["Type"], hook_id)
        return {"Webhooks": [self._put({"ID": hook_id} | hook)]}

    def delete(self, call: Call) -> Document:
        """DELETE /webhooks?ID."""
        hook_id = call.query.required_guid("ID")
        if self._by_id.pop(hook_id, None) is None:
            raise Refusal("Webhook with specified ID not found", 404)
        self._shelf.delete("cin7.webhook", hook_id)
        return {"Webhooks": []}

    def _refuse_too_many(self, kind: str, own_id: str | None) -> None:
        others = [h for h in self._by_id.values() if h["Type"] == kind and h["ID"] != own_id]
        if len(others) >= MOST_OF_ONE_TYPE:
            raise Refusal(f"There are {MOST_OF_ONE_TYPE} webhooks of type {kind} already")

    def _put(self, hook: Document) -> Document:
        self._by_id[hook["ID"]] = hook
        self._shelf.put("cin7.webhook", hook["ID"], hook)
        return hook


def _read(body: Body) -> Document:
    require(body, "Type", "ExternalURL", "ExternalAuthorizationType")
    if not isinstance(body.get("IsActive"), bool):
        raise Refusal("Required attribute IsActive is not provided.")
    if body["Type"] not in NAMES:
        raise Refusal("Attribute Type has an unknown value.")
    authorization = body["ExternalAuthorizationType"]
    if authorization not in AUTHORIZATIONS:
        raise Refusal("Attribute ExternalAuthorizationType has an unknown value.")
    if authorization == "basicauth":
        require(body, "ExternalUserName", "ExternalPassword")
    if authorization == "bearerauth":
        require(body, "ExternalBearerToken")
    url = str(text(body, "ExternalURL", 2048))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal("Attribute ExternalURL is not a valid URL.")
    return {
        "Type": body["Type"],
        "Name": NAMES[body["Type"]],
        "IsActive": body["IsActive"],
        "ExternalURL": url,
        "ExternalAuthorizationType": authorization,
        "ExternalUserName": text(body, "ExternalUserName", 256) or "",
        "ExternalPassword": text(body, "ExternalPassword", 256) or "",
        "ExternalBearerToken": text(body, "ExternalBearerToken", 4096) or "",
        "ExternalHeaders": [_header(row) for row in rows(body, "ExternalHeaders")],
    }


def _header(row: Body) -> Document:
    require(row, "Key")
    key, value = str(text(row, "Key", 256)), text(row, "Value", 4096) or ""
    if not HEADER_NAME.fullmatch(key) or not value.isprintable() or not value.isascii():
        raise Refusal("Attribute ExternalHeaders has an unusable header.")
    return {"Key": key, "Value": value}
