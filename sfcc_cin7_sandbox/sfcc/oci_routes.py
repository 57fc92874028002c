"""The Inventory Availability API over HTTP: update 100 records, look, see what changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.sfcc.gate import Call, Endpoint, Gate, Handler
from sfcc_cin7_sandbox.sfcc.oci import OciBook, Stale
from sfcc_cin7_sandbox.sfcc.oci_records import Wrong, change_of, shown
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings

BASE = "/inventory/availability/v1/organizations/{organization}/availability-records/actions"
NAMES = {"id": "id", "location": "location", "futures": "futureStock"}
MOST_RECORDS = 100
TOKEN_LIFE = timedelta(hours=23.5)
Body = dict[str, Any]


@dataclass(frozen=True)
class DeltaToken:
    """Up to which change its holder has seen everything."""

    version: int
    expires_at: datetime


class DeltaTokens:
    """The tokens handed out; they do not survive a restart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, DeltaToken] = {}

    def issue(self, version: int) -> str:
        token = token_urlsafe(18)
        self._tokens[token] = DeltaToken(version, self._clock.now() + TOKEN_LIFE)
        return token

    def version(self, token: Any) -> int:
        """Raises Problem for a token that is unknown or has expired."""
        held = self._tokens.get(token) if isinstance(token, str) else None
        if held is None or held.expires_at <= self._clock.now():
            raise Problem(400, "invalid-delta-token", "The delta token is unknown or has expired.")
        return held.version


class OciRoutes:
    """Serves the stock of every location; without Omnichannel Inventory nobody is let in."""

    def __init__(
        self,
        oci: OciBook | None,
        tokens: DeltaTokens,
        clock: Clock,
        gate: Gate,
        settings: SfccSettings,
    ) -> None:
        self._oci = oci
        self._tokens = tokens
        self._clock = clock
        self._gate = gate
        self._settings = settings

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{BASE}/{action}", self._endpoint(scope, handler), methods=["POST"])
            for action, scope, handler in (
                ("batch-update", "sfcc.inventory.availability.rw", self._update),
                ("get-availability", "sfcc.inventory.availability", self._get),
                ("get-deltas", "sfcc.inventory.availability", self._deltas),
            )
        ]

    def _endpoint(self, scope: str, handler: Handler) -> Endpoint:
        def provisioned(call: Call) -> Response:
            provision(self._oci)
            return handler(call)

        return self._gate.scapi(scope, provisioned, self._settings.tenant_group)

    def _update(self, call: Call) -> Response:
        """Each record by itself: those that cannot be taken are named under `errors`."""
        records = call.body.get("records")
        if not isinstance(records, list) or not all(isinstance(row, dict) for row in records):
            raise Problem(400, "bad-request", "'records' must be a list of records.")
        if not 1 <= len(records) <= MOST_RECORDS:
            raise Problem(400, "bad-request", f"'records' must be 1 to {MOST_RECORDS} records.")
        oci = provision(self._oci)
        errors = []
        for record in records:
            try:
                key, change = change_of(record, NAMES, oci.locations, self._clock.now())
                oci.apply(change, key)
            except (Wrong, Stale) as wrong:
                named = {name: record.get(name) for name in ("id", "location", "sku")}
                errors.append({**named, "message": str(wrong)})
        return answer(self._reply(len(records), errors))

    def _reply(self, sent: int, errors: list[Body]) -> Body:
        if self._settings.oci_batch_reply == "errors":
            return {"errors": errors}
        return {"success": not errors, "processed": sent - len(errors), "errors": errors}

    def _get(self, call: Call) -> Response:
        oci = provision(self._oci)
        skus, locations = _texts(call.body, "skus"), _texts(call.body, "locations")
        if not skus or len(skus) > MOST_RECORDS:
            raise Problem(400, "bad-request", f"'skus' must be 1 to {MOST_RECORDS} SKUs.")
        if unknown := [location for location in locations if location not in oci.locations]:
            raise Problem(400, "bad-request", f"LocationDoesNotExist: {unknown[0]}.")
        pairs = [(location, sku) for location in locations for sku in skus]
        return answer({"groups": [], "locations": self._located(pairs)})

    def _deltas(self, call: Call) -> Response:
        oci = provision(self._oci)
        pairs = oci.since(self._tokens.version(call.body.get("deltaToken")))
        return answer(
            {
                "deltaToken": self._tokens.issue(oci.version),
                "groups": [],
                "locations": self._located(pairs),
            }
        )

    def _located(self, pairs: list[tuple[str, str]]) -> list[Body]:
        """Records by location; a SKU that a location never had is left out."""
        by_location: dict[str, list[Body]] = {location: [] for location, _ in pairs}
        for location, sku in pairs:
            record = provision(self._oci).find(location, sku)
            if record is not None:
                by_location[location].append(shown(sku, record, NAMES["futures"]))
        return [{"id": location, "records": rows} for location, rows in by_location.items()]


def provision(oci: OciBook | None) -> OciBook:
    """Raises Problem 403 where the tenant has no Omnichannel Inventory."""
    if oci is None:
        raise Problem(403, "forbidden", "The tenant is not provisioned.")
    return oci


def _texts(body: Body, name: str) -> list[str]:
    values = body.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Problem(400, "bad-request", f"'{name}' must be a list of texts.")
    return values
