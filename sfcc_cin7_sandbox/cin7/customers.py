"""Customer cards."""

from collections.abc import Callable
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.opening_books import RECEIVABLE_ACCOUNT, SALES_ACCOUNT
from sfcc_cin7_sandbox.cin7.pages import Call, page_of, single
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import (
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
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document, Shelf

_REQUIRED = (
    "Name",
    "Status",
    "Currency",
    "PaymentTerm",
    "AccountReceivable",
    "RevenueAccount",
    "TaxRule",
)
_ATTRIBUTES = tuple(f"AdditionalAttribute{position}" for position in range(1, 11))
_TEXTS = {
    "Name": 256,
    "DisplayName": 256,
    "Comments": 2000,
    "TaxNumber": 50,
    "Tags": 256,
    **dict.fromkeys(_ATTRIBUTES, 256),
}
_ADDRESS = {"Line1": 256, "Line2": 256, "City": 256, "State": 256, "Postcode": 20, "Country": 256}
_CONTACT = {
    "Name": 256,
    "JobTitle": 256,
    "Phone": 50,
    "MobilePhone": 50,
    "Fax": 50,
    "Email": 256,
    "Website": 256,
    "Comment": 256,
}
_BLANK: Document = {
    "DisplayName": None,
    "Carrier": None,
    "SalesRepresentative": None,
    "Location": None,
    "Discount": 0,
    "Comments": None,
    "PriceTier": None,
    "TaxNumber": None,
    **dict.fromkeys(_ATTRIBUTES),
    "AttributeSet": None,
    "Tags": None,
    "CreditLimit": 0,
    "IsOnCreditHold": False,
    "IsLegalEntity": False,
    "CustomerParentID": None,
    "CustomerParentName": None,
    "IsBillParent": False,
    "ProductPrices": [],
    "Addresses": [],
    "Contacts": [],
    "ChildCustomers": [],
}


class Customers:
    """The customer book (Cin7 API reference, Customer)."""

    def __init__(
        self,
        world: World,
        shelf: Shelf,
        clock: Clock,
        settings: Cin7Settings,
        faults: Faults,
        books: Books,
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._settings = settings
        self._faults = faults
        self._books = books
        self.on_change: Callable[[Document], None] = lambda _customer: None
        """Told of every card that is kept."""
        self._by_id: dict[str, Document] = shelf.load("cin7.customer")
        if not self._by_id:
            for site, tier in zip(world.sites, books.price_tiers, strict=False):
                if self._named(site.customer) is None:
                    self._seed(site.customer, site.currency, site.location, tier)

    def find(self, body: Body) -> Document:
        """The active customer that a sale names by CustomerID or Customer. Raises Refusal."""
        if body.get("CustomerID"):
            customer = self._by_id.get(parse_guid(body["CustomerID"], "CustomerID"))
            if customer is None:
                raise Refusal("Customer with specified ID not found")
        else:
            require(body, "Customer")
            name = str(text(body, "Customer", 256))
            customer = self._named(name)
            if customer is None:
                raise Refusal(f"Customer '{name}' was not found")
        if customer["Status"] != "Active":
            raise Refusal(f"Customer '{customer['Name']}' is deprecated")
        return customer

    def remember_address(self, customer_id: str, address: Document) -> None:
        """Adds a shipping address with an unknown Line1 to the card."""
        customer = self._by_id[customer_id]
        if any(known["Line1"] == address["Line1"] for known in customer["Addresses"]):
            return
        number_of = len(customer["Addresses"])
        added = {key: address.get(key) for key in _ADDRESS} | {
            "ID": new_id("address", f"{customer['ID']}/{number_of}"),
            "Type": "Shipping",
            "DefaultForType": False,
        }
        self._put(customer | {"Addresses": [*customer["Addresses"], added]})

    # -- the endpoints

    def get(self, call: Call) -> Document:
        """GET /customer; Name starts with, ContactFilter matches a name's start or an e-mail."""
        query = call.query
        wanted, since = query.guid("ID"), query.moment("ModifiedSince")
        prefix = (query.text("Name") or "").casefold()
        contact = query.text("ContactFilter")
        deprecated = query.boolean("IncludeDeprecated") or False
        changed = stamp(since) if since else ""
        found = [
            customer
            for customer in self._by_id.values()
            if (wanted is None or customer["ID"] == wanted)
            and (deprecated or customer["Status"] == "Active")
            and customer["Name"].casefold().startswith(prefix)
            and customer["LastModifiedOn"] >= changed
            and (contact is None or _has_contact(customer, contact.casefold()))
        ]
        return page_of(call, "CustomerList", found, dict, self._faults)

    def post(self, call: Call) -> Document:
        """POST /customer; Name is unique."""
        body = call.body
        require(body, *_REQUIRED)
        own_id = new_id("customer", body["Name"])
        if own_id in self._by_id:  # of a card that had this name and was given another
            own_id = new_id("customer", f"{body['Name']}/{len(self._by_id)}")
        return single("CustomerList", self._put(_BLANK | {"ID": own_id} | self._read(body, own_id)))

    def put(self, call: Call) -> Document:
        """PUT /customer; what is left out stays, an empty string clears."""
        require(call.body, "ID", *(name for name in _REQUIRED if call.body.get(name) is not None))
        customer = self._by_id.get(parse_guid(call.body["ID"], "ID"))
        if customer is None:
            raise Refusal("Customer with specified ID not found", 404)
        changes = self._read(call.body, customer["ID"])
        for name in ("Addresses", "Contacts"):
            changes[name] = _merged(customer[name], changes.get(name, []))
        return single("CustomerList", self._put(customer | changes))

    def _read(self, body: Body, own_id: str) -> Document:
        books, settings = self._books, self._settings
        read: Document = {}
        for name, limit in _TEXTS.items():
            label = name.replace("AdditionalAttribute", "Additional Attribute ")
            if (value := text(body, name, limit, label=label)) is not None:
                read[name] = value
        if "Name" in read:
            known = self._named(read["Name"])
            if known is not None and known["ID"] != own_id:
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
            read["PaymentTerm"] = books.term(value)
        if value := text(body, "AccountReceivable", 50):
            if books.account(value)["SystemAccountCode"] != "DEBTORS":
                raise Refusal(f"Account {value} is not an accounts receivable account")
            read["AccountReceivable"] = value
        if value := text(body, "RevenueAccount", 50):
            if books.account(value)["Type"] != "REVENUE":
                raise Refusal(f"Account {value} is not a revenue account")
            read["RevenueAccount"] = value
        if value := text(body, "TaxRule", 50):
            read["TaxRule"] = books.tax_rule(value)["Name"]
        if (value := text(body, "PriceTier", 50)) is not None:
            read["PriceTier"] = books.price_tier(value) if value else None
        if (value := text(body, "Location", 256)) is not None:
            read["Location"] = books.location(value)["Name"] if value else None
        if (value := text(body, "Carrier", 256)) is not None:
            listed = books.listed(value, books.named.names("carrier"), "Carrier") if value else None
            read["Carrier"] = listed
        if (value := text(body, "SalesRepresentative", 256)) is not None:
            people = settings.sales_representatives
            listed = books.listed(value, people, "Sales representative") if value else None
            read["SalesRepresentative"] = listed
        if body.get("Discount") is not None:
            read["Discount"] = number(body, "Discount", 2)
            if not 0 <= read["Discount"] <= 100:
                raise Refusal("Attribute Discount is out of range.")
        if body.get("CreditLimit") is not None:
            read["CreditLimit"] = number(body, "CreditLimit", 4)
        if body.get("IsOnCreditHold") is not None:
            read["IsOnCreditHold"] = boolean(body, "IsOnCreditHold", False)
        if "Addresses" in body:
            read["Addresses"] = [_address(row, own_id) for row in rows(body, "Addresses")]
        if "Contacts" in body:
            read["Contacts"] = [_contact(row, own_id) for row in rows(body, "Contacts")]
        return read

    def _named(self, name: str) -> Document | None:
        folded = name.casefold()
        return next((c for c in self._by_id.values() if c["Name"].casefold() == folded), None)

    def _put(self, customer: Document) -> Document:
        customer = customer | {"LastModifiedOn": stamp(self._clock.now())}
        self._by_id[customer["ID"]] = customer
        self._shelf.put("cin7.customer", customer["ID"], customer)
        self.on_change(customer)
        return customer

    def _seed(self, name: str, currency: str, location: str, tier: str) -> None:
        self._put(
            _BLANK
            | {
                "ID": new_id("customer", name),
                "Name": name,
                "DisplayName": name,
                "Status": "Active",
                "Currency": currency,
                "PaymentTerm": self._books.default_term(),
                "AccountReceivable": RECEIVABLE_ACCOUNT,
                "RevenueAccount": SALES_ACCOUNT,
                "TaxRule": self._books.default_tax_rule()["Name"],
                "PriceTier": tier,
                "Location": location,
                "Discount": Decimal(0),
            }
        )


def _address(body: Body, customer: str) -> Document:
    if not body.get("Country"):
        raise Refusal("Country is required for address")
    require(body, "Line1", "Type")
    if body["Type"] not in ("Billing", "Business", "Shipping"):
        raise Refusal("Attribute Type has an unknown value.")
    return {name: text(body, name, limit) for name, limit in _ADDRESS.items()} | {
        "ID": _entry_id(body, f"{customer}/{body['Type']}/{body['Line1']}"),
        "Type": body["Type"],
        "DefaultForType": boolean(body, "DefaultForType", False),
    }


def _contact(body: Body, customer: str) -> Document:
    require(body, "Name")
    consent = number(body, "MarketingConsent", 0, default=Decimal(1))
    if consent not in (1, 2, 3):
        raise Refusal("Attribute MarketingConsent is out of range.")
    return {name: text(body, name, limit) for name, limit in _CONTACT.items()} | {
        "ID": _entry_id(body, f"{customer}/contact/{body['Name']}"),
        "Default": boolean(body, "Default", False),
        "IncludeInEmail": boolean(body, "IncludeInEmail", False),
        "MarketingConsent": int(consent),
    }


def _entry_id(body: Body, otherwise: str) -> str:
    return parse_guid(body["ID"], "ID") if body.get("ID") else new_id("entry", otherwise)


def _merged(known: list[Document], sent: list[Document]) -> list[Document]:
    """Entries with a known ID are updated, others added."""
    return list(({row["ID"]: row for row in known} | {row["ID"]: row for row in sent}).values())


def _has_contact(customer: Document, wanted: str) -> bool:
    return any(
        contact["Name"].casefold().startswith(wanted)
        or (contact["Email"] or "").casefold() == wanted
        for contact in customer["Contacts"]
    )
