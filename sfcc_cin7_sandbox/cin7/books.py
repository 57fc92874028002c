"""Reference books: tax rules, locations, price tiers, accounts and payment terms.

Names are compared without case and nothing is created implicitly (Cin7 API reference, Reference
Books).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7 import opening_books as opening
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.named_books import NamedBooks
from sfcc_cin7_sandbox.cin7.pages import Call, page_of, single
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import boolean, new_id, require, rows, text
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document, Shelf


class Books:
    """The reference data of one company."""

    def __init__(self, world: World, shelf: Shelf, settings: Cin7Settings, faults: Faults) -> None:
        self._shelf = shelf
        self._settings = settings
        self._faults = faults
        self.named = NamedBooks(shelf, settings, faults)
        """Brands, categories, units and carriers."""
        self._locations = opening.locations(world)
        self._bins = {location.name: location.bins for location in world.locations}
        self._accounts = opening.accounts(world)
        self._banks = [opening.bank(code, name, world) for code, name in world.bank_accounts]
        self._terms = [
            {
                "ID": new_id("term", name),
                "Name": name,
                "Duration": days,
                "Method": "number of days",
                "IsActive": True,
                "IsDefault": default,
            }
            for name, days, default in opening.TERMS
        ]
        names = [*world.price_tiers]
        names += [f"Tier {position}" for position in range(len(names) + 1, 11)]
        self.price_tiers = tuple(names)
        self._taxes = shelf.load("cin7.tax")
        if not self._taxes:
            for rule in world.tax_rules:
                self.create_tax_rule(rule.name, rule.percent)

    # -- what the other parts of the emulator ask for, by name or code

    def tax_rule(self, name: str) -> Document:
        """The active sale tax rule of this name. Raises Refusal."""
        rule = _named(self._taxes.values(), name)
        if rule is None or not rule["IsActive"] or not rule["IsTaxForSale"]:
            raise Refusal(f"Tax Rule '{name}' was not found in reference book")
        return rule

    def purchase_tax_rule(self, name: str) -> Document:
        """The active purchase tax rule of this name. Raises Refusal."""
        rule = _named(self._taxes.values(), name)
        if rule is None or not rule["IsActive"] or not rule["IsTaxForPurchase"]:
            raise Refusal(f"Tax Rule '{name}' was not found in reference book")
        return rule

    def location(self, name: str) -> Document:
        """The warehouse of this name. Raises Refusal."""
        found = _named((row for row in self._locations if row["ParentID"] is None), name)
        if found is None:
            raise Refusal(f"Location {name} was not found in Locations reference book")
        return found

    def place(self, location_id: str) -> tuple[str, str | None]:
        """Warehouse and bin of this ID; a warehouse has no bin. Raises Refusal."""
        for row in self._locations:
            if row["ID"] == location_id:
                inside = row["ParentName"]
                return (inside, row["Name"]) if inside else (row["Name"], None)
        raise Refusal("Location with specified ID was not found in Locations reference book")

    def bins(self, location: str) -> tuple[str, ...]:
        """Names of the bins of a warehouse."""
        return self._bins[location]

    def location_names(self) -> list[str]:
        return list(self._bins)

    def default_location(self) -> str:
        return next(iter(self._bins))

    def price_tier(self, name: str) -> str:
        """The tier's name as stored. Raises Refusal."""
        for tier in self.price_tiers:
            if tier.casefold() == name.casefold():
                return tier
        raise Refusal(f"Price Tier '{name}' was not found in reference book")

    def term(self, name: str) -> str:
        """The active payment term's name as stored. Raises Refusal."""
        term = _named((row for row in self._terms if row["IsActive"]), name)
        if term is None:
            raise Refusal(
                f"Active payment term with name {name} was not found in Payment Terms"
                " reference book"
            )
        return str(term["Name"])

    def account(self, code: str) -> Document:
        """Raises Refusal."""
        for account in self._accounts:
            if account["Code"] == code:
                return account
        raise Refusal("Account with specified ID not found")

    def payment_account(self, code: str) -> Document:
        """An account that may receive payments. Raises Refusal."""
        account = self.account(code)
        if not account["ForPayments"]:
            raise Refusal(f"Account {code} cannot be used for payments")
        return account

    def tracking_url(self, carrier: str, number: str) -> str:
        """Where a parcel can be followed; empty where the carrier tells nothing."""
        template = dict(self._settings.carrier_urls).get(carrier, "")
        return template.format(number=number) if number else ""

    def default_tax_rule(self) -> Document:
        return next(iter(self._taxes.values()))

    def default_term(self) -> str:
        return next(str(term["Name"]) for term in self._terms if term["IsDefault"])

    def listed(self, name: str, among: tuple[str, ...], book: str, status: int = 400) -> str:
        """The name as stored in one of the simple books. Raises Refusal."""
        for known in among:
            if known.casefold() == name.casefold():
                return known
        raise Refusal(f"{book} '{name}' was not found in reference book", status)

    def create_tax_rule(self, name: str, percent: Decimal) -> Document:
        """A sale tax rule of one component; `percent` is 0-100."""
        return self._put_tax(
            {
                "ID": new_id("tax", name),
                "Name": name,
                "Account": opening.TAX_ACCOUNT,
                "IsActive": True,
                "TaxInclusive": False,
                "TaxPercent": percent,
                "IsTaxForSale": True,
                "IsTaxForPurchase": False,
                "Components": [
                    {
                        "ID": new_id("tax-component", name).upper(),
                        "Name": "Tax",
                        "Percent": f"{percent:.10f}",
                        "AccountCode": opening.TAX_ACCOUNT,
                        "Compound": "0",
                        "ComponentOrder": "1",
                    }
                ],
            }
        )

    def use_tax_rule(self, name: str, in_use: bool) -> None:
        """A tax rule is taken out of use, or put back. Raises Refusal for an unknown one."""
        rule = _named(self._taxes.values(), name)
        if rule is None:
            raise Refusal(f"Tax Rule '{name}' was not found in reference book")
        self._put_tax(rule | {"IsActive": in_use})

    def rename_location(self, name: str, to: str) -> None:
        """A warehouse, and the warehouse that its bins name. Raises Refusal."""
        if _named((row for row in self._locations if row["ParentID"] is None), to):
            raise Refusal("Specified attribute 'Name' already exists")
        old = self.location(name)["Name"]
        for row in self._locations:
            row |= {name: to for name in ("Name", "ParentName") if row[name] == old}
        self._bins[to] = self._bins.pop(old)

    def tax_rules(self) -> list[Document]:
        return list(self._taxes.values())

    # -- the endpoints

    def get_tax(self, call: Call) -> Document:
        """GET /ref/tax; Name starts with."""
        query = call.query
        found = _filtered(
            _name_filtered(self._taxes.values(), call),
            ID=query.guid("ID"),
            IsActive=query.boolean("IsActive"),
            IsTaxForSale=query.boolean("IsTaxForSale"),
            IsTaxForPurchase=query.boolean("IsTaxForPurchase"),
            Account=query.text("Account"),
        )
        return page_of(call, "TaxRuleList", found, dict, self._faults)

    def post_tax(self, call: Call) -> Document:
        """POST /ref/tax; TaxPercent is read-only, the components make it."""
        body = call.body
        require(body, "Name", "Account", "IsActive", "TaxInclusive")
        name = str(text(body, "Name", 50))
        if _named(self._taxes.values(), name) is not None:
            raise Refusal("Specified attribute 'Name' already exists")
        self.account(str(text(body, "Account", 50)))
        components = [_component(row, name, at) for at, row in enumerate(rows(body, "Components"))]
        rule = self._put_tax(
            {
                "ID": new_id("tax", name),
                "Name": name,
                "Account": body["Account"],
                "IsActive": boolean(body, "IsActive", True),
                "TaxInclusive": boolean(body, "TaxInclusive", False),
                "TaxPercent": sum((Decimal(row["Percent"]) for row in components), Decimal(0)),
                "IsTaxForSale": boolean(body, "IsTaxForSale", False),
                "IsTaxForPurchase": boolean(body, "IsTaxForPurchase", False),
                "Components": components,
            }
        )
        return single("TaxRuleList", rule)

    def get_locations(self, call: Call) -> Document:
        """GET /ref/location: warehouses and, as rows of their own, their bins."""
        query = call.query
        found = _filtered(
            _name_filtered(self._locations, call),
            ID=query.guid("ID"),
            IsDeprecated=query.boolean("Deprecated"),
        )
        return page_of(call, "LocationList", found, dict, self._faults)

    def get_price_tiers(self, _call: Call) -> Document:
        """GET /ref/priceTier: always ten, unpaged."""
        return {
            "PriceTiers": [
                {"Code": code, "Name": name} for code, name in enumerate(self.price_tiers, 1)
            ]
        }

    def get_accounts(self, call: Call) -> Document:
        """GET /ref/account; an unknown Code is refused, not an empty list."""
        query = call.query
        code = query.text("Code")
        found = self._accounts if code is None else [self.account(code)]
        found = _filtered(
            _name_filtered(found, call), Type=query.text("Type"), Status=query.text("Status")
        )
        return page_of(call, "AccountsList", found, dict, self._faults)

    def get_banks(self, call: Call) -> Document:
        """GET /ref/account/bank."""
        query = call.query
        found = _filtered(
            self._banks,
            AccountID=query.guid("ID"),
            AccountName=query.text("Name"),
            Bank=query.text("Bank"),
        )
        return page_of(call, "BankAccountsList", found, dict, self._faults)

    def get_terms(self, call: Call) -> Document:
        """GET /ref/paymentterm."""
        query = call.query
        found = _filtered(
            _name_filtered(self._terms, call),
            ID=query.guid("ID"),
            Method=query.text("Method"),
            IsActive=query.boolean("IsActive"),
            IsDefault=query.boolean("IsDefault"),
        )
        return page_of(call, "PaymentTermList", found, dict, self._faults)

    def _put_tax(self, rule: Document) -> Document:
        self._taxes[rule["ID"]] = rule
        self._shelf.put("cin7.tax", rule["ID"], rule)
        return rule


def _named(found: Iterable[Document], name: str) -> Document | None:
    return next((row for row in found if row["Name"].casefold() == name.casefold()), None)


def _name_filtered(found: Iterable[Document], call: Call) -> list[Document]:
    prefix = (call.query.text("Name") or "").casefold()
    return [row for row in found if row["Name"].casefold().startswith(prefix)]


def _filtered(found: Iterable[Document], **wanted: Any) -> list[Document]:
    asked = {key: value for key, value in wanted.items() if value is not None}
    return [row for row in found if all(row[key] == value for key, value in asked.items())]


def _component(body: Any, rule: str, position: int) -> Document:
    require(body, "Name", "Percent")
    try:
        percent = Decimal(body["Percent"])
    except (ArithmeticError, TypeError, ValueError):
        raise Refusal("Attribute Percent must be a number.") from None
    if not 0 <= percent <= 100:
        raise Refusal("Attribute Percent is out of range.")
    return {
        "ID": new_id("tax-component", f"{rule}/{position}").upper(),
        "Name": text(body, "Name", 50),
        "Percent": f"{percent:.10f}",
        "AccountCode": body.get("AccountCode") or "",
        "Compound": "0",
        "ComponentOrder": str(position + 1),
    }
