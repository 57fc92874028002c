"""What the reference books of a company hold before anybody writes into them: locations, accounts,
banks and payment terms."""

from sfcc_cin7_sandbox.cin7.values import new_id
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document

TAX_ACCOUNT = "820"
SALES_ACCOUNT = "200"
RECEIVABLE_ACCOUNT = "610"

SYSTEM_ACCOUNTS = (
    (SALES_ACCOUNT, "Sales", "REVENUE", "REVENUE", None, None),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", None, None),
    (
        RECEIVABLE_ACCOUNT,
        "Accounts Receivable",
        "CURRENT",
        "ASSET",
        "Accounts receivable",
        "DEBTORS",
    ),
    ("403", "Stock Adjustments", "EXPENSE", "EXPENSE", None, None),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "Accounts payable", "CREDITORS"),
    (TAX_ACCOUNT, "Sales Tax", "CURRLIAB", "LIABILITY", "Tax", "TAX"),
)
TERMS = (("30 days", 30, True), ("Paid online", 0, False))


def locations(world: World) -> list[Document]:
    rows: list[Document] = []
    for position, location in enumerate(world.locations):
        parent = new_id("location", location.name)
        children = [(name, new_id("bin", f"{location.name}/{name}")) for name in location.bins]
        bins = [
            {"ID": bin_id.upper(), "Name": name, "IsDeprecated": False, "IsStaging": False}
            for name, bin_id in children
        ]
        rows.append(
            _location(parent, location.name, None, None)
            | {"IsDefault": position == 0, "Bins": bins, "ReferenceCount": 1}
        )
        rows += [_location(bin_id, name, parent, location.name) for name, bin_id in children]
    return rows


def _location(own: str, name: str, parent: str | None, parent_name: str | None) -> Document:
    return {
        "ID": own,
        "Name": name,
        "IsDefault": False,
        "IsDeprecated": False,
        "Bins": None,
        "FixedAssetsLocation": False,
        "ParentID": parent,
        "ParentName": parent_name,
        "ReferenceCount": 0,
        "AddressLine1": "",
        "AddressLine2": "",
        "AddressCitySuburb": "",
        "AddressStateProvince": "",
        "AddressZipPostCode": "",
        "AddressCountry": "",
        "PickZones": None,
        "IsShopfloor": False,
        "IsCoMan": False,
        "IsStaging": False,
    }


def accounts(world: World) -> list[Document]:
    banks = [(code, name, "BANK", "ASSET", None, None) for code, name in world.bank_accounts]
    return [
        {
            "Code": code,
            "Status": "ACTIVE",
            "Name": name,
            "Type": kind,
            "Description": "",
            "Class": account_class,
            "SystemAccount": system,
            "SystemAccountCode": system_code,
            "BankAccountNumber": None,
            "BankAccountId": None,
            "ForPayments": kind == "BANK",
            "DisplayName": f"{code}: {name}",
            "OldCode": None,
        }
        for code, name, kind, account_class, system, system_code in (*SYSTEM_ACCOUNTS, *banks)
    ]


def bank(code: str, name: str, world: World) -> Document:
    return {
        "AccountID": new_id("account", code),
        "Bank": "Unknown Bank",
        "AccountName": name,
        "AccountNumber": "No Number",
        "AccountCode": code,
        "Currency": world.base_currency,
        "StatementBalance": 0,
        "BalanceInDear": 0,
        "InitialBalance": 0,
    }
