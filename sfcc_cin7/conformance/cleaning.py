"""Finding and removing what any run has left behind, also one that was killed."""

from collections.abc import Iterable, Iterator

from sfcc_cin7.conformance.cin7.calls import Row
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.journal import Journal, Undo
from sfcc_cin7.conformance.kit import Kit
from sfcc_cin7.conformance.subjects import MARKER

OF_THE_SHOP = ("record", "order", "file", "on-hand")
BETWEEN_LOOKS = 10.0
QUIET_LOOKS = 3
"""A sale that was made last may not be listed yet: so many looks must find nothing new."""
LOOKS = 60


def clean(kit: Kit, journals: Iterable[Journal]) -> Iterator[str]:
    """Undo what the journals of earlier runs hold, then what carries a marker.

    Yields one line for each thing that was removed, or that could not be.
    """
    for journal in journals:
        yield from _from_journal(kit, journal)
    if kit.erp is not None:
        yield from _marked_sales(kit.erp)
        yield from _marked_products(kit.erp)
        yield from _marked_webhooks(kit.erp)


def _from_journal(kit: Kit, journal: Journal) -> Iterator[str]:
    for undo in journal.outstanding:
        session = kit.shop if undo.kind in OF_THE_SHOP else kit.erp
        what = " ".join(filter(None, (undo.kind, undo.id, undo.value)))
        if session is None:
            yield f"left: {what} (the environment does not name its system)"
        elif session.undo(undo):
            journal.done(undo)
            yield f"undone: {what}"
        else:
            yield f"left: {what}"


def _marked_sales(erp: Erp) -> Iterator[str]:
    """Sales whose reference or ExternalID carries the marker, looked for until none is new."""
    left: set[str] = set()
    quiet = 0
    for _ in range(LOOKS):
        found = [row for row in _sales(erp) if row["SaleID"] not in left]
        for row in found:
            if erp.end_sale(str(row["SaleID"])):
                yield f"voided: {row['OrderNumber']}"
            else:
                left.add(str(row["SaleID"]))
                yield f"left: {row['OrderNumber']} could not be voided"
        quiet = 0 if found else quiet + 1
        if quiet == QUIET_LOOKS:
            return
        erp.clock.sleep(BETWEEN_LOOKS)


def _sales(erp: Erp) -> list[Row]:
    """Those that are not void; the search is a contains match, so rows are compared again."""
    return [
        row
        for row in erp.sale_rows(Search=MARKER)
        if row["Status"] != "VOIDED"
        and any(
            str(row.get(key) or "").lower().startswith(MARKER)
            for key in ("CustomerReference", "ExternalID")
        )
    ]


def _marked_products(erp: Erp) -> Iterator[str]:
    """Products that carry the marker; Cin7 deletes none, so they become deprecated."""
    for row in erp.rows("product", "Products", Name=MARKER, Limit="1000"):
        if str(row["SKU"]).lower().startswith(MARKER):
            if erp.deprecate(str(row["ID"])):
                yield f"deprecated: {row['SKU']}"
            else:
                yield f"left: {row['SKU']} could not be deprecated"


def _marked_webhooks(erp: Erp) -> Iterator[str]:
    """Webhooks whose address carries the marker; none where the account has no register of them."""
    answer = erp.get("webhooks")
    if not answer.ok:
        return
    for hook in answer.rows("Webhooks", "GET /webhooks"):
        if f"/{MARKER}-" in str(hook.get("ExternalURL")):
            if erp.undo(Undo("webhook", str(hook["ID"]))):
                yield f"removed: webhook {hook['ID']}"
            else:
                yield f"left: webhook {hook['ID']} could not be removed"
