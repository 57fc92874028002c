"""The ways in which a storefront learns of shipments, behind one face.

Each tells the whole state, never a difference, so a call that is made again changes nothing. Each
reads first what the storefront holds: what is there already is not sent, and a shipping status that
somebody else has raised is not lowered.

| way | what it writes |
|---|---|
| attributes | parcels as JSON in an attribute of the order, then the shipping status |
| cartridge | both, and each shipment's number and status, by an endpoint of the merchant's site |

What was given back goes into an attribute of the order either way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched
from sfcc_cin7.fulfilment.telling.state import (
    parcels_text,
    posted_state,
    refunds_text,
    same_parcels,
)
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.systems.http.errors import Ambiguous, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.states import Stage

Document = Mapping[str, Any]
Fence = Callable[[int], None]
"""Called with the revision immediately before a call is sent; what it raises keeps it from being
sent."""
PARCELS = "c_cin7Parcels"
"""Where the cartridge keeps parcels."""
NO_PARCELS = "[]"
"""What an order holds where that is not there."""
REVISION = "c_cin7FulfilmentRevision"
"""Where the cartridge keeps the revision that it was told last."""


class Undefined(Exception):
    """The storefront kept nothing of an attribute: it is not defined for orders there."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute)
        self.attribute = attribute


@dataclass(frozen=True)
class ToTell:
    """What a storefront is to know of an order: `number` is the ERP's sale order number."""

    order_no: str
    number: str
    wanted: Dispatched
    revision: int


class Way(Protocol):
    """One way to tell a storefront."""

    def tell(self, document: Document, what: ToTell, fence: Fence) -> int:
        """Tell what the order's `document` does not show yet; the revision it was told as.

        Raises:
            ApiError: it was not told, or nobody knows (see `systems.http.errors`).
            Undefined: an attribute is not kept; everything else was told.
        """
        ...

    def shows(self, document: Document, known: Dispatched) -> bool:
        """Whether the order shows these parcels, all of them and no others."""
        ...


def way_of(site: SitePolicy, shop: SfccClient) -> Way | None:
    """The way that a site has chosen; None where nobody tells it."""
    match site.fulfilment.told_by:
        case "attributes":
            return ByAttributes(site, shop)
        case "cartridge":
            return ByCartridge(site, shop)
    return None


class ByAttributes:
    """What the Orders API can write: custom attributes of the order, and statuses."""

    def __init__(self, site: SitePolicy, shop: SfccClient) -> None:
        self._site = site
        self._shop = shop

    def tell(self, document: Document, what: ToTell, fence: Fence) -> int:
        """Parcels first: whatever the shipping status sets off finds them there."""
        undefined = _attributes(self._shop, self._site, document, what, fence, parcels=True)
        if what.wanted.stage > stage_shown(document):
            fence(what.revision)
            self._shop.set_shipping_status(self._site.id, what.order_no, what.wanted.stage.word)
        _external_status(self._shop, self._site, document, what, fence)
        if undefined:
            raise Undefined(undefined)
        return what.revision

    def shows(self, document: Document, known: Dispatched) -> bool:
        """By the attribute that the site has for parcels."""
        shown = document.get(self._site.fulfilment.parcels_attribute)
        return same_parcels(shown or NO_PARCELS, parcels_text(document, known))


class ByCartridge:
    """An endpoint of the merchant's site (`cartridge/`), which writes what the Orders API cannot.

    It keeps the revision that it was told, and refuses an older one; so what a worker sends that
    was asleep changes nothing, and an answer that was lost is looked up in the order.
    """

    def __init__(self, site: SitePolicy, shop: SfccClient) -> None:
        self._site = site
        self._shop = shop

    def tell(self, document: Document, what: ToTell, fence: Fence) -> int:
        known, revision = _revision(document), what.revision
        is_raised = stage_shown(document) >= what.wanted.stage
        if known != revision or not is_raised or not self.shows(document, what.wanted):
            # a database that was lost counts from the beginning again
            revision = max(revision, known + 1)
            raised = max(what.wanted.stage, stage_shown(document))
            body = posted_state(document, what.wanted, raised) | {"revision": revision}
            fence(revision)
            self._post(what.order_no, body, revision)
        undefined = _attributes(self._shop, self._site, document, what, fence, parcels=False)
        _external_status(self._shop, self._site, document, what, fence)
        if undefined:
            raise Undefined(undefined)
        return revision

    def shows(self, document: Document, known: Dispatched) -> bool:
        """By the attribute that the cartridge writes."""
        return same_parcels(document.get(PARCELS) or NO_PARCELS, parcels_text(document, known))

    def _post(self, order_no: str, body: Document, revision: int) -> None:
        try:
            self._shop.tell_shipments(self._site.id, order_no, body)
        except (Refused, Ambiguous):
            shown = self._shop.order(self._site.id, order_no)
            if _revision(shown) != revision:
                raise


def stage_shown(document: Document) -> Stage:
    """The shipping status of an order, as a stage; of one that does not say, nothing has left."""
    word = str(document.get("shippingStatus") or "").upper()
    return Stage[word] if word in Stage.__members__ else Stage.NOT_SHIPPED


def _revision(document: Document) -> int:
    shown = document.get(REVISION)
    return int(shown) if isinstance(shown, int | str) and str(shown).isdigit() else 0


def _attributes(
    shop: SfccClient,
    site: SitePolicy,
    document: Document,
    what: ToTell,
    fence: Fence,
    *,
    parcels: bool,
) -> str | None:
    """Write what attributes of the order do not hold yet; one of which nothing was kept."""
    policy, wanted = site.fulfilment, {}
    if parcels and (what.wanted.parcels or policy.parcels_attribute in document):
        wanted[policy.parcels_attribute] = parcels_text(document, what.wanted)
    refunds = policy.refunds_attribute
    if refunds is not None and (what.wanted.refunds or refunds in document):
        wanted[refunds] = refunds_text(what.wanted)
    new = {name: text for name, text in wanted.items() if document.get(name) != text}
    if not new:
        return None
    fence(what.revision)
    kept = shop.set_attributes(site.id, what.order_no, new)
    return next((name for name, text in new.items() if kept.get(name) != text), None)


def _external_status(
    shop: SfccClient, site: SitePolicy, document: Document, what: ToTell, fence: Fence
) -> None:
    if not site.fulfilment.external_status or what.wanted.stage is Stage.NOT_SHIPPED:
        return
    text = f"{what.number} {what.wanted.stage.word.replace('_', ' ')}"
    if document.get("externalOrderStatus") != text:
        fence(what.revision)
        shop.set_external_status(site.id, what.order_no, text)
