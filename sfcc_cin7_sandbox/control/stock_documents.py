"""Control endpoints for the documents that move stock: what somebody writes in the ERP."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from starlette.routing import BaseRoute

from sfcc_cin7_sandbox.cin7.stock_documents import StockDocuments
from sfcc_cin7_sandbox.control.requests import Body, Nonsense, number_of, only, route, text_of

Work = Callable[[Body], object]


class StockDocumentControl:
    """Handlers below `/_control/stock-documents/`. `units` are `{"<SKU>": 1}`; `id` is what the
    command that began the document answered."""

    def __init__(self, documents: StockDocuments) -> None:
        self._documents = documents

    @property
    def routes(self) -> list[BaseRoute]:
        bought, moved = self._documents.purchases, self._documents.transfers
        counts, made = self._documents.counts, self._documents.assemblies
        works: dict[str, tuple[Work, tuple[str, ...]]] = {
            "purchase": (
                lambda body: bought.order(
                    text_of(body, "location"), _units(body), advanced=body.get("advanced") is True
                ),
                ("location", "units", "advanced"),
            ),
            "receive": (lambda body: bought.receive(text_of(body, "id")), ("id",)),
            "put-away": (lambda body: bought.put_away(text_of(body, "id")), ("id",)),
            "unstock": (
                lambda body: bought.unstock(text_of(body, "id"), _units(body)),
                ("id", "units"),
            ),
            "void-purchase": (lambda body: bought.void(text_of(body, "id")), ("id",)),
            "touch-purchases": (lambda _body: bought.touch(), ()),
            "transfer": (
                lambda body: moved.begin(text_of(body, "from"), text_of(body, "to"), _units(body)),
                ("from", "to", "units"),
            ),
            "advance-transfer": (
                lambda body: moved.advance(text_of(body, "id"), _step(body)),
                ("id", "status"),
            ),
            "void-transfer": (lambda body: moved.void(text_of(body, "id")), ("id",)),
            "adjust": (
                lambda body: counts.adjust(text_of(body, "location"), _units(body)),
                ("location", "units"),
            ),
            "edit-adjustment": (
                lambda body: counts.edit_adjustment(text_of(body, "id"), _units(body)),
                ("id", "units"),
            ),
            "void-adjustment": (
                lambda body: counts.void_adjustment(text_of(body, "id")),
                ("id",),
            ),
            "stock-take": (
                lambda body: counts.begin_take(text_of(body, "location")),
                ("location",),
            ),
            "complete-stock-take": (
                lambda body: counts.complete_take(text_of(body, "id"), _units(body)),
                ("id", "units"),
            ),
            "write-off": (
                lambda body: counts.write_off(text_of(body, "location"), _units(body)),
                ("location", "units"),
            ),
            "assembly": (
                lambda body: made.begin(
                    text_of(body, "location"),
                    text_of(body, "sku"),
                    number_of(body, "quantity"),
                    _units(body),
                ),
                ("location", "sku", "quantity", "units"),
            ),
            "advance-assembly": (
                lambda body: made.advance(text_of(body, "id"), _step(body)),
                ("id", "status"),
            ),
            "void-assembly": (lambda body: made.void(text_of(body, "id")), ("id",)),
        }
        return [
            route("POST", f"stock-documents/{name}", _working(work, fields))
            for name, (work, fields) in works.items()
        ]


def _working(work: Work, fields: tuple[str, ...]) -> Callable[[Body], Body]:
    def handle(body: Body) -> Body:
        only(body, *fields)
        try:
            done = work(body)
        except KeyError as unknown:
            raise Nonsense(f"The ERP keeps no stock of {unknown}.") from None
        return {"id": done if isinstance(done, str) else body.get("id")}

    return handle


def _units(body: Body) -> dict[str, Decimal]:
    given = body.get("units")
    if not isinstance(given, dict) or not given:
        raise Nonsense("units must be an object with a SKU at least.")
    return {sku: number_of(given, sku) for sku in given}


def _step(body: Body) -> Any:
    status = text_of(body, "status")
    if status not in ("ORDERED", "IN TRANSIT", "AUTHORISED", "IN PROGRESS", "COMPLETED"):
        raise Nonsense(f"There is no status {status!r} to go on to.")
    return status
