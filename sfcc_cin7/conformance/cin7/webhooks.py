"""The register of webhooks. What a probe enters is inactive, or told of at an address of nobody.

`.invalid` is reserved (RFC 2606), so that no name server ever knows the address.
"""

from sfcc_cin7.conformance.cin7.calls import Row
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.journal import Undo
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.conformance.wire import Answer

WEBHOOKS = "Cin7 API reference, Webhooks"
KIND = "Lead/Converted"
"""Of an event that a shop hardly ever has."""
INACTIVE = "An inactive webhook with an address of nobody"
REMOVED = "It is removed."
MOST = 5
NOT_READ = "Nothing: the product asks for changes and registers no webhooks."


@CIN7.probe(
    "webhook.put-back",
    claim="PUT /webhooks makes an inactive webhook active again.",
    source=WEBHOOKS,
    certainty="documented",
    expected="active",
    calls=4,
    writes=f"A webhook for {KIND} with an address of nobody, active for one call",
    cleans=REMOVED,
    changes="Nothing: the product registers none. Who does must enter a lost one anew.",
)
def put_back(erp: Erp) -> str:
    hook_id = _id(_entered(erp))
    answer = erp.call("PUT", "webhooks", body=_hook(erp, ID=hook_id, IsActive=True))
    if not answer.ok:
        return "refused"
    [hook] = [row for row in _registered(erp) if row["ID"] == hook_id]
    return "active" if hook.get("IsActive") is True else "inactive"


@CIN7.probe(
    "webhook.secrets",
    claim="GET /webhooks shows the password of a webhook in clear.",
    source=f"{WEBHOOKS}, examples",
    certainty="documented",
    expected="in-clear",
    calls=3,
    writes=f"{INACTIVE}, whose password is the marker",
    cleans=REMOVED,
    changes="Nothing: the product does not ask. Who asks must keep the answers out of every log.",
)
def secrets(erp: Erp) -> str:
    credentials = {"ExternalUserName": erp.marker, "ExternalPassword": erp.marker}
    entered = _entered(erp, ExternalAuthorizationType="basicauth", **credentials)
    [hook] = [row for row in _registered(erp) if row["ID"] == _id(entered)]
    return "in-clear" if hook.get("ExternalPassword") == erp.marker else "hidden"


@CIN7.probe(
    "webhook.most",
    claim="A sixth webhook of one type is refused; inactive ones count.",
    source=WEBHOOKS,
    certainty="documented",
    expected="5",
    calls=12,
    writes=f"Up to six inactive webhooks for {KIND} with an address of nobody",
    cleans="They are removed.",
    changes=NOT_READ,
)
def most(erp: Erp) -> str:
    count = len([row for row in _registered(erp) if row["Type"] == KIND])
    while count <= MOST and _enter(erp).ok:
        count += 1
    return str(count) if count <= MOST else f"more-than-{MOST}"


def _hook(erp: Erp, **changes: object) -> Row:
    return {
        "Type": KIND,
        "IsActive": False,
        "ExternalURL": f"https://conformance.invalid/{erp.marker}",
        "ExternalAuthorizationType": "noauth",
    } | changes


def _enter(erp: Erp, **changes: object) -> Answer:
    """POST /webhooks; what comes into being is removed after the probe."""
    answer = erp.post("webhooks", _hook(erp, **changes))
    if answer.ok:
        erp.take_back(Undo("webhook", _id(answer)))
    return answer


def _entered(erp: Erp, **changes: object) -> Answer:
    answer = _enter(erp, **changes)
    if not answer.ok:
        raise CannotProbe(
            f"a webhook was refused with status {answer.status}: the account lacks the Automation"
            f" module, or has {MOST} of {KIND}"
        )
    return answer


def _id(answer: Answer) -> str:
    """Of the webhook that was entered, in the wrapper or bare."""
    body = answer.document("POST /webhooks")
    hook: Row = body["Webhooks"][0] if "Webhooks" in body else body
    return str(hook["ID"])


def _registered(erp: Erp) -> list[Row]:
    return erp.rows("webhooks", "Webhooks")
