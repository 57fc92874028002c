"""Tokens, scopes, and how either API family refuses."""

from uuid import uuid4

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import problem
from sfcc_cin7.conformance.sfcc.shop import Shop

AUTHORIZATION = "Commerce API, Authorization for Admin APIs"
PROBLEM = "Orders API 1.5, error responses"
OCAPI = "OCAPI Data API 25.6"
TELLS_LESS = "`sfcc-cin7 check` would not say which credentials to mend."


@SFCC.probe(
    "token.lifetime",
    claim="A token lives 1,800 seconds.",
    source=AUTHORIZATION,
    certainty="observed",
    expected="1800",
    calls=1,
    changes="Nothing: the lifetime that is told decides when a token is renewed.",
)
def lifetime(shop: Shop) -> str:
    return str(shop.ask_token().document("the token").get("expires_in"))


@SFCC.probe(
    "token.wrong-secret",
    claim="A wrong secret is answered with status 401 and the error invalid_client.",
    source="RFC 6749; the status is not documented",
    certainty="assumed",
    expected="401",
    calls=1,
    changes="Nothing: the error's name decides, not its status.",
    by_value={"not-named": TELLS_LESS},
)
def wrong_secret(shop: Shop) -> str:
    answer = shop.ask_token(auth=(shop.connection.client_id, "not-the-secret"))
    return str(answer.status) if problem(answer) == "invalid_client" else "not-named"


@SFCC.probe(
    "token.unknown-scope",
    claim="A scope that the client may not have is refused as invalid_scope.",
    source=AUTHORIZATION,
    certainty="documented",
    expected="invalid_scope",
    calls=1,
    changes=TELLS_LESS,
)
def unknown_scope(shop: Shop) -> str:
    answer = shop.ask_token(f"{shop.connection.scope} sfcc.no-such-scope")
    return "granted" if answer.ok else problem(answer) or "not-named"


@SFCC.probe(
    "token.encoded-basic",
    claim="Both halves of the Basic credentials are form-decoded, so they may be percent-encoded.",
    source="Account Manager, as Salesforce's own tooling relies on",
    certainty="observed",
    expected="decoded",
    calls=1,
    changes="Secrets with + or % in them are not accepted.",
    unworkable={"literal": "A secret of letters and digits only."},
)
def encoded_basic(shop: Shop) -> str:
    secret = shop.connection.client_secret.get_secret_value()
    if not secret.isascii():
        raise CannotProbe("the secret is not ASCII")
    encoded = "".join(f"%{ord(letter):02X}" for letter in secret)
    return "decoded" if shop.ask_token(auth=(shop.connection.client_id, encoded)).ok else "literal"


@SFCC.probe(
    "api.wrong-token",
    claim="A token that is not valid is answered with 401 invalid-access-token.",
    source="Products API 1.2, error responses",
    certainty="documented",
    expected="401",
    calls=1,
    changes="A token that ran out early would not be renewed.",
    unworkable={"*": "Telling an expired token from missing rights in another way."},
)
def wrong_token(shop: Shop) -> str:
    url = f"{shop.connection.orders_url}/orders"
    params = {"siteId": shop.sites[0][0]}
    return str(shop.call("GET", url, params=params, token="not-a-token").status)  # noqa: S106


@SFCC.probe(
    "api.missing-scope",
    claim="A token without the scope of an API is answered with 403.",
    source=AUTHORIZATION,
    certainty="documented",
    expected="403",
    calls=2,
    changes="Missing rights would look like trouble of another kind.",
)
def missing_scope(shop: Shop) -> str:
    tenant = shop.connection.scope.split()[0]
    return _orders_with(shop, f"{tenant} sfcc.products")


@SFCC.probe(
    "api.missing-tenant",
    claim="A token without the tenant's scope is answered with 403.",
    source=AUTHORIZATION,
    certainty="documented",
    expected="403",
    calls=2,
    changes="Missing rights would look like trouble of another kind.",
)
def missing_tenant(shop: Shop) -> str:
    return _orders_with(shop, "sfcc.orders.rw sfcc.products")


@SFCC.probe(
    "api.correlation-id",
    claim="The correlation id that was sent comes back as x-correlation-id.",
    source=PROBLEM,
    certainty="documented",
    expected="echoed",
    calls=1,
    changes="Errors cannot be traced with Salesforce's support by the id that is shown.",
)
def correlation_id(shop: Shop) -> str:
    sent = str(uuid4())
    url = f"{shop.connection.orders_url}/orders"
    params = {"siteId": shop.sites[0][0], "limit": "1"}
    answer = shop.call("GET", url, params=params, headers={"correlation-id": sent})
    return "echoed" if answer.headers.get("x-correlation-id") == sent else "other"


@SFCC.probe(
    "api.problem-form",
    claim="A refusal has title, type and detail; the type ends in the problem's name.",
    source=PROBLEM,
    certainty="documented",
    expected="problem",
    calls=1,
    changes="Refusals are shown without the storefront's words.",
)
def problem_form(shop: Shop) -> str:
    body = shop.get_order((shop.sites[0][0], shop.marker)).body
    known = isinstance(body, dict) and {"title", "type", "detail"} <= set(body)
    return "problem" if known else "other"


@SFCC.probe(
    "data.fault-form",
    claim="A refusal of OCAPI is a fault with a type and a message.",
    source=f"{OCAPI}, faults",
    certainty="documented",
    expected="fault",
    calls=1,
    changes="A missing record cannot be told from a missing list; stock is not published.",
    unworkable={"*": "Telling a missing record from a missing list in another way."},
)
def fault_form(shop: Shop) -> str:
    body = shop.record(shop.sites[0][1], shop.marker).body
    fault = body.get("fault") if isinstance(body, dict) else None
    known = isinstance(fault, dict) and {"type", "message"} <= set(fault)
    return "fault" if known else "other"


@SFCC.probe(
    "data.wrong-token",
    claim="OCAPI answers a token that is not valid with 401.",
    source=f"{OCAPI}, OAuth",
    certainty="documented",
    expected="401",
    calls=1,
    changes="A token that ran out early would not be renewed when stock is published.",
    unworkable={"*": "Telling an expired token from missing rights in another way."},
)
def data_wrong_token(shop: Shop) -> str:
    url = f"{shop.connection.data_url}/inventory_lists/{shop.sites[0][1]}"
    return str(shop.call("GET", url, token="not-a-token").status)  # noqa: S106


def _orders_with(shop: Shop, scope: str) -> str:
    if not shop.ask_token(scope).ok:
        raise CannotProbe("Account Manager does not give out a token of fewer scopes")
    url = f"{shop.connection.orders_url}/orders"
    params = {"siteId": shop.sites[0][0], "limit": "1"}
    return str(shop.call("GET", url, params=params, token=shop.token(scope)).status)
