"""Suppliers (Cin7 API reference, Supplier): cards like those of customers, for what is bought."""

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call, page_of, single
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    boolean,
    new_id,
    number,
    parse_guid,
    require,
    rows,
    stamp,
    text,
)
from sfcc_cin7_sandbox.shelf import Document

SUPPLIER = "Sandbox Supplies"
"""Who people of the house buy from."""
_ATTRIBUTES = tuple(f"AdditionalAttribute{position}" for position in range(1, 11))
_REQUIRED = ("Name", "Currency", "PaymentTerm", "AccountPayable", "TaxRule", "Status")
_TEXTS = {"Name": 256, "Comments": 256, "TaxNumber": 50, **dict.fromkeys(_ATTRIBUTES, 256)}
_ADDRESS = {"Line1": 256, "Line2": 256, "City": 256, "State": 256, "Postcode": 20, "Country": 256}
_CONTACT = {
    "Name": 256,
    "Phone": 50,
    "MobilePhone": 50,
    "Fax": 50,
    "Email": 256,
    "Website": 256,
    "Comment": 256,
}


class Suppliers:
    """The supplier book. Names are unique."""

    def __init__(self, office: Office) -> None:
        self._books = office.shelves.books
        self._shelf, self._clock, self._faults = office.shelf, office.clock, office.faults
        self._base_currency = office.base_currency
        self._by_id: dict[str, Document] = self._shelf.load("cin7.supplier")
        if not self._by_id:
            self._put(
                {
                    "ID": new_id("supplier", SUPPLIER),
                    "Name": SUPPLIER,
                    "Currency": self._base_currency,
                    "PaymentTerm": self._books.default_term(),
                    "AccountPayable": "800",
                    "TaxRule": None,
                    "Status": "Active",
                }
            )

    def find(self, body: Body) -> Document:
        """The active supplier that a purchase names by SupplierID or Supplier. Raises Refusal."""
        if body.get("SupplierID"):
            found = self._by_id.get(parse_guid(body["SupplierID"], "SupplierID"))
        else:
            require(body, "Supplier")
            found = self._named(str(text(body, "Supplier", 256)))
        if found is None or found["Status"] != "Active":
            raise Refusal("Supplier was not found")
        return _whole(found)

    def get(self, call: Call) -> Document:
        """GET /supplier; Name starts with."""
        query = call.query
        wanted, since = query.guid("ID"), query.moment("ModifiedSince")
        prefix = (query.text("Name") or "").casefold()
        deprecated = query.boolean("IncludeDeprecated") or False
        found = [
            supplier
            for supplier in self._by_id.values()
            if (wanted is None or supplier["ID"] == wanted)
            and (deprecated or supplier["Status"] == "Active")
            and supplier["Name"].casefold().startswith(prefix)
            and supplier["LastModifiedOn"] >= (stamp(since) if since else "")
        ]
        return page_of(call, "SupplierList", found, _whole, self._faults)

    def post(self, call: Call) -> Document:
        """POST /supplier."""
        require(call.body, *_REQUIRED)
        key = new_id("supplier", f"{call.body['Name']}/{len(self._by_id)}")
        return self._answer({"ID": key} | self._read(call.body, key))

    def put(self, call: Call) -> Document:
        """PUT /supplier: what is left out stays; entries with a known ID change, others are
        added."""
        require(call.body, "ID", *(name for name in _REQUIRED if name in call.body))
        key = parse_guid(call.body["ID"], "ID")
        if key not in self._by_id:
            raise Refusal("Supplier with specified ID not found", 404)
        known, changes = self._by_id[key], self._read(call.body, key)
        for part in ("Addresses", "Contacts"):
            entries = [*known.get(part, []), *changes.get(part, [])]
            changes[part] = list({row["ID"]: row for row in entries}.values())
        return self._answer(known | changes)

    def _read(self, body: Body, own: str) -> Document:
        read: Document = {}
        for name, longest in _TEXTS.items():
            if (value := text(body, name, longest)) is not None:
                read[name] = value
        known = self._named(read["Name"]) if "Name" in read else None
        if known is not None and known["ID"] != own:
            raise Refusal("Specified attribute 'Name' already exists")
        if (status := body.get("Status")) is not None:
            if status not in ("Active", "Deprecated"):
                raise Refusal("Attribute Status has an unknown value.")
            read["Status"] = status
        if (currency := text(body, "Currency", 3)) is not None:
            if len(currency) != 3 or not currency.isalpha():
                raise Refusal(f"Currency '{currency}' was not found")
            read["Currency"] = currency.upper()
        if value := text(body, "PaymentTerm", 256):
            read["PaymentTerm"] = self._books.term(value)
        if value := text(body, "AccountPayable", 50):
            if self._books.account(value)["SystemAccountCode"] != "CREDITORS":
                raise Refusal(f"Account {value} is not an accounts payable account")
            read["AccountPayable"] = value
        if value := text(body, "TaxRule", 50):
            read["TaxRule"] = self._books.purchase_tax_rule(value)["Name"]
        if body.get("Discount") is not None:
            read["Discount"] = number(body, "Discount", 0)
            if not 0 <= read["Discount"] <= 100:
                raise Refusal("Attribute Discount is out of range.")
        if "Addresses" in body:
            read["Addresses"] = [_address(row, own) for row in rows(body, "Addresses")]
        if "Contacts" in body:
            read["Contacts"] = [_contact(row, own) for row in rows(body, "Contacts")]
        return read

    def _named(self, name: str) -> Document | None:
        folded = name.casefold()
        return next((s for s in self._by_id.values() if s["Name"].casefold() == folded), None)

    def _answer(self, supplier: Document) -> Document:
        return single("SupplierList", _whole(self._put(supplier)))

    def _put(self, supplier: Document) -> Document:
        supplier = supplier | {"LastModifiedOn": stamp(self._clock.now())}
        self._by_id[supplier["ID"]] = supplier
        self._shelf.put("cin7.supplier", supplier["ID"], supplier)
        return supplier


def _whole(supplier: Document) -> Document:
    blank: Document = dict.fromkeys(("Comments", "TaxNumber", *_ATTRIBUTES), "")
    blank |= {"Discount": ZERO, "AttributeSet": None, "Addresses": [], "Contacts": []}
    return blank | supplier


def _address(body: Body, supplier: str) -> Document:
    if not body.get("Country"):
        raise Refusal("Country is required for address")
    require(body, "Line1", "Type")
    if body["Type"] not in ("Billing", "Business", "Shipping"):
        raise Refusal("Attribute Type has an unknown value.")
    return {name: text(body, name, longest) for name, longest in _ADDRESS.items()} | {
        "ID": _entry_id(body, f"{supplier}/{body['Type']}/{body['Line1']}"),
        "Type": body["Type"],
        "DefaultForType": boolean(body, "DefaultForType", False),
        "SupplierID": supplier,
    }


def _contact(body: Body, supplier: str) -> Document:
    require(body, "Name")
    return {name: text(body, name, longest) for name, longest in _CONTACT.items()} | {
        "ID": _entry_id(body, f"{supplier}/contact/{body['Name']}"),
        "Default": boolean(body, "Default", False),
        "IncludeInEmail": boolean(body, "IncludeInEmail", False),
        "SupplierID": supplier,
    }


def _entry_id(body: Body, otherwise: str) -> str:
    return parse_guid(body["ID"], "ID") if body.get("ID") else new_id("entry", otherwise)
