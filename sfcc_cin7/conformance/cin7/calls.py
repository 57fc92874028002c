"""Raw calls to Cin7 Core within the call limit, and the lists that many probes read."""

from decimal import Decimal
from typing import Any

from sfcc_cin7.conformance.limiter import CallLimiter
from sfcc_cin7.conformance.wire import Answer, Wire
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO

Row = dict[str, Any]


class Calls:
    """The calls of one application key."""

    def __init__(
        self, wire: Wire, connection: Cin7Connection, clock: Clock, calls_per_minute: int
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.limiter = CallLimiter(clock, calls_per_minute)
        self._wire = wire

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "api-auth-accountid": self.connection.account_id,
            "api-auth-applicationkey": self.connection.key("stock"),
        }

    def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        content: str | None = None,
        governed: bool = True,
    ) -> Answer:
        """One call; `headers` are added to, or put in place of, the usual ones."""
        url = f"{self.connection.url.rstrip('/')}/{path}"
        usual = self.credentials | {"Accept": "application/json"}
        if method in ("POST", "PUT"):
            usual["Content-Type"] = "application/json"
        return self._wire.send(
            method,
            url,
            limiter=self.limiter if governed else None,
            params=params,
            headers=usual | (headers or {}),
            body=body,
            content=content,
            once=not governed,
        )

    def get(self, path: str, **params: str) -> Answer:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body=body)

    def rows(self, path: str, key: str, **params: str) -> list[Row]:
        """The rows of one page. Raises CannotProbe."""
        return self.get(path, **params).rows(key, f"GET /{path}")

    def sale_rows(self, **params: str) -> list[Row]:
        return self.rows("saleList", "SaleList", **({"Limit": "1000"} | params))

    def stock_rows(self, **params: str) -> list[Row]:
        query = {"Page": "1", "Limit": "1000"} | params
        return self.rows("ref/productavailability", "ProductAvailabilityList", **query)

    def available(self, sku: str, location: str) -> Decimal:
        """Units available now."""
        rows = self.stock_rows(Sku=sku)
        mine = (r for r in rows if r["SKU"] == sku and r["Location"] == location)
        return sum((row["Available"] for row in mine), ZERO)

    def void(self, sale_id: str) -> Answer:
        return self.call("DELETE", "sale", params={"ID": sale_id, "Void": "true"})
