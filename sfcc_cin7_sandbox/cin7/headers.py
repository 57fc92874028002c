"""The header of a sale: what POST and PUT /sale accept, and the defaults of the customer card."""

from datetime import datetime
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.customers import Customers
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import (
    Body,
    boolean,
    midnight,
    moment_of,
    number,
    parse_guid,
    part,
    require,
    text,
)
from sfcc_cin7_sandbox.shelf import Document

_ADDRESS = {"Line1": 256, "Line2": 256, "City": 256, "State": 256, "Postcode": 20, "Country": 256}
_SHIPPING = _ADDRESS | {"Company": 128, "Contact": 512}
_ATTRIBUTES = tuple(f"AdditionalAttribute{position}" for position in range(1, 11))
_PLAIN = {
    "Contact": 256,
    "Phone": 50,
    "Email": 256,
    "ShippingNotes": 1024,
    "Note": 1024,
    "CustomerReference": 256,
}


def read_header(
    body: Body,
    books: Books,
    customers: Customers,
    settings: Cin7Settings,
    base_currency: str,
    now: datetime,
    *,
    put_back: bool = False,
) -> Document:
    """The header that a body describes; raises Refusal at the first attribute that is wrong.

    What is left out comes from the customer card, and so does an address of which only the ID is
    sent. With `put_back` an address may be blank, as a sale without one is read. CurrencyRate is
    base currency units for one unit of the customer's currency, to 5 places. Unknown keys, lines
    and an order among them, are ignored (Cin7 API reference, Sale POST/PUT attributes).
    """
    customer = customers.find(body)
    contacts = (row for row in customer["Contacts"] if row["Default"])
    contact: Document = next(contacts, {})
    if settings.location_required:
        require(body, "Location")
    header: Document = {name: text(body, name, limit) for name, limit in _PLAIN.items()}
    header["Contact"] = header["Contact"] or contact.get("Name") or ""
    header["Phone"] = header["Phone"] or contact.get("Phone") or ""
    header["Email"] = header["Email"] or contact.get("Email") or ""
    for name in ("ShippingNotes", "Note", "CustomerReference"):
        header[name] = header[name] or ""
    account = text(body, "DefaultAccount", 50) or customer["RevenueAccount"]
    location = text(body, "Location", 256) or customer["Location"] or books.default_location()
    carrier = text(body, "Carrier", 256) or customer["Carrier"]
    representative = text(body, "SalesRepresentative", 256) or customer["SalesRepresentative"]
    tier = text(body, "PriceTier", 50) or customer["PriceTier"] or books.price_tiers[0]
    header |= {
        "Customer": customer["Name"],
        "CustomerID": customer["ID"],
        "CustomerCurrency": customer["Currency"],
        "DefaultAccount": books.account(account)["Code"],
        "Location": books.location(location)["Name"],
        "LocationID": books.location(location)["ID"],
        "TaxRule": books.tax_rule(text(body, "TaxRule", 50) or customer["TaxRule"])["Name"],
        "TaxInclusive": boolean(body, "TaxInclusive", False),
        "Terms": books.term(text(body, "Terms", 256) or customer["PaymentTerm"]),
        "PriceTier": books.price_tier(tier),
        "Carrier": carrier and books.listed(carrier, books.named.names("carrier"), "Carrier"),
        "SalesRepresentative": representative
        and books.listed(representative, settings.sales_representatives, "Sales representative"),
        "ExternalID": text(body, "ExternalID", 256),
        "CurrencyRate": _rate(body, customer["Currency"], base_currency),
        "AdditionalAttributes": _attributes(part(body, "AdditionalAttributes") or {}),
        "SkipQuote": boolean(body, "SkipQuote", False),
        "ServiceOnly": boolean(body, "ServiceOnly", False),
        "SaleType": body.get("SaleType") or settings.default_sale_type,
    }
    if header["SaleType"] not in ("Simple", "Advanced"):
        raise Refusal("Attribute SaleType must be Simple or Advanced.")
    ship_by, ordered = moment_of(body, "ShipBy"), moment_of(body, "SaleOrderDate") or now
    if settings.lock_date is not None and ordered.date() <= settings.lock_date:
        raise Refusal(f"SaleOrderDate is not after the lock date {settings.lock_date}")
    header["ShipBy"] = midnight(ship_by) if ship_by else None
    header["SaleOrderDate"] = midnight(ordered)
    billing, shipping = part(body, "BillingAddress"), part(body, "ShippingAddress")
    header["BillingAddress"] = _address(billing, customer, "Billing", _ADDRESS, put_back)
    header["ShippingAddress"] = _address(shipping, customer, "Shipping", _SHIPPING, put_back)
    header["ShippingAddress"]["ShipToOther"] = boolean(shipping or {}, "ShipToOther", False)
    return header


def _rate(body: Body, currency: str, base_currency: str) -> Decimal:
    if currency == base_currency:
        return Decimal(1)
    if body.get("CurrencyRate") is None:
        raise Refusal("Please specify CurrencyRate")
    rate = number(body, "CurrencyRate", 5)
    if rate <= 0:
        raise Refusal("Attribute CurrencyRate is out of range.")
    return rate


def _attributes(body: Body) -> Document:
    return {
        name: text(body, name, 256, label=name.replace("Attribute", " Attribute ")) or ""
        for name in _ATTRIBUTES
    }


def _card(customer: Document, kind: str) -> Document | None:
    found = [row for row in customer["Addresses"] if row["Type"] == kind and row["DefaultForType"]]
    return found[0] if found else None


def _address(
    sent_one: Body | None, customer: Document, kind: str, limits: dict[str, int], put_back: bool
) -> Document:
    """The address with its composed, read-only display lines; an absent one is blank."""
    body = sent_one or _card(customer, kind)
    is_blank = body is not None and not any(body.get(name) for name in limits)
    if sent_one and is_blank and sent_one.get("ID"):
        wanted = parse_guid(sent_one["ID"], "ID")
        body = next((row for row in customer["Addresses"] if row["ID"] == wanted), None)
        if body is None:
            raise Refusal("Address with specified ID not found")
    elif put_back and is_blank:
        body = None
    if body is not None:
        if not body.get("Country"):
            raise Refusal("Country is required for address")
        require(body, "Line1")
    sent = body or {}
    address: Document = {name: text(sent, name, limit) or "" for name, limit in limits.items()}
    town = (address[name] for name in ("City", "State", "Postcode", "Country"))
    address["DisplayAddressLine1"] = f"{address['Line1']} {address['Line2']}".strip()[:256]
    address["DisplayAddressLine2"] = " ".join(filter(None, town))[:256]
    return address
