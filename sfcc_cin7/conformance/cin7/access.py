"""Who may call, what an address means, and how a refusal looks."""

from uuid import uuid4

from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7
from sfcc_cin7.conformance.wire import Answer

NOT_A_KEY = {"api-auth-applicationkey": "00000000-0000-0000-0000-000000000000"}
AUTH = "Cin7 API reference, Authentication"
STATUS = "Cin7 API reference, HTTP status codes"
CLIENTS = "measurements published by public client projects"
NOT_TOLD = "`sfcc-cin7 check` would not say which credentials to mend."


@CIN7.probe(
    "auth.wrong-key",
    claim="A wrong application key is answered with status 403.",
    source=AUTH,
    certainty="documented",
    expected="403",
    calls=1,
    changes=NOT_TOLD,
)
def wrong_key(erp: Erp) -> str:
    return str(erp.call("GET", "me", headers=NOT_A_KEY).status)


@CIN7.probe(
    "auth.wrong-account",
    claim="A key that belongs to another account is answered with status 403.",
    source=AUTH,
    certainty="documented",
    expected="403",
    calls=1,
    changes=NOT_TOLD,
)
def wrong_account(erp: Erp) -> str:
    return str(erp.call("GET", "me", headers={"api-auth-accountid": str(uuid4())}).status)


@CIN7.probe(
    "auth.refusal-form",
    claim="Wrong credentials are answered with the usual error list, not with bare text.",
    source=f"Cin7 API reference, Error model; bare text in {CLIENTS}",
    certainty="assumed",
    expected="list",
    calls=1,
    changes="Nothing: the product reads both forms.",
)
def refusal_form(erp: Erp) -> str:
    return form(erp.call("GET", "me", headers=NOT_A_KEY))


@CIN7.probe(
    "path.case",
    claim="Paths may be written in any case.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=1,
    changes="Calls would miss their addresses: the product writes them as the reference does.",
)
def path_case(erp: Erp) -> str:
    return "ignored" if "Currency" in (erp.get("ME").body or {}) else "matters"


@CIN7.probe(
    "path.unknown",
    claim="An unknown address is answered with a web page and status 200.",
    source=CLIENTS,
    certainty="observed",
    expected="web-page-200",
    calls=1,
    changes="Nothing: an answer that is not JSON, a redirect and a 404 all count as failures.",
)
def unknown_path(erp: Erp) -> str:
    answer = erp.get("nosuchaddress")
    if "<html" in answer.text.lower():
        return f"web-page-{answer.status}"
    return f"status-{answer.status}"


@CIN7.probe(
    "error.form",
    claim="A refusal is a list of objects with ErrorCode and Exception.",
    source="Cin7 API reference, Error model",
    certainty="documented",
    expected="list",
    calls=1,
    changes="Reasons why an order waits would be shown without Cin7's words.",
    by_value={"object": "Nothing: the product reads one bare object as well."},
)
def error_form(erp: Erp) -> str:
    return form(erp.get("ref/account", Code=erp.marker))


@CIN7.probe(
    "error.code",
    claim="ErrorCode repeats the HTTP status.",
    source="Cin7 API reference, Error model",
    certainty="observed",
    expected="status",
    calls=1,
    changes="Nothing: the HTTP status decides, and ErrorCode only where that says success.",
)
def error_code(erp: Erp) -> str:
    answer = erp.get("sale", ID=str(uuid4()))
    first = answer.body[0] if isinstance(answer.body, list) and answer.body else answer.body
    told = first.get("ErrorCode") if isinstance(first, dict) else None
    return "status" if told == answer.status else "other"


@CIN7.probe(
    "sale.not-found",
    claim="A sale that does not exist is answered with status 404.",
    source=STATUS,
    certainty="assumed",
    expected="404",
    calls=1,
    changes="Nothing: any refusal counts as not found when a sale is looked up by its id.",
    unworkable={"200": "Telling an empty sale from a missing one when an order is resumed."},
)
def sale_not_found(erp: Erp) -> str:
    return str(erp.get("sale", ID=str(uuid4())).status)


@CIN7.probe(
    "account.unknown-code",
    claim="Asking for an account with an unknown code is refused, not answered with an empty list.",
    source=CLIENTS,
    certainty="observed",
    expected="refused",
    calls=1,
    changes="Nothing: accounts are not looked up by code.",
)
def unknown_account(erp: Erp) -> str:
    return said(erp.get("ref/account", Code=f"{erp.marker}-no-code"))


@CIN7.probe(
    "guid.case",
    claim="Ids are understood in upper case too.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=2,
    changes="Ids from webhooks would have to be written in lower case before they are used.",
)
def guid_case(erp: Erp) -> str:
    wanted = str(erp.product["ID"])
    rows = erp.rows("product", "Products", ID=wanted.upper())
    return "ignored" if [row["ID"].lower() for row in rows] == [wanted.lower()] else "matters"


@CIN7.probe(
    "content-type.required",
    claim="A body that is not called application/json is refused.",
    source=AUTH,
    certainty="assumed",
    expected="refused",
    calls=1,
    writes="A sale, should it be accepted",
    cleans="It is voided.",
    changes="Nothing: the product always says application/json.",
)
def content_type(erp: Erp) -> str:
    return said(erp.call("POST", "sale", headers={"Content-Type": "text/plain"}, content="{}"))


def form(answer: Answer) -> str:
    """The form of a refusal: list, object, text or web-page."""
    first = answer.body[0] if isinstance(answer.body, list) and answer.body else None
    if isinstance(first, dict) and {"ErrorCode", "Exception"} <= set(first):
        return "list"
    if isinstance(answer.body, dict) and "ErrorCode" in answer.body:
        return "object"
    return "web-page" if "<html" in answer.text.lower() else "text"


def said(answer: Answer) -> str:
    """`accepted`, `refused`, or the status of trouble."""
    if answer.ok and form(answer) in ("list", "object"):
        return "refused"
    return answer.said()
