"""Many inventory records written with one call of the Data API."""

from typing import Any

import pytest
import simplejson
from httpx import Response

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.storefront import DATA, UK_LIST, Storefront, fault_kind

BATCH = "/s/-/dw/batch"
RECORDS = f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records/"
HEADERS = {
    "Content-Type": "multipart/mixed; boundary=stock",
    "x-dw-http-method": "PATCH",
    "x-dw-resource-path": RECORDS,
}


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def part(name: str, body: Any = None, extension: str | None = None, **headers: str) -> str:
    lines = [f"x-dw-content-id: {name}"]
    lines += [f"x-dw-resource-path-extension: {extension or name}"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return "\r\n".join(lines) + "\r\n\r\n" + ("" if body is None else simplejson.dumps(body))


def allocation(amount: int) -> dict[str, Any]:
    return {"allocation": {"amount": amount}}


def whole(*parts: str) -> str:
    return "".join(f"--stock\r\n{part}\r\n" for part in parts) + "--stock--\r\n"


def send(store: Storefront, *parts: str, **headers: str) -> Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    sent = {key: value for key, value in (HEADERS | named).items() if value}
    return store.call("POST", BATCH, headers=sent, content=whole(*parts))


def answers(response: Response) -> dict[str, tuple[int, Any]]:
    """Status and body of each part, by its content id."""
    assert response.status_code == 200, response.text
    kind, _, boundary = response.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/mixed"
    found = {}
    for piece in response.text.split(f"--{boundary}")[1:-1]:
        head, _, body = piece.strip("\r\n").partition("\r\n\r\n")
        headers = dict(line.split(": ") for line in head.split("\r\n"))
        assert set(headers) == {"x-dw-content-id", "x-dw-status-code"}
        found[headers["x-dw-content-id"]] = (
            int(headers["x-dw-status-code"]),
            simplejson.loads(body) if body else None,
        )
    return found


def amount(store: Storefront, sku: str) -> Any:
    return store.record(sku)["allocation"]["amount"]


def test_a_token_expires_before_a_batch_and_never_within_it(
    store: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.faults.rates["sfcc.token_expired"] = 1
    refused = send(store, part("TENT", allocation(7)))
    assert (refused.status_code, fault_kind(refused)) == (401, "InvalidTokenException")
    store.faults.clear()
    assert send(store, part("TENT", allocation(7))).status_code == 401
    store.log_in()
    strikes = iter([False, True, True])
    monkeypatch.setattr(
        store.faults, "hit", lambda name: name == "sfcc.token_expired" and next(strikes)
    )
    shown = answers(send(store, part("TENT", allocation(7)), part("ROPE", allocation(7))))
    assert [status for status, _ in shown.values()] == [200, 200]


def test_a_refused_part_stops_no_other(store: Storefront) -> None:
    shown = answers(
        send(
            store,
            part("TENT", allocation(7)),
            part("NOWHERE", allocation(1)),
            part("ROPE", allocation(-1)),
            part("KIT", allocation(3)),
        )
    )
    assert {name: status for name, (status, _) in shown.items()} == {
        "TENT": 200,
        "NOWHERE": 404,
        "ROPE": 400,
        "KIT": 200,
    }
    assert shown["TENT"][1]["allocation"]["amount"] == 7
    assert shown["NOWHERE"][1]["fault"]["type"] == "ProductInventoryRecordNotFoundException"
    assert (amount(store, "TENT"), amount(store, "ROPE"), amount(store, "KIT")) == (7, 20, 3)


def test_a_part_may_have_its_own_method_path_and_headers(store: Storefront) -> None:
    stale = part("locked", allocation(5), "TENT", x_dw_resource_state="old")
    shown = answers(
        send(
            store,
            stale,
            part("read", None, "TENT", x_dw_http_method="GET"),
            part("gone", None, "ROPE", x_dw_http_method="DELETE"),
            part(
                "list",
                None,
                f"{DATA}/inventory_lists/{UK_LIST}",
                x_dw_http_method="GET",
                x_dw_resource_path="/",
            ),
        ),
    )
    assert shown["locked"][0] == 409
    assert shown["read"][1]["product_id"] == "TENT"
    assert shown["gone"] == (204, None)
    assert shown["list"][0] == 404, "the base path and its extension are joined as they are"


def test_fifty_parts_are_taken_and_one_more_none_of_them(store: Storefront) -> None:
    fifty = [part(f"p{n}", allocation(n), "TENT") for n in range(50)]
    assert len(answers(send(store, *fifty))) == 50
    more = send(store, *fifty, part("last", allocation(99), "TENT"))
    assert (more.status_code, fault_kind(more)) == (400, "QuotaExceededException")
    assert amount(store, "TENT") == 49


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({"x_dw_http_method": ""}, "MissingHttpMethodException"),
        ({"x_dw_http_method": "TELEPORT"}, "InvalidHttpMethodException"),
        ({"x_dw_resource_path": ""}, "MissingResourcePathException"),
        ({"Content_Type": "application/json"}, "IllegalContentTypeException"),
        ({"Content_Type": "multipart/mixed"}, "IllegalContentTypeException"),
        ({"Content_Type": "multipart/mixed; boundary=other"}, "InvalidRequestBodyException"),
    ],
)
def test_a_batch_that_makes_no_sense_changes_nothing(
    store: Storefront, headers: dict[str, str], fault: str
) -> None:
    response = send(store, part("TENT", allocation(7)), **headers)
    assert (response.status_code, fault_kind(response)) == (400, fault)
    assert amount(store, "TENT") == 20


