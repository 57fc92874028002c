"""The attributes of a product: which ones can be written, and what they may hold.

Source: Cin7 API reference, Product; what POST and PUT say of each attribute.
"""

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import Body, boolean, number, part, require, text
from sfcc_cin7_sandbox.shelf import Document

_TEXTS = {
    "Name": 256,
    "DefaultLocation": 50,
    "Barcode": 256,
    "ShortDescription": 500,
    "Description": 100_000,
    "InternalNote": 4000,
    "Tags": 256,
    "StockLocator": 256,
    "PickZones": 256,
    "HSCode": 200,
    "CountryOfOrigin": 256,
    "CountryOfOriginCode": 2,
    "WeightUnits": 10,
    "DimensionsUnits": 10,
    "AssemblyInstructionURL": 256,
    "AssemblyCostEstimationMethod": 256,
    **{f"AdditionalAttribute{position}": 256 for position in range(1, 11)},
}
_MEASURES = (
    "Length",
    "Width",
    "Height",
    "Weight",
    "CartonLength",
    "CartonWidth",
    "CartonHeight",
    "CartonQuantity",
    "CartonInnerQuantity",
    "MinimumBeforeReorder",
    "ReorderQuantity",
    "QuantityToProduce",
)
_FLAGS = ("Sellable", "BillOfMaterial", "AutoAssembly", "AutoDisassembly")
_ACCOUNTS = ("COGSAccount", "RevenueAccount", "ExpenseAccount", "InventoryAccount")
_TAX_RULES = ("PurchaseTaxRule", "SaleTaxRule")
_DROP_SHIP = ("No Drop Ship", "Optional Drop Ship", "Always Drop Ship")
TIERS = tuple(f"PriceTier{position}" for position in range(1, 11))
_COSTING = ("FIFO", "FEFO - Batch", "FIFO - Batch", "FIFO - Serial Number", "Special - Batch",
            "Special - Serial Number", "FEFO - Serial Number")  # fmt: skip
_STATUSES = ("Active", "Setup required", "Deprecated")

BLANK: Document = {
    "Brand": None,
    "CostingMethod": "FIFO",
    "DropShipMode": "No Drop Ship",
    "DefaultLocation": None,
    "Length": 0,
    "Width": 0,
    "Height": 0,
    "Weight": 0,
    "CartonLength": 0,
    "CartonWidth": 0,
    "CartonHeight": 0,
    "CartonQuantity": 0,
    "CartonInnerQuantity": 0,
    "UOM": "Item",
    "WeightUnits": "g",
    "DimensionsUnits": "cm",
    "Barcode": "",
    "MinimumBeforeReorder": 0,
    "ReorderQuantity": 0,
    **dict.fromkeys(TIERS, 0),
    "AverageCost": 0,
    "ShortDescription": "",
    "Description": "",
    "InternalNote": "",
    **{f"AdditionalAttribute{position}": "" for position in range(1, 11)},
    "AttributeSet": None,
    "DiscountRule": None,
    "Tags": "",
    "Status": "Active",
    "StockLocator": "",
    "COGSAccount": None,
    "RevenueAccount": None,
    "ExpenseAccount": None,
    "InventoryAccount": None,
    "PurchaseTaxRule": None,
    "SaleTaxRule": None,
    "Sellable": True,
    "PickZones": "",
    "BillOfMaterial": False,
    "AutoAssembly": False,
    "AutoDisassembly": False,
    "QuantityToProduce": 1,
    "AssemblyInstructionURL": "",
    "AssemblyCostEstimationMethod": "Average Cost",
    "BOMType": "None",
    "HSCode": "",
    "CountryOfOrigin": "",
    "CountryOfOriginCode": "",
    "Suppliers": [],
    "ReorderLevels": [],
    "BillOfMaterialsProducts": [],
    "BillOfMaterialsServices": [],
    "Movements": [],
    "Attachments": [],
    "CustomPrices": [],
}


def read_product(body: Body, settings: Cin7Settings, books: Books) -> Document:
    """The writable attributes that the body carries, checked; read-only ones are left aside.

    Raises Refusal for the first that is wrong.
    """
    read: Document = {}
    for name, limit in _TEXTS.items():
        label = name.replace("AdditionalAttribute", "Additional Attribute ")
        value = text(body, name, limit, label=label)
        if value is not None:
            read[name] = value
    for name in _MEASURES:
        if body.get(name) is not None:
            read[name] = number(body, name, 4)
            if read[name] < 0:
                raise Refusal(f"{name} value can't be less than zero.")
    if body.get("Category"):
        known = {name.casefold(): name for name in books.named.names("category")}
        category = str(text(body, "Category", 256)).casefold()
        if category not in known:
            raise Refusal("Category not found.", 404)
        read["Category"] = known[category]
    if body.get("Brand"):
        brand = str(text(body, "Brand", 50))
        read["Brand"] = books.listed(brand, books.named.names("brand"), "Brand", 404)
    if body.get("UOM"):
        read["UOM"] = books.listed(
            str(text(body, "UOM", 50)), books.named.names("unit"), "Unit", 404
        )
    for name in _TAX_RULES:
        if body.get(name):
            read[name] = books.tax_rule(str(text(body, name, 50)))["Name"]
    for name in _ACCOUNTS:
        if body.get(name):
            read[name] = books.account(str(text(body, name, 50)))["Code"]
    if body.get("AttributeSet"):
        chosen = str(text(body, "AttributeSet", 50))
        sets = settings.attribute_sets
        read["AttributeSet"] = books.listed(chosen, sets, "AttributeSet", 404)
    fixed = (("CostingMethod", _COSTING), ("Status", _STATUSES), ("DropShipMode", _DROP_SHIP))
    for name, known_values in fixed:
        if body.get(name) is not None:
            if body[name] not in known_values:
                raise Refusal(f"Attribute {name} has an unknown value.")
            read[name] = body[name]
    for name in _FLAGS:
        if body.get(name) is not None:
            read[name] = boolean(body, name, True)
    if read.get("BillOfMaterial"):
        needed = ("QuantityToProduce", "AssemblyCostEstimationMethod")
        require(body, *needed)
    tiers = part(body, "PriceTiers") or {}
    for field, name in zip(TIERS, books.price_tiers, strict=True):
        if body.get(field) is not None:
            read[field] = number(body, field, 4)
        if tiers.get(name) is not None:
            read[field] = number(tiers, name, 4)
    return read
