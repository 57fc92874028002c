"""Sees to it that Cin7 tells an address of events of one type.

Cin7 switches a webhook off for good after six tries without success (Cin7 API reference, Webhooks),
so it is looked at regularly and put back. Webhooks of others are left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import Webhook


@dataclass(frozen=True)
class Subscription:
    """What was found, and done about it; `was_off`: Cin7 had switched it off."""

    found: Literal["active", "subscribed", "put back"]
    was_off: bool = False


def ensure(
    erp: Cin7Client, there: Sequence[Webhook], type_: str, address: str, secret: str
) -> Subscription:
    """Subscribe, or put an inactive or outdated webhook back; `there` are those that there are.

    A subscription whose answer got lost is found by its address the next time.

    Raises:
        ApiError: the ERP refuses (five webhooks of a type are the most), or cannot be asked.
    """
    ours = next(
        (hook for hook in there if (hook.type, hook.external_url) == (type_, address)), None
    )
    if ours is None:
        erp.save_webhook(_webhook(type_, address, secret))
        return Subscription("subscribed")
    if _is_as_it_should_be(ours, secret):
        return Subscription("active")
    erp.save_webhook({"ID": ours.id} | _webhook(type_, address, secret))
    return Subscription("put back", was_off=not ours.is_active)


def _is_as_it_should_be(hook: Webhook, secret: str) -> bool:
    return (
        hook.is_active
        and hook.external_authorization_type == "bearerauth"
        and hook.external_bearer_token == secret
    )


def _webhook(type_: str, address: str, secret: str) -> dict[str, Any]:
    return {
        "Type": type_,
        "IsActive": True,
        "ExternalURL": address,
        "ExternalAuthorizationType": "bearerauth",
        "ExternalBearerToken": secret,
        "ExternalHeaders": [],
    }
