"""The helper that turns OpenAPI files into validators is itself strict."""

from decimal import Decimal

import pytest
import simplejson

from sfcc_cin7_tests.contract.openapi import problems, validator

OPENAPI = {
    "openapi": "3.0.3",
    "paths": {
        "/sale": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Sale"}}
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Sale"}}
                        }
                    },
                    "400": {"$ref": "#/components/responses/Bad"},
                },
            }
        }
    },
    "components": {
        "responses": {"Bad": {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        "schemas": {
            "Address": {"type": "object", "properties": {"Line1": {"type": "string"}}},
            "Sale": {
                "type": "object",
                "required": ["ID"],
                "properties": {
                    "ID": {"type": "string"},
                    "Note": {"type": "string", "nullable": True},
                    "Address": {
                        "allOf": [{"$ref": "#/components/schemas/Address"}],
                        "nullable": True,
                    },
                    "Quantity": {
                        "type": "number",
                        "minimum": 0,
                        "exclusiveMinimum": True,
                        "x-max-decimals": 4,
                    },
                    "Updated": {"type": "string", "x-temporal": "date-time"},
                },
            },
        },
    },
}


@pytest.fixture(autouse=True)
def openapi_file(tmp_path, monkeypatch):
    (tmp_path / "shop.json").write_text(simplejson.dumps(OPENAPI))
    monkeypatch.setenv("SFCC_CIN7_REFERENCE", str(tmp_path))


def test_null_is_accepted_exactly_where_the_file_says_nullable():
    schema = validator("shop.json", "POST", "/sale", 200)

    assert problems({"ID": "a", "Note": None, "Address": None}, schema) == []
    assert problems({"ID": None}, schema) == ["$.ID: None is not of type 'string'"]


def test_bounds_decimals_and_times_are_checked():
    schema = validator("shop.json", "POST", "/sale", kind="request")

    body = {"ID": "a", "Quantity": Decimal("1.2345"), "Updated": "2026-01-02T03:04:05.678Z"}
    assert problems(body, schema) == []
    assert problems({"ID": "a", "Quantity": 0}, schema)
    assert problems({"ID": "a", "Quantity": Decimal("1.23456")}, schema)
    assert problems({"ID": "a", "Updated": "02/01/2026"}, schema)


def test_a_closed_schema_refuses_invented_keys_at_every_depth():
    body = {"ID": "a", "Address": {"Line1": "1 High Street", "Planet": "Earth"}}

    assert problems(body, validator("shop.json", "POST", "/sale", 200)) == []
    assert problems(body, validator("shop.json", "POST", "/sale", 200, closed=True))


def test_a_shared_response_is_followed_and_a_missing_one_is_named():
    assert problems("no", validator("shop.json", "POST", "/sale", 400)) == []
    with pytest.raises(LookupError, match="no response 418 of POST /sale"):
        validator("shop.json", "POST", "/sale", 418)
