"""The emulated Cin7's webhooks, and what they tell, against the published examples."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.contract.test_cin7_sandbox_responses import FILE, Witness
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, header, line
from sfcc_cin7_tests.sandbox.listener import UNKNOWN, Listener, hook

CAUSED = (
    "Sale/Created",
    "Sale/OrderAuthorised",
    "Sale/Backordered",
    "Sale/Undo",
    "Sale/Voided",
    "Sale/PickAuthorised",
    "Sale/PackAuthorised",
    "Sale/ShipmentAuthorised",
    "Sale/ShipmentTrackingNumberChanged",
    "Sale/AdditionalAttributesChanged",
    "Sale/PartialPaymentReceived",
    "Sale/FullPaymentReceived",
    "Product/Updated",
    "Customer/Updated",
    "Stock/AvailableStockLevelChanged",
)


def test_the_register_answers_as_published() -> None:
    witness = Witness()
    made = witness("POST", "/webhooks", body=hook())["Webhooks"][0]
    witness("PUT", "/webhooks", body=made)
    assert witness("GET", "/webhooks")["Webhooks"] == [made]
    witness("POST", "/webhooks", 400, body=hook("Sale/Imagined"))
    witness("PUT", "/webhooks", 404, body=hook(ID=UNKNOWN))
    assert witness("DELETE", "/webhooks", ID=made["ID"]) == published_deletion()


def published_deletion() -> Any:
    answer = document(FILE)["paths"]["/webhooks"]["delete"]["responses"]["200"]
    return answer["content"]["application/json"]["examples"]["official"]["value"]


def test_every_type_that_is_published_can_be_registered() -> None:
    schema = document(FILE)["components"]["schemas"]["WebhookCreate"]
    kinds = schema["allOf"][1]["properties"]["Type"]["enum"]
    company = Company(calls_per_window=1000)
    for kind in kinds:
        body = hook(kind)
        assert problems(body, validator(FILE, "POST", "/webhooks", kind="request")) == []
        company.post("/webhooks", body)
    assert len(company.get("/webhooks")["Webhooks"]) == len(kinds)


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """One body of every event that the company can cause, by the address it was sent to."""
    document(FILE)
    listener = Listener(Company(calls_per_window=1000))
    company = listener.company
    for kind in CAUSED:
        listener.register(kind, ExternalURL=f"http://127.0.0.1:9/{kind}")
    attributes = {"AdditionalAttribute1": "a"}
    sale = company.new_sale(AdditionalAttributes=attributes, Contact="Ana", Email="a@example.com")
    company.put("/sale", header(ID=sale["ID"], AdditionalAttributes={"AdditionalAttribute1": "b"}))
    company.authorise(sale, line("STOVE", quantity=5))
    company.cin7.ship(sale["ID"])
    company.cin7.invoice(sale["ID"])
    for amount in (Decimal(1), Decimal(99)):
        company.post("/sale/payment", payment(sale, Type="Payment", Amount=amount))
    other = company.new_sale(ExternalID="alpenglow:shop-gb:00002")
    company.authorise(other, line())
    company.delete("/sale", ID=other["ID"])
    company.delete("/sale", ID=other["ID"], Void="true")
    made = company.post("/product", product())["Products"][0]
    company.put("/product", {"ID": made["ID"], "PriceTier1": Decimal(9)})
    address = {"Line1": "1 Rue Haute", "Country": "France", "Type": "Billing"}
    company.post("/customer", customer(Addresses=[address], Contacts=[{"Name": "Ana Ruiz"}]))
    listener.listen()
    return {url.removeprefix("http://127.0.0.1:9/"): body for url, _, body in listener.heard}


@pytest.mark.parametrize("kind", CAUSED)
def test_an_event_has_the_shape_of_its_published_example(told: dict[str, Any], kind: str) -> None:
    example = document(FILE)["x-webhook-payloads"][kind]
    assert differences(told[kind], example, kind) == []


def differences(ours: Any, example: Any, place: str) -> list[str]:
    """Where attributes or their kinds differ; null may stand for anything on either side."""
    if isinstance(ours, dict) and isinstance(example, dict):
        if place.endswith(".PriceTiers"):
            return []
        found = [f"{place}.{name} is not in the example" for name in ours.keys() - example.keys()]
        found += [f"{place}.{name} is missing" for name in example.keys() - ours.keys()]
        for name in ours.keys() & example.keys():
            found += differences(ours[name], example[name], f"{place}.{name}")
        return found
    if isinstance(ours, list) and isinstance(example, list):
        pairs = zip(ours[:1], example[:1], strict=False)
        return [found for one, other in pairs for found in differences(one, other, f"{place}[]")]
    if ours is None or example is None or kind_of(ours) == kind_of(example):
        return []
    return [f"{place} is {ours!r}, the example has {example!r}"]


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | Decimal) else type(value).__name__
