"""Raw calls to Commerce Cloud with tokens of any scope, and what their answers say."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sfcc_cin7.conformance.probe import CannotProbe
from sfcc_cin7.conformance.wire import Answer, Wire
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import Clock

Row = dict[str, Any]
Order = tuple[str, str]
"""Site and order number."""


class Calls:
    """The calls of one API client to one instance."""

    def __init__(self, wire: Wire, connection: SfccConnection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
        self._wire = wire
        self._tokens: dict[str, tuple[str, datetime]] = {}

    # Tokens

    def ask_token(
        self,
        scope: str | None = None,
        *,
        auth: tuple[str, str] | None = None,
        path: str = "/dwsso/oauth2/access_token",
    ) -> Answer:
        """The answer of Account Manager; both halves of Basic are percent-encoded."""
        usual = (
            quote(self.connection.client_id, safe=""),
            quote(self.connection.client_secret.get_secret_value(), safe=""),
        )
        return self._wire.send(
            "POST",
            self.connection.account_manager_url.rstrip("/") + path,
            form={
                "grant_type": "client_credentials",
                "scope": self.connection.scope if scope is None else scope,
            },
            auth=auth or usual,
            writes=False,
        )

    def token(self, scope: str | None = None) -> str:
        """A token that is still good for five minutes. Raises CannotProbe."""
        wanted = self.connection.scope if scope is None else scope
        held = self._tokens.get(wanted)
        if held is None or held[1] < self.clock.now():
            answer = self.ask_token(wanted).document("the token")
            good = max(int(answer["expires_in"]) - 300, 0)
            until = self.clock.now() + timedelta(seconds=good)
            held = self._tokens[wanted] = (str(answer["access_token"]), until)
        return held[0]

    # Calls

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        content: str | None = None,
        token: str | None = None,
        writes: bool | None = None,
    ) -> Answer:
        """One call; `headers` are added to, or put in place of, the usual ones."""
        usual = {"Authorization": f"Bearer {token or self.token()}", "Accept": "application/json"}
        if body is not None:
            usual["Content-Type"] = "application/json"
        return self._wire.send(
            method,
            url,
            params=params,
            body=body,
            content=content,
            headers={k: v for k, v in (usual | dict(headers or {})).items() if v},
            writes=writes,
        )

    def list_orders(self, site: str, **params: str) -> Answer:
        url = f"{self.connection.orders_url}/orders"
        return self.call("GET", url, params={"siteId": site, **params})

    def orders(self, site: str, **params: str) -> list[Row]:
        """One page of orders. Raises CannotProbe."""
        return self.list_orders(site, **params).rows("data", "GET /orders")

    def get_order(self, order: Order) -> Answer:
        return self.call("GET", self._order_url(order), params={"siteId": order[0]})

    def order(self, order: Order) -> Row:
        """The order as it is now. Raises CannotProbe."""
        return self.get_order(order).document("GET /orders/{orderNo}")

    def put_status(self, order: Order, kind: str, value: str) -> Answer:
        url = f"{self._order_url(order)}/{kind}"
        return self.call("PUT", url, params={"siteId": order[0]}, body={"status": value})

    def patch_order(self, order: Order, body: Row) -> Answer:
        return self.call("PATCH", self._order_url(order), params={"siteId": order[0]}, body=body)

    def search(self, **body: Any) -> Answer:
        """POST /product-search, which only reads."""
        url = f"{self.connection.products_url}/product-search"
        return self.call("POST", url, body={"query": {"matchAllQuery": {}}, **body}, writes=False)

    def data(self, path: str, **params: str) -> Answer:
        """GET of the OCAPI Data API."""
        return self.call("GET", f"{self.connection.data_url}/{path}", params=params)

    def record(self, list_id: str, sku: str) -> Answer:
        return self.call("GET", self._record_url(list_id, sku))

    def figures(self, list_id: str, sku: str) -> Row:
        """An inventory record. Raises CannotProbe."""
        return self.record(list_id, sku).document("the inventory record")

    def write_record(
        self,
        method: str,
        list_id: str,
        sku: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self.call(method, self._record_url(list_id, sku), body=body, headers=headers)

    def impex(self, method: str, path: str, content: str | None = None) -> Answer:
        """WebDAV below the import folder of the instance; `path` such as `src/folder/file.xml`."""
        base = (
            f"{self.connection.instance_url.rstrip('/')}/on/demandware.servlet/webdav/Sites/Impex"
        )
        return self.call(method, f"{base}/{quote(path)}", content=content)

    def oci(self, group: str, action: str, body: Row) -> Answer:
        """An action on the availability records of Omnichannel Inventory. Raises CannotProbe."""
        tenant = self.connection.scope.split()[0]
        scope = f"{tenant} sfcc.inventory.availability.rw"
        api = f"{self.connection.api_url.rstrip('/')}/inventory/availability/v1/organizations"
        url = f"{api}/{quote(group, safe='')}/availability-records/actions/{action}"
        try:
            token = self.token(scope)
        except CannotProbe:
            raise CannotProbe(
                "the client is given no token for sfcc.inventory.availability.rw: add the scope"
            ) from None
        writes = not action.startswith("get-")
        return self.call("POST", url, body=body, token=token, writes=writes)

    def _order_url(self, order: Order) -> str:
        return f"{self.connection.orders_url}/orders/{quote(order[1], safe='')}"

    def _record_url(self, list_id: str, sku: str) -> str:
        lists = f"{self.connection.data_url}/inventory_lists/{quote(list_id, safe='')}"
        return f"{lists}/product_inventory_records/{quote(sku, safe='')}"


def instant(moment: datetime) -> str:
    """UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address(order: Row) -> Order:
    return str(order["siteId"]), str(order["orderNo"])


def numbers(rows: Sequence[Row]) -> list[str]:
    return [str(row["orderNo"]) for row in rows]


def problem(answer: Answer) -> str:
    """The last part of a problem's type, a fault's type, or an OAuth error."""
    body = answer.body if isinstance(answer.body, dict) else {}
    fault = body.get("fault")
    kind = fault.get("type") if isinstance(fault, dict) else body.get("type") or body.get("error")
    return str(kind or "").rpartition("/")[2]