def test_one_part_without_a_method_refuses_the_parts_that_have_one(store: Storefront) -> None:
    own = part("TENT", allocation(7), x_dw_http_method="PATCH")
    response = send(store, own, part("ROPE", allocation(7)), x_dw_http_method="")
    assert fault_kind(response) == "MissingHttpMethodException"
    assert amount(store, "TENT") == 20


def test_a_part_names_one_resource_only(store: Storefront) -> None:
    response = send(store, part("both", allocation(7), "(TENT,ROPE)"))
    assert fault_kind(response) == "ResourcePathNotAllowedException"


@pytest.mark.parametrize(
    "piece",
    [
        "\r\n" + part("TENT", allocation(7)),
        part("TENT", allocation(7)).replace("\r\n\r\n", "\r\n"),
        "x-dw-resource-path-extension: TENT\r\n\r\n{}",
        "x-dw-content-id: TENT\r\nx-dw-resource-path-extension: TENT",
    ],
    ids=["an empty line first", "no empty line", "no content id", "headers that never end"],
)
def test_parts_are_read_strictly(store: Storefront, piece: str) -> None:
    response = send(store, part("ROPE", allocation(7)), piece)
    assert (response.status_code, fault_kind(response)) == (400, "InvalidRequestBodyException")
    assert amount(store, "ROPE") == 20


def test_content_ids_are_not_repeated(store: Storefront) -> None:
    twice = part("same", allocation(7), "TENT"), part("same", allocation(8), "ROPE")
    assert fault_kind(send(store, *twice)) == "InvalidRequestBodyException"


def test_a_body_of_more_than_five_megabytes_is_refused(store: Storefront) -> None:
    response = send(store, part("TENT", {"c_note": "x" * 5_300_000}))
    assert (response.status_code, fault_kind(response)) == (400, "RequestEntityTooLargeException")


def test_a_batch_needs_a_living_token(store: Storefront) -> None:
    for header, fault in (
        ("Bearer made-up", "InvalidTokenException"),
        ("Basic YTpi", "InvalidAuthorizationHeaderException"),
    ):
        response = send(store, part("TENT", allocation(7)), Authorization=header)
        assert (response.status_code, fault_kind(response)) == (401, fault)


