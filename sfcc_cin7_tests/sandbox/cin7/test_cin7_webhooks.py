"""The register of webhooks."""

from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7_company import Company
from sfcc_cin7_tests.sandbox.listener import UNKNOWN, URL, hook


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_webhook_is_made_shown_changed_and_deleted(company: Company) -> None:
    made = company.post("/webhooks", hook("Sale/OrderAuthorised", Name="mine"))["Webhooks"][0]
    assert (made["Name"], made["IsActive"]) == ("Sale order has been authorised", True)
    assert company.get("/webhooks")["Webhooks"] == [made]
    changed = made | {"IsActive": False, "ExternalURL": "https://hooks.example.com/cin7"}
    assert company.put("/webhooks", changed)["Webhooks"] == [changed]
    assert company.delete("/webhooks", ID=made["ID"].upper()) == {"Webhooks": []}
    assert company.get("/webhooks")["Webhooks"] == []


def test_secrets_are_shown_in_clear(company: Company) -> None:
    sent = hook(
        ExternalAuthorizationType="basicauth",
        ExternalUserName="clerk",
        ExternalPassword="s3cret",
        ExternalHeaders=[{"Key": "X-Room", "Value": "stock"}],
    )
    company.post("/webhooks", sent)
    (shown,) = company.get("/webhooks")["Webhooks"]
    assert (shown["ExternalUserName"], shown["ExternalPassword"]) == ("clerk", "s3cret")
    assert shown["ExternalHeaders"] == [{"Key": "X-Room", "Value": "stock"}]


def test_what_a_change_leaves_out_is_cleared(company: Company) -> None:
    made = company.post(
        "/webhooks", hook(ExternalAuthorizationType="bearerauth", ExternalBearerToken="t")
    )["Webhooks"][0]
    changed = company.put("/webhooks", hook(ID=made["ID"]))["Webhooks"][0]
    assert (changed["ExternalBearerToken"], changed["ID"]) == ("", made["ID"])


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": None},
        {"Type": "Sale/Imagined"},
        {"IsActive": None},
        {"IsActive": "true"},
        {"ExternalURL": ""},
        {"ExternalURL": "ftp://127.0.0.1/"},
        {"ExternalURL": "/cin7"},
        {"ExternalAuthorizationType": "oauth"},
        {"ExternalAuthorizationType": "basicauth", "ExternalUserName": "clerk"},
        {"ExternalAuthorizationType": "bearerauth"},
        {"ExternalHeaders": [{"Value": "1"}]},
        {"ExternalHeaders": [{"Key": "a b", "Value": "1"}]},
        {"ExternalHeaders": [{"Key": "a", "Value": "1\r\nb: 2"}]},
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused(company: Company, changes: Any) -> None:
    status, _ = company.refusal("POST", "/webhooks", body=hook(**changes))
    assert status == 400
    assert company.get("/webhooks")["Webhooks"] == []


def test_five_webhooks_have_one_type_and_no_more(company: Company) -> None:
    for _ in range(5):
        last = company.post("/webhooks", hook("Sale/Created"))["Webhooks"][0]
    assert company.refusal("POST", "/webhooks", body=hook("Sale/Created"))[0] == 400
    other = company.post("/webhooks", hook("Sale/Voided"))["Webhooks"][0]
    taken = other | {"Type": "Sale/Created"}
    assert company.refusal("PUT", "/webhooks", body=taken)[0] == 400
    assert company.put("/webhooks", last | {"IsActive": False})["Webhooks"][0]["ID"] == last["ID"]
    company.delete("/webhooks", ID=last["ID"])
    company.post("/webhooks", hook("Sale/Created"))


def test_unknown_webhooks_are_not_found(company: Company) -> None:
    assert company.refusal("PUT", "/webhooks", body=hook(ID=UNKNOWN))[0] == 404
    assert company.refusal("DELETE", "/webhooks", ID=UNKNOWN)[0] == 404
    assert company.refusal("DELETE", "/webhooks")[0] == 400


def test_webhooks_outlive_the_companys_process() -> None:
    shelf = Shelf()
    company = Company(shelf)
    first = company.post("/webhooks", hook())["Webhooks"][0]
    company.delete("/webhooks", ID=first["ID"])
    kept = company.post("/webhooks", hook())["Webhooks"][0]
    after = Company(shelf)
    assert after.get("/webhooks")["Webhooks"] == [kept]
    third = after.post("/webhooks", hook())["Webhooks"][0]
    assert len({first["ID"], kept["ID"], third["ID"]}) == 3
    assert kept["ExternalURL"] == URL
