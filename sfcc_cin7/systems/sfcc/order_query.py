"""What an order list is asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict

from sfcc_cin7.systems.sfcc.documents import ExportStatus, OrderStatus, bound

PAGE_SIZE = 200


class OrderQuery(TypedDict, total=False):
    """Filters, sequence and place of a page; `from` is included, `to` is not.

    Without more it is the first 200 of all orders, ascending by creation.
    """

    statuses: Sequence[OrderStatus]
    export_statuses: Sequence[ExportStatus]
    created_from: datetime | None
    created_to: datetime | None
    modified_from: datetime | None
    modified_to: datetime | None
    sort_by: Literal["creation_date", "last_modified_date"]
    descending: bool
    limit: int
    offset: int


def order_params(site: str, query: OrderQuery) -> dict[str, str]:
    """The parameters of `GET /orders` (Orders API, getOrders)."""
    params = {
        "siteId": site,
        "status": ",".join(query.get("statuses", ())),
        "exportStatus": ",".join(query.get("export_statuses", ())),
        "creationDateFrom": _bound(query.get("created_from")),
        "creationDateTo": _bound(query.get("created_to")),
        "lastModifiedDateFrom": _bound(query.get("modified_from")),
        "lastModifiedDateTo": _bound(query.get("modified_to")),
        "sortBy": query.get("sort_by", "creation_date"),
        "sortOrder": "desc" if query.get("descending") else "asc",
        "limit": str(query.get("limit", PAGE_SIZE)),
        "offset": str(query.get("offset", 0)),
    }
    return {name: value for name, value in params.items() if value}


def _bound(instant: datetime | None) -> str:
    return bound(instant) if instant else ""
