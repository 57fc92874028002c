"""What `sandbox verify` says about shipments and refunds that the storefront was told of."""

from decimal import Decimal

import pytest
import simplejson

from sfcc_cin7_sandbox.truth.claims import read_claims
from sfcc_cin7_tests.sandbox.truth.test_verify import JUST_NOW, LONG_AGO, judged, order, sale

TOLD = {"alpenglow-uk": ("shipments", "refunds")}


def parcels(*rows, sku="MAT-FOAM"):
    return simplejson.dumps(
        [
            {"trackingNumber": number, "lines": [{"sku": sku, "quantity": quantity}]}
            for number, quantity in rows
        ]
    )


def shown(status="shipped", *rows, refunds=(), **more):
    """An order as the storefront has it after it was told."""
    attributes = {"c_cin7Parcels": parcels(*(rows or [("JD01", 2)]))}
    if refunds:
        attributes["c_cin7Refunds"] = simplejson.dumps([{"amount": each} for each in refunds])
    return order(shippingStatus=status) | attributes | more


def left(shipped="all", *rows, furthest=None, credited=(), updated=LONG_AGO):
    """A sale of two mats, of which so much left the house."""
    return sale(
        Shipped=shipped,
        Furthest=furthest or shipped,
        Updated=updated,
        Parcels=[
            {"TrackingNumber": number, "Units": {"MAT-FOAM": Decimal(quantity)}}
            for number, quantity in (rows or ([("JD01", 2)] if shipped == "all" else []))
        ],
        CreditNotes=[{"CreditNoteNumber": "CR-1", "Total": Decimal(each)} for each in credited],
    )


def test_a_shipment_told_as_it_is_is_no_finding():
    assert judged([shown()], [left()], told=TOLD).counts == {"matched": 1}
    halves = [("JD01", 1), ("JD02", 1)]
    both = (shown("shipped", *halves), left("all", *reversed(halves)))
    assert judged([both[0]], [both[1]], told=TOLD).clean
    unnumbered = (shown("shipped", ("", 2)), left("all", ("", 2)))
    assert judged([unnumbered[0]], [unnumbered[1]], told=TOLD).clean


@pytest.mark.parametrize("told", [TOLD, None])
def test_nothing_may_be_told_before_it_left_whoever_is_told(told):
    for status, furthest in (("shipped", "part"), ("shipped", "none"), ("part_shipped", "none")):
        verdict = judged([shown(status)], [left(furthest)], told=told)
        assert verdict.counts["shipped_early"] == 1
        assert not verdict.clean


def test_money_is_not_taken_before_the_goods_left():
    later, earlier = "2026-03-01T11:10:00.000Z", "2026-03-01T10:50:00.000Z"
    gone = left() | {"FurthestAt": LONG_AGO}
    assert judged([shown(captured=later)], [gone]).clean
    assert judged([shown(captured=earlier)], [gone]).counts["captured_early"] == 1
    assert judged([shown(captured=later)], [left("part")]).counts["captured_early"] == 1


def test_a_shipment_that_the_storefront_never_heard_of_is_a_mistake_where_it_is_told():
    untold = order(shippingStatus="not_shipped")
    assert judged([untold], [left()], told=TOLD).counts["shipment_untold"] == 1
    assert judged([untold], [left()]).clean, "nobody claims that this storefront is told"
    assert judged([untold], [left(updated=JUST_NOW)], told=TOLD).clean, "it has just left"


def test_what_the_warehouse_undid_is_not_lowered_and_no_mistake():
    assert judged([shown()], [left("none", furthest="all")], told=TOLD).clean


@pytest.mark.parametrize(
    "rows",
    [[("JD09", 2)], [("JD01", 1)], [("JD01", 2), ("JD01", 2)], [("", 2)]],
)
def test_parcels_that_are_not_the_erps_are_a_mistake(rows):
    verdict = judged([shown("shipped", *rows)], [left()], told=TOLD)
    assert verdict.counts["parcels_differ"] >= 1


def test_parcels_that_are_missing_or_cannot_be_read_are_a_mistake():
    for text in (None, "nonsense", "[1]"):
        verdict = judged([shown() | {"c_cin7Parcels": text}], [left()], told=TOLD)
        assert verdict.counts["parcels_differ"] >= 1


def test_refunds_add_up_to_the_credit_notes():
    both = ["10.00", "9.90"]
    assert judged([shown(refunds=both)], [left(credited=both)], told=TOLD).clean
    for told in ([], ["10.00"], [*both, "9.90"]):
        verdict = judged([shown(refunds=told)], [left(credited=both)], told=TOLD)
        assert verdict.counts["refunds_differ"] == 1


def test_a_line_that_customer_service_cancelled_may_be_missing_in_the_sale():
    noted = simplejson.dumps([{"itemId": "1", "sku": "MAT-FOAM", "quantity": 1}])
    half = {"Total": Decimal("29.95"), "Tax": Decimal("4.99")}
    less = sale(quantity=1) | half
    verdict = judged([order(c_cancelledItems=noted)], [less])
    assert (verdict.counts, verdict.clean) == ({"line_cancelled": 1}, True)
    assert judged([order(c_cancelledItems=noted)], [sale()]).counts == {"matched": 1}
    for other in (order(), order(c_cancelledItems="nonsense")):
        assert judged([other], [less]).counts["wrong_quantity"] == 1
    assert judged([order(c_cancelledItems=noted)], [sale(quantity=0) | half]).counts[
        "wrong_quantity"
    ]
    unpaid = judged([order(c_cancelledItems=noted)], [sale(quantity=1)])
    assert unpaid.counts["wrong_quantity"] == 1, "the money of what is not sent is still there"


def test_the_claims_name_the_storefronts_that_are_told():
    claims = read_claims('{"told": {"alpenglow-uk": ["shipments"]}}')
    assert claims.told == {"alpenglow-uk": ["shipments"]}
    with pytest.raises(ValueError, match="not what"):
        read_claims('{"told": {"alpenglow-uk": ["weather"]}}')
