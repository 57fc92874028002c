"""Somebody who types plain British orders into the ERP by its API, with two calls."""

from decimal import Decimal
from typing import Any

import httpx
import simplejson

HEADERS = {
    "api-auth-accountid": "11111111-2222-3333-4444-555555555555",
    "api-auth-applicationkey": "sandbox-orders-key",
    "content-type": "application/json",
}
RULES = {Decimal("0.2"): "20% (VAT on Income)", Decimal(0): "Zero Rated Income"}


def call(client: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None):
    return client.request(
        method,
        f"/ExternalApi/v2/{path}",
        headers=HEADERS,
        content=simplejson.dumps(body, use_decimal=True) if body is not None else None,
    )


def book(client: httpx.Client, order: dict[str, Any], *, authorise: bool = True) -> str:
    """Books an order of alpenglow-uk without options or certificates; the sale's id."""
    address = order["billingAddress"]
    where = {
        "Line1": address["address1"],
        "City": address["city"],
        "Postcode": address["postalCode"],
        "Country": "United Kingdom",
    }
    header = {
        "Customer": "Alpenglow UK Web",
        "Location": "London DC",
        "SkipQuote": True,
        "TaxInclusive": True,
        "TaxRule": "20% (VAT on Income)",
        "SaleType": "Simple",
        "BillingAddress": where,
        "ShippingAddress": where | {"ShipToOther": True},
        "ExternalID": f"alpenglow:{order['siteId']}:{order['orderNo']}",
        "CustomerReference": order["orderNo"],
        "CurrencyRate": 1,
    }
    answer = call(client, "POST", "sale", header)
    assert answer.status_code == 200, answer.text
    sale_id: str = answer.json()["ID"]
    if authorise:
        body = {
            "SaleID": sale_id,
            "Status": "AUTHORISED",
            "Memo": "",
            "CombineAdditionalCharges": False,
            "Lines": [_row(item) | {"SKU": item["productId"]} for item in order["productItems"]],
            "AdditionalCharges": [
                _row(item | {"quantity": Decimal(1)}) | {"Description": "Shipping"}
                for item in order["shippingItems"]
            ],
        }
        answer = call(client, "POST", "sale/order", body)
        assert answer.status_code == 200, answer.text
    return sale_id


def _row(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Quantity": item["quantity"],
        "Price": item["basePrice"],
        "Discount": 0,
        "Tax": item["tax"],
        "Total": item["grossPrice"],
        "TaxRule": RULES[Decimal(item["taxRate"])],
    }
