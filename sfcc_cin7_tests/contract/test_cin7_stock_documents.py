"""Every answer about stock documents against the published OpenAPI file."""

from decimal import Decimal

import pytest
import simplejson

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.sandbox.cin7_company import Company

FILE = "cin7-core-documents-openapi.json"
LONDON, RENO = "London DC", "Reno DC"
SOME = {"TENT-2P": Decimal(2)}


@pytest.fixture
def company() -> Company:
    document(FILE)
    return Company()


def conforms(company: Company, path: str, **query: str) -> None:
    response = company.call("GET", path, **query)
    assert response.status_code == 200, response.text
    body = simplejson.loads(response.text, use_decimal=True)
    assert problems(body, validator(FILE, "GET", path, closed=True)) == [], path


def test_purchases_of_both_kinds_conform_at_every_step(company):
    bought = company.cin7.documents.purchases
    for advanced in (False, True):
        key = bought.order(LONDON, SOME, advanced=advanced)
        steps = [bought.receive, *([bought.put_away] if advanced else [])]
        for step in (*steps, lambda key: bought.unstock(key, SOME), bought.void):
            step(key)
            conforms(company, "/purchaseList")
            conforms(company, "/advanced-purchase", ID=key)
            if not advanced:
                conforms(company, "/purchase", ID=key)


def test_transfers_conform_at_every_step(company):
    moved = company.cin7.documents.transfers
    key = moved.begin(LONDON, RENO, SOME)
    for step in ("ORDERED", "IN TRANSIT", "COMPLETED"):
        moved.advance(key, step)
        conforms(company, "/stockTransferList")
        conforms(company, "/stockTransfer", TaskID=key)
    moved.void(key)
    conforms(company, "/stockTransfer", TaskID=key)


def test_adjustments_stock_takes_and_write_offs_conform(company):
    counts = company.cin7.documents.counts
    both = SOME | {"MUG": Decimal(3)}
    key = counts.adjust(LONDON, both)
    conforms(company, "/stockadjustmentList")
    conforms(company, "/stockadjustment", TaskID=key)
    take = counts.begin_take(LONDON)
    counts.complete_take(take, both)
    conforms(company, "/stockTakeList")
    conforms(company, "/stocktake", TaskID=take)
    lost = counts.write_off(LONDON, SOME)
    conforms(company, "/inventoryWriteOffList")
    conforms(company, "/inventoryWriteOff", TaskID=lost)


def test_assemblies_conform_at_every_step(company):
    made = company.cin7.documents.assemblies
    key = made.begin(LONDON, "MUG", Decimal(1), SOME)
    for step in ("AUTHORISED", "IN PROGRESS", "COMPLETED"):
        made.advance(key, step)
        conforms(company, "/finishedGoodsList")
        conforms(company, "/finishedGoods", TaskID=key)
    made.void(key)
    conforms(company, "/finishedGoods", TaskID=key)
