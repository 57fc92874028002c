"""Administrators and gateways can be asked for trouble over the control endpoint."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import simplejson

from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_tests.sandbox.control.test_control_people import Strings
from sfcc_cin7_tests.sandbox.erp_clerk import book, call

UK = "alpenglow-uk"
TENT = "NOMAD-TARP-01"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(skus=150, payouts=tmp_path_factory.mktemp("payouts")) as sandbox:
        yield sandbox


@pytest.fixture
def strings(running: RunningSandbox) -> Iterator[Strings]:
    running.reset()
    with httpx.Client(base_url=running.url) as client:
        yield Strings(running, client)


def stock(strings: Strings, **where: str) -> list[Any]:
    wanted = where.items()
    return [row for row in strings.house.cin7.stock_truth() if wanted <= row.items()]


def test_a_renamed_product_takes_its_stock_along(strings):
    before = stock(strings, SKU=TENT)
    strings.pull("products/rename", sku=TENT, to="NOMAD-TARP-02")
    assert stock(strings, SKU=TENT) == []
    assert [row["OnHand"] for row in stock(strings, SKU="NOMAD-TARP-02")] == [
        row["OnHand"] for row in before
    ]
    assert "There is no" in strings.complaint("products/rename", sku=TENT, to="X")
    other = next(row["SKU"] for row in strings.house.cin7.stock_truth() if row["SKU"] != TENT)
    assert "already exists" in strings.complaint("products/rename", sku=other, to="nomad-tarp-02")


def test_a_product_that_a_sale_has_to_ship_is_not_renamed(strings):
    placed, _ = strings.order()
    sku = placed["productItems"][0]["productId"]
    sale = book(strings.client, placed)
    assert "was not shipped" in strings.complaint("products/rename", sku=sku, to="NEW")
    strings.pull("sales/ship", sale=sale)
    strings.pull("products/rename", sku=sku, to="NEW")


def test_a_renamed_warehouse_still_ships_what_was_promised_there(strings):
    placed, _ = strings.order()
    sale = book(strings.client, placed)
    strings.pull("locations/rename", location="London DC", to="London Hub")
    assert stock(strings, Location="London DC") == []
    assert strings.pull("sales/ship", sale=sale)["CombinedShippingStatus"] == "SHIPPED"
    names = call(strings.client, "GET", "ref/location?Limit=100").json()["LocationList"]
    assert {row["Name"] for row in names if row["ParentID"] is None} >= {"London Hub", "Reno DC"}
    taken = strings.complaint("locations/rename", location="Reno DC", to="London Hub")
    assert "already exists" in taken
    assert "was not found" in strings.complaint("locations/rename", location="London DC", to="X")


def test_a_tax_rule_out_of_use_is_refused_until_it_is_put_back(strings):
    rule = "20% (VAT on Income)"
    strings.pull("tax-rules/use", rule=rule, in_use=False)
    [shown] = call(strings.client, "GET", "ref/tax?Name=20").json()["TaxRuleList"]
    assert shown["IsActive"] is False
    strings.pull("tax-rules/use", rule=rule, in_use=True)
    [shown] = call(strings.client, "GET", "ref/tax?Name=20").json()["TaxRuleList"]
    assert shown["IsActive"] is True
    assert "was not found" in strings.complaint("tax-rules/use", rule="No rule", in_use=True)


def test_a_revoked_key_is_refused_and_the_other_goes_on(strings):
    strings.pull("keys", key="sandbox-orders-key", revoked=True)
    assert call(strings.client, "GET", "me").status_code == 403
    strings.pull("keys", key="sandbox-orders-key", revoked=False)
    assert call(strings.client, "GET", "me").status_code == 200
    assert "no such" in strings.complaint("keys", key="another", revoked=True)


def test_a_revoked_storefront_password_ends_its_tokens_too(strings):
    def token() -> Any:
        return strings.client.post(
            "/dwsso/oauth2/access_token",
            data={"grant_type": "client_credentials"},
            auth=("sandbox-client", "sandbox-secret"),
        )

    given = token().json()["access_token"]
    strings.pull("storefront-password", revoked=True)
    assert token().status_code in (400, 401)
    assert strings.house.sfcc.accounts.grant(f"Bearer {given}") is None
    strings.pull("storefront-password", revoked=False)
    assert strings.house.sfcc.accounts.grant(f"Bearer {given}") is not None
    assert token().status_code == 200


def test_the_storefront_sells_something_new_and_another_job_replaces_a_list(strings):
    strings.pull("storefront-products", sku="BRAND-NEW", name="Brand new")
    assert strings.house.sfcc.catalogue.get("BRAND-NEW") is not None
    strings.pull("storefront-products/withdraw", sku="BRAND-NEW")
    assert "There is no" in strings.complaint("storefront-products/withdraw", sku="BRAND-NEW")
    strings.pull("storefront-stock/replace", list="inventory-jp", allocation=33)
    shown = strings.house.sfcc.truth()["inventory"]
    assert {row["allocation"] for row in shown if row["list"] == "inventory-jp"} == {33}
    assert "There is no" in strings.complaint("storefront-stock/replace", list="x", allocation=1)
    strings.pull("products/status", sku=TENT, status="Deprecated")
    assert "Active or" in strings.complaint("products/status", sku=TENT, status="Gone")


def paid_by_card(strings: Strings) -> dict[str, str]:
    while True:
        placed, named = strings.order()
        if [each.gateway for each in strings.house.gateways.payments(placed)] == ["stripe"]:
            return named


def test_gateways_pay_short_twice_and_make_up_for_it(strings):
    short, twice = paid_by_card(strings), paid_by_card(strings)
    strings.pull("gateways/short", **short, amount=1)
    strings.pull("gateways/twice", **twice)
    [name] = strings.pull("gateways/settle", gateway="stripe", short=5)["reports"]["stripe"]
    folder: Path = strings.house.settings.payouts / "stripe"
    wrong = (folder / name).read_text()
    assert wrong.count(f"Order {twice['order']}") == 2
    assert "was settled already" in strings.complaint("gateways/short", **short, amount=1)
    strings.pull("gateways/restate", gateway="stripe", report=name)
    assert (folder / name).read_text() != wrong
    strings.pull("gateways/make-up", **short, amount=1)
    strings.pull("gateways/refund", **twice)
    assert strings.pull("gateways/payment", **twice)["gateway"] == "stripe"
    [name] = strings.pull("gateways/settle")["reports"]["stripe"]
    rows = (folder / name).read_text()
    assert rows.count("other_adjustment") == 1
    assert rows.count("refund") == 1
    assert "issued no" in strings.complaint("gateways/restate", gateway="stripe", report="x")


def test_a_payment_that_was_withheld_is_settled_after_all(strings):
    placed, _ = strings.order()
    document = simplejson.loads(simplejson.dumps(placed, use_decimal=True), use_decimal=True)
    strings.pull("raw-orders", document=document | {"orderNo": "OLD-1"})
    strings.pull("gateways/settle")
    strings.pull("gateways/settle-alone", site=UK, order="OLD-1")
    reports = strings.pull("gateways/settle")["reports"]
    assert sum(map(len, reports.values())) == 1
    assert "No order" in strings.complaint("gateways/twice", site=UK, order="nobody")


def test_the_shoppers_bank_takes_a_payment_back_until_the_dispute_is_won(strings):
    named = paid_by_card(strings)
    strings.pull("gateways/settle")
    for deed, category in (("chargeback", ",dispute,"), ("win", ",dispute_reversal,")):
        strings.pull(f"gateways/{deed}", **named)
        [name] = strings.pull("gateways/settle")["reports"]["stripe"]
        assert category in (strings.house.settings.payouts / "stripe" / name).read_text()


def test_a_reopened_sale_is_authorised_again(strings):
    placed, _ = strings.order()
    sale = book(strings.client, placed)
    assert "Only a draft" in strings.complaint("sales/authorise", sale=sale)
    strings.pull("sales/undo", sale=sale)
    assert strings.pull("sales/authorise", sale=sale)["OrderStatus"] == "AUTHORISED"
