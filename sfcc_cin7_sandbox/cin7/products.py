"""The product book (Cin7 API reference, Product)."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.pages import Call, page_of, single
from sfcc_cin7_sandbox.cin7.product_fields import BLANK, TIERS, read_product
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    new_id,
    parse_guid,
    require,
    stamp,
    text,
)
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import Sku, World
from sfcc_cin7_sandbox.shelf import Document, Shelf


class Products:
    """The product book. A stored product holds only what differs from a blank one."""

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
        self.on_change: Callable[[Document, bool], None] = lambda _product, _created: None
        """Told of every product that is kept, as the API shows it, and whether it is new."""
        self.mark_ups: dict[str, Decimal] = {}
        """Tiers (`PriceTier4`) that are so many times the average cost."""
        self._by_id: dict[str, Document] = shelf.load("cin7.product")
        if not self._by_id:
            modified = stamp(clock.now())
            currencies = [site.currency for site in world.sites]
            seeded = (self._seeded(sku, currencies, modified) for sku in world.skus if sku.in_erp)
            self._by_id = {product["ID"]: product for product in seeded}
            shelf.put_many("cin7.product", self._by_id)
        self._by_sku = {row["SKU"]: row for row in self._by_id.values()}
        self._by_folded_sku = {row["SKU"].casefold(): row for row in self._by_id.values()}
        self._services = {
            row["Name"]: row for row in self._by_id.values() if row["Type"] == "Service"
        }

    # -- what orders ask for

    def on_line(self, line: Body) -> Document:
        """The product that an order line names by ProductID, or by SKU alone. Raises Refusal."""
        status = self._settings.unknown_sku_status
        sku = text(line, "SKU", 50)
        if line.get("ProductID"):
            product = self._by_id.get(parse_guid(line["ProductID"], "ProductID"))
            if product is None:
                raise Refusal("Product with specified ID not found", status)
        elif sku:
            known = self._by_sku if self._settings.sku_case_sensitive else self._by_folded_sku
            product = known.get(sku if self._settings.sku_case_sensitive else sku.casefold())
            if product is None:
                raise Refusal(f"Product with SKU '{sku}' was not found", status)
        else:
            raise Refusal("Required attribute SKU is not provided.")
        if product["Type"] == "Service":
            raise Refusal(f"Service product '{product['SKU']}' belongs in AdditionalCharges")
        if product.get("Status", "Active") != "Active":
            raise Refusal(f"Product '{product['SKU']}' is not active")
        return product

    def service(self, name: str) -> Document:
        """The service product that an additional charge describes by Name. Raises Refusal."""
        service = self._services.get(name)
        if service is None or service.get("Status", "Active") != "Active":
            raise Refusal(f"Service product '{name}' was not found")
        return service

    def stocked(self, sku: str) -> Document:
        """A stock product by exact SKU. Raises KeyError."""
        product = self._by_sku[sku]
        if product["Type"] != "Stock":
            raise KeyError(sku)
        return product

    def set_status(self, sku: str, status: str) -> None:
        """Somebody changes it by hand. Raises KeyError."""
        self._put(self._by_sku[sku] | {"Status": status})

    def rename(self, sku: str, to: str) -> None:
        """It gets another SKU by hand. Raises KeyError; Refusal when the SKU exists."""
        product = self._by_sku[sku]
        self._refuse_known_sku(to)
        del self._by_sku[sku], self._by_folded_sku[sku.casefold()]
        self._put(product | {"SKU": to})

    def set_cost(self, sku: str, cost: Decimal) -> None:
        """Its average cost from now on, in base currency, and tiers with it. Raises KeyError."""
        marked_up = {tier: round(cost * by, 4) for tier, by in self.mark_ups.items()}
        self._put(self._by_sku[sku] | {"AverageCost": cost, **marked_up})

    def set_price(self, sku: str, tier: int, price: Decimal) -> None:
        """Its price in a tier, from 1. Raises KeyError."""
        self._put(self._by_sku[sku] | {TIERS[tier - 1]: price})

    def assemble_from(self, sku: str, components: Mapping[str, Decimal]) -> None:
        """An order of it makes what it lacks out of these units of others. Raises KeyError."""
        bill = [
            {
                "ComponentProductID": self._by_sku[component]["ID"],
                "ProductCode": component,
                "Name": self._by_sku[component]["Name"],
                "Quantity": units,
                "WastagePercent": 0,
                "WastageQuantity": 0,
                "CostPercentage": 0,
            }
            for component, units in components.items()
        ]
        kind = {"BillOfMaterial": True, "AutoAssembly": True, "BOMType": "Assembly"}
        self._put(self._by_sku[sku] | kind | {"BillOfMaterialsProducts": bill})

    def components(self, sku: str) -> dict[str, Decimal]:
        """Units by SKU that an order of one makes it of; none where it has to be there."""
        product = self._by_sku[sku]
        if not product.get("AutoAssembly"):
            return {}
        bill = product["BillOfMaterialsProducts"]
        return {part["ProductCode"]: Decimal(part["Quantity"]) for part in bill}

    def cost(self, sku: str) -> Decimal:
        """The average cost of a unit, in the base currency. Raises KeyError."""
        return Decimal(self._by_sku[sku].get("AverageCost", ZERO))

    def edit(self, sku: str, **changes: object) -> None:
        """Somebody edits attributes by hand, checked as the API does. Raises KeyError; Refusal."""
        changed = read_product(changes, self._settings, self._books)
        self._put(self._by_sku[sku] | changed)

    def shown(self, sku: str) -> Document:
        """A product as the API shows it. Raises KeyError."""
        return self._document(self._by_sku[sku])

    def all(self) -> Iterable[Document]:
        return self._by_id.values()

    def create(
        self,
        sku: str,
        *,
        name: str | None = None,
        service: bool = False,
        price: Decimal = ZERO,
        cost: Decimal = ZERO,
        barcode: str = "",
    ) -> Document:
        """Somebody adds a product by hand. Raises Refusal when the SKU exists."""
        self._refuse_known_sku(sku)
        return self._put(
            {
                "ID": new_id("product", sku),
                "SKU": sku,
                "Name": name or sku,
                "Category": self._books.named.names("category")[0],
                "Type": "Service" if service else "Stock",
                "PriceTier1": price,
                "AverageCost": cost,
                "Barcode": barcode,
            }
        )

    # -- the endpoints

    def get(self, call: Call) -> Document:
        """GET /product; deprecated products only when asked for."""
        query = call.query
        wanted, since = query.guid("ID"), query.moment("ModifiedSince")
        prefix = (query.text("Name") or "").casefold()
        matches = sku_filter(self._settings, query.text("Sku"))
        deprecated = query.boolean("IncludeDeprecated") or False
        changed = stamp(since) if since else ""
        bills = query.boolean("IncludeBOM") or False
        found = [
            product
            for product in self._by_id.values()
            if (deprecated or product.get("Status") != "Deprecated")
            and (wanted is None or product["ID"] == wanted)
            and product["LastModifiedOn"] >= changed
            and product["Name"].casefold().startswith(prefix)
            and matches(product["SKU"])
        ]

        def shown(product: Document) -> Document:
            return self._document(product) | ({} if bills else {"BillOfMaterialsProducts": []})

        return page_of(call, "Products", found, shown, self._faults)

    def post(self, call: Call) -> Document:
        """POST /product; no upsert."""
        body = call.body
        require(body, "SKU", "Name", "Category", "Type", "CostingMethod", "UOM", "Status")
        sku = str(text(body, "SKU", 50))
        self._refuse_known_sku(sku)
        if body["Type"] not in ("Stock", "Service"):
            raise Refusal("Attribute Type must be Stock or Service.")
        if body.get("Suppliers"):
            raise Refusal("Suppliers cannot be set when a product is created.")
        changes = read_product(body, self._settings, self._books)
        if not any(tier in changes for tier in TIERS):
            raise Refusal("PriceTiers value cannot be empty")
        product = {"ID": new_id("product", sku), "SKU": sku, "Type": body["Type"], **changes}
        return single("Products", self._document(self._put(product)))

    def put(self, call: Call) -> Document:
        """PUT /product; what is left out stays, SKU and Type cannot change."""
        body = call.body
        require(body, "ID")
        product = self._by_id.get(parse_guid(body["ID"], "ID"))
        if product is None:
            raise Refusal("Product with specified ID not found", 404)
        for fixed in ("SKU", "Type"):
            if body.get(fixed) not in (None, product[fixed]):
                raise Refusal(f"Attribute {fixed} cannot be changed.")
        if self._services.get(product["Name"]) is product:
            del self._services[product["Name"]]
        return single(
            "Products",
            self._document(self._put(product | read_product(body, self._settings, self._books))),
        )

    def _refuse_known_sku(self, sku: str) -> None:
        if sku.casefold() in self._by_folded_sku:
            raise Refusal("Specified attribute 'SKU' already exists")

    def _put(self, product: Document) -> Document:
        product = product | {"LastModifiedOn": stamp(self._clock.now())}
        created = product["ID"] not in self._by_id
        self._by_id[product["ID"]] = product
        self._by_sku[product["SKU"]] = product
        self._by_folded_sku[product["SKU"].casefold()] = product
        if product["Type"] == "Service":
            self._services[product["Name"]] = product
        self._shelf.put("cin7.product", product["ID"], product)
        self.on_change(self._document(product), created)
        return product

    def _document(self, product: Document) -> Document:
        full = BLANK | product
        tiers = zip(self._books.price_tiers, TIERS, strict=True)
        return full | {"PriceTiers": {name: full[field] for name, field in tiers}}

    def _seeded(self, sku: Sku, currencies: list[str], modified: str) -> Document:
        service = sku.kind in ("option", "service")
        prices = zip(TIERS, currencies, strict=False)
        return {
            "ID": new_id("product", sku.id),
            "SKU": sku.id,
            "Name": sku.name,
            "Category": self._books.named.names("category")[0],
            "Type": "Service" if service else "Stock",
            "Barcode": sku.ean,
            "AverageCost": sku.cost,
            **{tier: sku.prices[currency] for tier, currency in prices if currency in sku.prices},
            "LastModifiedOn": modified,
        }


def sku_filter(settings: Cin7Settings, wanted: str | None) -> Callable[[str], bool]:
    """What the query key Sku lets through."""
    if wanted is None:
        return lambda _sku: True
    folded = wanted.casefold()
    return {
        "prefix": lambda sku: sku.casefold().startswith(folded),
        "contains": lambda sku: folded in sku.casefold(),
        "exact": lambda sku: sku.casefold() == folded,
    }[settings.sku_filter]
