"""What each kind of document does to what is available, as far as its lines tell."""

from decimal import Decimal

import pytest

from sfcc_cin7.merchant.stock import NotForSalePolicy
from sfcc_cin7.stock.trail.effects import NOTHING, Effect, Goods, effects, fall
from sfcc_cin7.systems.cin7.documents import Document, SaleDocument
from sfcc_cin7.systems.cin7.stock_documents import (
    AdjustmentDocument,
    AssemblyDocument,
    PurchaseDocument,
    TransferDocument,
    WriteOffDocument,
)

D = Decimal
KEY = "0f9b2a52-0000-4000-8000-000000000001"


def at(location: str, sku: str = "MUG") -> Goods:
    return Goods("", sku, location)


def certain(units: int) -> Effect:
    return Effect(D(units), D(units))


def sale(status: str, order: str, quantity: int = 3, backordered: int = 0) -> Document:
    line = {"SKU": "MUG", "Quantity": quantity, "BackorderQuantity": backordered}
    body = {"ID": KEY, "Status": status, "Location": "Reno", "Order": {"Status": order}}
    body["Order"] |= {"Lines": [line]}  # type: ignore[operator]
    return SaleDocument.model_validate(body)


@pytest.mark.parametrize(
    ("status", "order", "taken"),
    [
        ("ORDERED", "AUTHORISED", -3),
        ("COMPLETED", "FULFILLED", -3),
        ("ORDERING", "DRAFT", 0),
        ("ORDERED", "AUTH_NO_ALLOC", 0),
        ("VOIDED", "AUTHORISED", 0),
    ],
)
def test_a_sale_takes_its_units_from_where_it_is_authorised_on(status, order, taken) -> None:
    expected = {at("Reno"): certain(taken)} if taken else {}
    assert effects(sale(status, order)) == expected


def test_what_a_sale_has_backordered_it_has_not_taken() -> None:
    assert effects(sale("BACKORDERED", "AUTHORISED", 5, 2)) == {at("Reno"): certain(-3)}


def transfer(status: str, source: str = "Reno", target: str = "London") -> Document:
    lines = [{"SKU": "MUG", "TransferQuantity": 4}]
    body = {"TaskID": KEY, "Status": status, "FromLocation": source, "ToLocation": target}
    is_ordered = status == "ORDERED"
    body |= {"Lines": [] if is_ordered else lines}  # type: ignore[dict-item]
    body |= {"Order": {"Lines": lines if is_ordered else []}}  # type: ignore[dict-item]
    return TransferDocument.model_validate(body)


def test_a_transfer_leaves_before_it_arrives_and_may_be_allocated_before_it_leaves() -> None:
    assert effects(transfer("DRAFT")) == {}
    assert effects(transfer("ORDERED")) == {at("Reno"): Effect(D(-4), D(0))}
    assert effects(transfer("IN TRANSIT")) == {at("Reno"): certain(-4)}
    both = {at("Reno"): certain(-4), at("London"): certain(4)}
    assert effects(transfer("COMPLETED", "Reno: A1", "London: B2")) == both


def test_between_bins_of_one_warehouse_nothing_moves() -> None:
    assert effects(transfer("COMPLETED", "Reno: A1", "Reno")) == {}


def test_into_a_bin_that_is_not_for_sale_goods_leave_and_out_of_it_they_come() -> None:
    def moved(status: str, source: str, target: str) -> object:
        return effects(transfer(status, source, target), NotForSalePolicy())

    away, back = ("Reno: A1", "Reno: Quarantine"), ("Reno: Quarantine", "Reno")
    assert moved("ORDERED", *away) == {at("Reno"): Effect(D(-4), D(0))}
    assert moved("COMPLETED", *away) == {at("Reno"): certain(-4)}
    assert moved("IN TRANSIT", *back) == {}
    assert moved("COMPLETED", *back) == {at("Reno"): certain(4)}
    assert moved("COMPLETED", "Reno: Quarantine", "Reno: Damaged") == {}
    assert moved("COMPLETED", "Reno: A1", "Reno: A2") == {}


def test_of_a_purchase_counts_what_was_put_away_less_what_went_back() -> None:
    line = {"SKU": "MUG", "Quantity": 12, "Location": "Reno: Dock"}
    purchase = PurchaseDocument.model_validate(
        {
            "ID": KEY,
            "Status": "RECEIVED",
            "Location": "Reno",
            "PutAway": [
                {"Status": "AUTHORISED", "Lines": [line]},
                {"Status": "DRAFT", "Lines": [line]},
            ],
            "CreditNote": [{"Status": "AUTHORISED", "Unstock": [{"SKU": "MUG", "Quantity": 5}]}],
        }
    )
    assert effects(purchase) == {at("Reno"): certain(7)}


def test_an_adjustment_is_either_of_what_is_on_hand_or_of_what_is_available() -> None:
    line = {"SKU": "MUG", "QuantityOnHand": 10, "Available": 6, "Adjustment": 8, "Location": "Reno"}
    new = {"SKU": "POT", "Quantity": 3, "Location": "Reno"}
    body = {"TaskID": KEY, "Status": "COMPLETED"}
    made = AdjustmentDocument.model_validate(
        body | {"ExistingStockLines": [line], "NewStockLines": [new]}
    )
    assert effects(made) == {at("Reno"): Effect(D(-2), D(2)), at("Reno", "POT"): certain(3)}
    assert effects(made.model_copy(update={"status": "DRAFT"})) == {}


def test_a_write_off_and_an_assembly_take_what_they_name() -> None:
    lines = [{"ProductCode": "MUG", "Quantity": 2}]
    lost = {"TaskID": KEY, "Status": "COMPLETED", "Location": "Reno", "Lines": lines}
    assert effects(WriteOffDocument.model_validate(lost)) == {at("Reno"): certain(-2)}
    assembly = {
        "TaskID": KEY,
        "Status": "IN PROGRESS",
        "Location": "Reno",
        "ProductCode": "KIT",
        "Quantity": 1,
        "PickLines": lines,
    }
    begun = AssemblyDocument.model_validate(assembly)
    assert effects(begun) == {at("Reno"): Effect(D(-2), D(0))}
    done = begun.model_copy(update={"status": "COMPLETED"})
    assert effects(done) == {at("Reno"): certain(-2), at("Reno", "KIT"): certain(1)}


def test_void_takes_back_at_most_what_was_added_and_more_taken_is_a_fall() -> None:
    assert fall(certain(5), NOTHING) == 5
    assert fall(Effect(D(-2), D(2)), NOTHING) == 2
    assert fall(NOTHING, Effect(D(-4), D(0))) == 4
    assert fall(certain(-3), certain(-5)) == 2
    assert fall(certain(-5), certain(-3)) == 0


def test_a_document_of_no_known_kind_is_not_taken_for_one_that_does_nothing() -> None:
    with pytest.raises(TypeError):
        effects(Document())
