"""What a Cin7 account has to work with: looked for once, or named by the engineer."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from sfcc_cin7.conformance.cin7.calls import Calls, Row
from sfcc_cin7.conformance.probe import CannotProbe
from sfcc_cin7.conformance.subjects import Subjects
from sfcc_cin7.conformance.wire import Wire
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO


class Holdings(Calls):
    """The account's own customers, products and reference books. Each raises CannotProbe."""

    def __init__(
        self,
        wire: Wire,
        connection: Cin7Connection,
        clock: Clock,
        subjects: Subjects,
        calls_per_minute: int,
    ) -> None:
        super().__init__(wire, connection, clock, calls_per_minute)
        self._subjects = subjects

    @cached_property
    def me(self) -> Row:
        return self.get("me").document("GET /me")

    @cached_property
    def customers(self) -> list[Row]:
        wanted = self._subjects.customer
        rows = self.rows("customer", "CustomerList", **({"Name": wanted} if wanted else {}))
        return [row for row in rows if wanted is None or row["Name"] == wanted]

    @cached_property
    def customer(self) -> Row:
        """An active customer in the base currency."""
        base = self.me["Currency"]
        return _first(
            (row for row in self.customers if row["Currency"] == base),
            f"a customer in {base}: create one, or name it with --customer",
        )

    @cached_property
    def warehouses(self) -> list[str]:
        rows = self.rows("ref/location", "LocationList", Limit="1000")
        usable = (row for row in rows if not row.get("IsDeprecated") and not row.get("ParentID"))
        return [row["Name"] for row in usable]

    @cached_property
    def tax_rule(self) -> Row:
        """An active sale tax rule above 0 %."""
        rows = self.rows("ref/tax", "TaxRuleList", Limit="1000")
        usable = (r for r in rows if r.get("IsActive") and r.get("IsTaxForSale"))
        return _first((r for r in usable if r["TaxPercent"] > 0), "a sale tax rule above 0 %")

    @cached_property
    def products(self) -> list[Row]:
        """Up to a thousand products."""
        return self.rows("product", "Products", Limit="1000")

    @cached_property
    def service(self) -> Row:
        """A Service product."""
        rows = (row for row in self.products if row["Type"] == "Service")
        return _first(rows, "a Service product")

    @cached_property
    def availability(self) -> list[Row]:
        """Up to a thousand rows of the availability list, as they were at the first look."""
        return self.rows(
            "ref/productavailability", "ProductAvailabilityList", Page="1", Limit="1000"
        )

    @cached_property
    def goods(self) -> tuple[str, str]:
        """SKU and location of a stock product with at least three units available."""
        sums: dict[tuple[str, str], Decimal] = {}
        for row in self.availability:
            place = (row["SKU"], row["Location"])
            sums[place] = sums.get(place, ZERO) + row["Available"]
        wanted = self._subjects.sku
        ample = [p for p, units in sums.items() if units >= 3 and wanted in (None, p[0])]
        if not ample:
            raise CannotProbe("the account has no stock: name a product with --sku")
        return max(ample, key=lambda place: sums[place])

    @property
    def sku(self) -> str:
        return self.goods[0]

    @property
    def location(self) -> str:
        return self.goods[1]

    @cached_property
    def product(self) -> Row:
        """The product document of `sku`."""
        return self.product_of(self.sku)

    @cached_property
    def payment_account(self) -> str:
        rows = self.rows("ref/account", "AccountsList", Limit="1000")
        usable = (row for row in rows if row.get("ForPayments") and row.get("Status") == "ACTIVE")
        return str(_first(usable, "an account that takes payments")["Code"])

    def product_of(self, sku: str) -> Row:
        rows = self.rows("product", "Products", Sku=sku, IncludeDeprecated="true", Limit="1000")
        return _first((row for row in rows if row["SKU"] == sku), "the product of the probe")


def _first(rows: Iterable[Row], what: str) -> Row:
    for row in rows:
        return row
    raise CannotProbe(f"the account lacks {what}")
