"""What deviations of the emulated ERP do; `cin7_deviations` says which probe each belongs to."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import httpx

from sfcc_cin7_sandbox.cin7.availability import Availability
from sfcc_cin7_sandbox.cin7.orders import Orders
from sfcc_cin7_sandbox.cin7.sales import Sales
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_tests.conformance.deviations import Between, Document, Serve, erp, reply, sent

VAT, GOODS = "20% (VAT on Income)", "NOMAD-TARP-01"
SALE, ORDER, PAYMENT = erp("POST", "sale"), erp("POST", "sale/order"), erp("POST", "sale/payment")
ONE_SALE, SALES = erp("GET", "sale"), erp("GET", "salelist")
STOCK, PRODUCT = erp("GET", "ref/productavailability"), erp("GET", "product")
NO_ROWS = {"Total": 0, "Page": 1}


def first(body: Document) -> Document:
    """The first line of an order."""
    lines: list[Document] = body.get("Lines") or [{}]
    return lines[0]


def line_with(name: str, *values: object) -> Callable[[Document], bool]:
    return lambda body: first(body).get(name) in values


def charge_of(body: Document) -> Document:
    charges: list[Document] = body.get("AdditionalCharges") or [{}]
    return charges[0]


def on_lines(**changes: object) -> Callable[[Document], None]:
    def change(body: Document) -> None:
        for line in body["Lines"]:
            line.update(changes)

    return change


def rows(key: str, change: Callable[[Document], object]) -> Callable[[Document], None]:
    def change_all(answer: Document) -> None:
        for row in answer[key]:
            change(row)

    return change_all


def key_of(request: httpx.Request) -> str:
    key: str = request.headers.get("api-auth-applicationkey", "")
    return key


def wrong_key(request: httpx.Request) -> bool:
    return key_of(request).startswith("0000")


def wrong_account(request: httpx.Request) -> bool:
    account: str = request.headers.get("api-auth-accountid", "1")
    return not account.startswith("1111")


def plain_line(body: Document) -> bool:
    """An ordinary draft of one ordinary line, and nothing else."""
    usual = {"SaleID", "Status", "Lines", "AdditionalCharges"}
    money = (first(body).get("Price"), first(body).get("Tax"), first(body).get("TaxRule"))
    alone = len(body.get("Lines", [])) == 1 and not body["AdditionalCharges"]
    return set(body) == usual and alone and money == (12, 2, VAT) and body["Status"] == "DRAFT"


def voided_sales_take_lines() -> Between:
    voided: set[str] = set()

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if erp("DELETE", "sale", Void="true")(request):
            voided.add(request.url.params["ID"])
        if ORDER(request) and sent(request)["SaleID"] in voided:
            return reply(200, {})
        return serve(request)

    return between


def a_reference_once_only() -> Between:
    seen: set[tuple[str, str]] = set()

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if PAYMENT(request):
            body = sent(request)
            payment = (body["TaskID"], body["Reference"])
            if payment in seen:
                return reply(400, [{"ErrorCode": 400, "Exception": "Booked already."}])
            response = serve(request)
            if response.is_success:
                seen.add(payment)
            return response
        return serve(request)

    return between


def stock_that_stands_still() -> Between:
    """Of one product, when it is asked for by its ID: a few looks long."""
    shown: list[bytes] = []

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if STOCK(request) and "ID" in request.url.params:
            shown.append(response.content)
            if len(shown) <= 4:
                return httpx.Response(200, content=shown[0])
        return response

    return between


def a_refusal_that_lasts() -> Between:
    refusals: list[httpx.Response] = []

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if refusals and key_of(request) == "sandbox-key":
            return httpx.Response(429, text=refusals[0].text)
        response = serve(request)
        if response.status_code == 429:
            refusals.append(response)
        return response

    return between


def total_without_charges(order: Document) -> None:
    if order["AdditionalCharges"]:
        order["Total"] = sum(line["Total"] for line in order["Lines"])


def before_tax_of_gross(order: Document) -> None:
    if order["Total"] == sum(line["Total"] for line in order["Lines"]) and order["Lines"]:
        order["TotalBeforeTax"] = order["Total"]


def before_tax_of_net(order: Document) -> None:
    if order["Total"] == sum(line["Total"] + line["Tax"] for line in order["Lines"]):
        order["TotalBeforeTax"] = order["Total"]


def no_shortage_of_two(order: Document) -> None:
    for line in order["Lines"]:
        if line["Quantity"] == 2:
            line["BackorderQuantity"] = 0


def only_first_bin(answer: Document) -> None:
    places: dict[tuple[str, str], Document] = {}
    for row in answer["ProductAvailabilityList"]:
        kept = places.setdefault((row["SKU"], row["Location"]), row)
        if kept is not row:
            for name in ("OnHand", "Allocated", "Available"):
                kept[name] += row[name]
    answer["ProductAvailabilityList"] = list(places.values())


def one_more_available(row: Document) -> None:
    if row["Available"] > 10:
        row["Available"] += 1


def without_allocation(original: Any, self: Stock, sku: str, *args: Any) -> Any:
    parts = original(self, sku, *args)
    self.release(sku, parts)
    return parts


def drafts_allocate(original: Any, self: Orders, call: Any) -> Any:
    document = original(self, call)
    if call.body["Status"] == "DRAFT":
        sale = self._sales.find(call.body["SaleID"])
        for line in sale.lines:
            self._stock.allocate(line["SKU"], line["Quantity"], [sale.header["Location"]])
    return document


def void_that_keeps(original: Any, self: Orders, sale: Any, *args: Any) -> Any:
    for line in sale.lines:
        line["Allocations"] = []
    return original(self, sale, *args)


def with_deprecated(original: Any, self: Availability, call: Any) -> Any:
    gone = [row for row in self._products.all() if row.get("Status") == "Deprecated"]
    for row in gone:
        row["Status"] = "Active"
    try:
        return original(self, call)
    finally:
        for row in gone:
            row["Status"] = "Deprecated"


def contains_external_id(_original: Any, _self: Sales, sale: Any, wanted: str) -> bool:
    return wanted in (sale.header["ExternalID"] or "")


def half_even(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def set_in(name: str, value: Any) -> Callable[[Document], None]:
    return lambda document: document.update({name: value})


def bare_refusal(code: int) -> list[Document]:
    return [{"ErrorCode": code, "Exception": "No."}]


def void_again() -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        again = erp("DELETE", "sale")(request) and "already voided" in response.text
        return reply(200, {}) if again else response

    return between


def other_words() -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        limited = response.status_code == 429
        return httpx.Response(429, text="Slow down.") if limited else response

    return between


def missing_is_400() -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if ONE_SALE(request) and response.status_code == 404:
            return reply(400, bare_refusal(400))
        return response

    return between


def quantity_of_two_places(row: Document) -> None:
    row["Quantity"] = round(Decimal(row["Quantity"]), 2)
