"""Several calls of the OCAPI Data API in one, as its page on batch requests describes them."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import Row, problem
from sfcc_cin7.conformance.sfcc.records import A_RECORD, DELETED
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.conformance.wire import Answer
from sfcc_cin7.systems.sfcc.connection import OCAPI_VERSION
from sfcc_cin7.values import decimal_json

BATCH = "OCAPI, batch requests"
NOT_SENT = "Set `writer: {batch_from: 1000000}`: records are then written one by one."
BOUNDARY = "zz-conf-part"
MOST = 50
OUT_OF_REACH = (401, 403, 404, 405)
RESOURCES = f"/s/-/dw/data/{OCAPI_VERSION}/"
HANDLED: Row = {"pre_order_back_order_handling": "backorder"}
"""What a part writes: a record with nothing to sell has still nothing to sell."""
_ID = re.compile(r"^x-dw-content-id:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^x-dw-status-code:[ \t]*(\d{3})", re.IGNORECASE | re.MULTILINE)

Target = tuple[str, str]
"""List and product of the record that a part writes."""


@SFCC.probe(
    "batch.parts",
    claim="Each part is answered with its content id and a status code.",
    source=BATCH,
    certainty="documented",
    expected="each",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NOT_SENT,
)
def parts(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record()
    answer = _send(shop, [(list_id, sku)] * 2)
    if not answer.ok:
        raise CannotProbe(f"a batch was answered with status {answer.status}")
    return "each" if sorted(_answered(answer)) == [("1", "200"), ("2", "200")] else "other"


@SFCC.probe(
    "batch.refused-part",
    claim="A part that is refused stops no other.",
    source=f"{BATCH}: not transactional",
    certainty="documented",
    expected="goes-on",
    calls=5,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NOT_SENT,
)
def refused_part(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record()
    if not _send(shop, [(shop.marker, sku), (list_id, sku)]).ok:
        return "stops"
    handling = shop.figures(list_id, sku).get("pre_order_back_order_handling")
    return "goes-on" if handling == "backorder" else "stops"


@SFCC.probe(
    "batch.most-parts",
    claim=f"A batch of more than {MOST} parts is refused as QuotaExceededException.",
    source=BATCH,
    certainty="documented",
    expected="QuotaExceededException",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NOT_SENT,
)
def most_parts(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record()
    answer = _send(shop, [(list_id, sku)] * (MOST + 1))
    return "accepted" if answer.ok else problem(answer)


@SFCC.probe(
    "batch.missing-method",
    claim="A batch with a part that names no HTTP method is refused as MissingHttpMethodException.",
    source=BATCH,
    certainty="documented",
    expected="MissingHttpMethodException",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NOT_SENT,
)
def missing_method(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record()
    answer = _send(shop, [(list_id, sku)], method="")
    return "accepted" if answer.ok else problem(answer)


def _send(shop: Shop, targets: Sequence[Target], method: str = "PATCH") -> Answer:
    """POST of a batch that writes the same to each record; parts are numbered from 1.

    Raises CannotProbe where the client may not send batches at all.
    """
    written = decimal_json.dumps(HANDLED)
    lines = []
    for number, (list_id, sku) in enumerate(targets, start=1):
        path = f"{quote(list_id, safe='')}/product_inventory_records/{quote(sku, safe='')}"
        lines += [
            f"--{BOUNDARY}",
            f"x-dw-content-id: {number}",
            f"x-dw-resource-path-extension: {path}",
            "",
            written,
        ]
    answer = shop.call(
        "POST",
        f"{shop.connection.instance_url.rstrip('/')}/s/-/dw/batch",
        content="\r\n".join([*lines, f"--{BOUNDARY}--", ""]),
        headers={
            "Content-Type": f"multipart/mixed; boundary={BOUNDARY}",
            "x-dw-http-method": method,
            "x-dw-resource-path": f"{RESOURCES}inventory_lists/",
        },
    )
    if answer.status in OUT_OF_REACH:
        raise CannotProbe(f"batches are out of reach (status {answer.status})")
    return answer


def _answered(answer: Answer) -> list[tuple[str, str]]:
    """Content id and status code of each part of an answer; without those that lack either."""
    boundary = answer.headers.get("content-type", "").partition("boundary=")[2].strip('" ')
    pieces = answer.text.split(f"--{boundary}") if boundary else []
    return [
        (found[1], status[1])
        for piece in pieces
        for found, status in [(_ID.search(piece), _STATUS.search(piece))]
        if found and status
    ]