def test_each_part_needs_its_own_right() -> None:
    records = "/inventory_lists/*/product_inventory_records/*"
    store = Storefront(SfccSettings(data_rights={records: ("get", "patch")}))
    shown = answers(
        send(
            store,
            part("TENT", allocation(7)),
            part("ROPE", None, x_dw_http_method="DELETE"),
        )
    )
    assert shown["TENT"][0] == 200
    assert shown["ROPE"][0] == 403
    assert shown["ROPE"][1]["fault"]["type"] == "ClientAccessForbiddenException"
    single = store.call("DELETE", RECORDS + "ROPE")
    assert (single.status_code, fault_kind(single)) == (403, "ClientAccessForbiddenException")
    assert store.call("GET", RECORDS + "ROPE").status_code == 200


def test_an_unknown_resource_or_method_is_refused_in_its_part(store: Storefront) -> None:
    shown = answers(
        send(
            store,
            part("post", {}, "TENT", x_dw_http_method="POST"),
            part("elsewhere", None, "", x_dw_resource_path=f"{DATA}/nothing"),
        )
    )
    assert (shown["post"][0], shown["elsewhere"][0]) == (405, 404)


def test_a_batch_may_be_applied_and_its_answer_lost(store: Storefront) -> None:
    store.faults.rates["sfcc.504_applied"] = 1
    response = send(store, part("TENT", allocation(7)), part("ROPE", allocation(8)))
    store.faults.rates.clear()
    assert (response.status_code, fault_kind(response)) == (504, "GatewayTimeoutException")
    assert (amount(store, "TENT"), amount(store, "ROPE")) == (7, 8)


def test_another_writer_may_win_in_some_parts(store: Storefront) -> None:
    store.faults.rates["sfcc.record_conflict"] = 0.5
    shown = answers(send(store, *[part(f"p{n}", allocation(n), "TENT") for n in range(40)]))
    store.faults.rates.clear()
    statuses = [status for status, _ in shown.values()]
    assert set(statuses) == {200, 409}
    last = max(n for n, status in enumerate(statuses) if status == 200)
    assert amount(store, "TENT") == last


def test_a_part_inherits_the_query_and_may_overrule_it(store: Storefront) -> None:
    paged = part("page", None, "?count=1&select=(data)", x_dw_http_method="GET")
    headers = HEADERS | {"x-dw-resource-path": RECORDS.removesuffix("/")}
    query = {"client_id": store.settings.client_id, "count": "2"}
    response = store.call("POST", BATCH, headers=headers, content=whole(paged), params=query)
    status, page = answers(response)["page"]
    assert (status, len(page["data"])) == (200, 1)


def test_a_product_id_may_hold_what_a_path_escapes(store: Storefront) -> None:
    shown = answers(send(store, part("odd", allocation(1), "A%2FB%20C")))
    assert shown["odd"][1]["fault"]["arguments"]["productId"]["value"] == "A/B C"


def test_an_allocation_without_a_date_may_keep_the_one_before() -> None:
    for rule, date in (("now", "2026-08-03T09:05:00.000Z"), ("kept", "2026-08-03T09:00:00.000Z")):
        store = Storefront(SfccSettings(reset_date_omitted=rule))  # type: ignore[arg-type]
        store.later(minutes=5)
        send(store, part("TENT", allocation(7)))
        assert store.record("TENT")["allocation"]["reset_date"] == date


def test_a_batch_is_posted_by_a_client_with_a_token(store: Storefront) -> None:
    asked = store.call("GET", BATCH)
    assert (asked.status_code, fault_kind(asked)) == (405, "MethodNotAllowedException")
    nobody = HEADERS | {"Authorization": ""}
    content = whole(part("TENT", allocation(7)))
    refused = store.call("POST", BATCH, headers=nobody, content=content)
    assert (refused.status_code, fault_kind(refused)) == (
        401,
        "InvalidAuthorizationHeaderException",
    )
    assert amount(store, "TENT") == 20
