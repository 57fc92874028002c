"""Taxed gift certificates, VAT that discounts take off a part of an order, surcharges by unit."""

from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7_tests.orders.merchants import accepted
from sfcc_cin7_tests.orders.stated import Discount, Sent, Sold, stated
from sfcc_cin7_tests.orders.storefront import Document
from sfcc_cin7_tests.orders.translation.by_place import (
    AMERICA,
    BRITAIN,
    merchant,
    posted,
    rules_of,
    waits,
)

JERSEY = ("JE", "", "JE2 3AB")
GROSS: dict[str, Any] = {"currency": "GBP", "taxation": "gross", "country": "GB"}
VOUCHER = "Gift Certificate"


def with_certificates(document: Document, *certificates: tuple[str, str]) -> Document:
    """With bought gift certificates: the amount as the order's taxation counts it, and its tax."""
    net = document["taxation"] == "net"
    for at, (amount, tax) in enumerate(certificates):
        price, its = D(amount), D(tax)
        without = price if net else price - its
        document.setdefault("giftCertificateItems", []).append(
            {
                "giftCertificateItemId": f"gift-{at}",
                "basePrice": price,
                "netPrice": without,
                "grossPrice": without + its,
                "tax": its,
                "shipmentId": "me",
            }
        )
        document["taxTotal"] += its
        document["orderTotal"] += without + its if net else price
    return document


@pytest.mark.parametrize("place", [("US", "NY", "10001"), ("US", "TX", "73301")])
def test_a_taxed_gift_certificate_is_charged_under_the_rule_of_its_tax(
    place: tuple[str, str, str],
) -> None:
    rate, rule = (D("0.08875"), "NY 8.875%") if place[1] == "NY" else (D("0.0825"), "TX 8.25%")
    tax = (D(50) * rate).quantize(D("0.01"))
    boots = Sold("BOOTS", D(100), (D(100) * rate).quantize(D("0.01")), rate=rate)
    document = with_certificates(stated(boots, place=place), ("50.00", f"{tax}"))

    assert posted(document, merchant())[VOUCHER] == (rule, D("50.00"), tax)


def test_a_voucher_for_one_purpose_is_taxed_within_its_price() -> None:
    document = with_certificates(
        stated(Sold("BOOTS", D(120), D(20)), place=("GB", "", "N1"), currency="GBP",
               taxation="gross"),
        ("60.00", "10.00"),
    )  # fmt: skip
    assert posted(document, merchant(BRITAIN, **GROSS))[VOUCHER] == (
        "20% (VAT on Income)",
        D(60),
        D(10),
    )


def test_certificates_with_and_without_tax_each_take_their_rule() -> None:
    document = with_certificates(
        stated(Sold("BOOTS", D(100), D("8.88"))), ("50.00", "4.44"), ("25.00", "0.00")
    )

    charges = accepted(document, merchant()).sale.charges

    assert [(each.tax_rule, each.amount, each.tax) for each in charges] == [
        ("NY 8.875%", D(50), D("4.44")),
        ("US Exempt", D(25), D(0)),
    ]


def test_a_rule_for_gift_certificates_alone_goes_first() -> None:
    own = {"country": "US", "goods": "gift-certificates", "kind": "carrier", "rule": "Vouchers"}
    document = with_certificates(stated(Sold("BOOTS", D(100), D("8.88"))), ("50.00", "4.44"))

    assert posted(document, merchant([own, *AMERICA]))[VOUCHER][0] == "NY 8.875%"
    own = own | {"state": "NY"}
    assert posted(document, merchant([own, *AMERICA]))[VOUCHER][0] == "Vouchers"


def test_tax_on_a_certificate_that_no_rule_holds_waits_with_the_mapping_that_would() -> None:
    document = with_certificates(stated(Sold("BOOTS", D(100), D("8.88"))), ("50.00", "6.00"))

    assert waits(document, merchant()) == [("tax-rule-unmapped", "US/NY/taxed")]


# A discount of the order that takes tax away


def exported(*goods: Sold, off: tuple[Discount, ...], freight: tuple[Sent, ...] = ()) -> Document:
    return stated(
        *goods, discounts=off, freight=freight, place=JERSEY, currency="GBP", taxation="gross"
    )


def test_the_vat_of_one_of_two_lines_is_taken_off() -> None:
    """The coat is exported, the alteration is done in the shop: its VAT stays."""
    document = exported(
        Sold("COAT", D(120), D(20), rate=D("0.2"), share=D(20)),
        Sold("ALTERATION", D(60), D(10), rate=D("0.2")),
        off=(Discount(D(20), D(20)),),
    )
    booked = posted(document, merchant(BRITAIN, **GROSS))

    assert booked["COAT"] == ("Zero Rated Income", D(100), D(0))
    assert booked["ALTERATION"] == ("20% (VAT on Income)", D(60), D(10))


def test_the_vat_of_one_line_is_taken_off_beside_one_that_bore_none() -> None:
    document = exported(
        Sold("COAT", D(120), D(20), rate=D("0.2"), share=D(20)),
        Sold("BOOK", D(15), D(0), rate=D(0)),
        Sold("MUG", D("11.99"), D("2.00"), rate=D("0.2")),
        off=(Discount(D(20), D(20)),),
    )
    booked = rules_of(posted(document, merchant(BRITAIN, **GROSS)))

    assert booked == {
        "COAT": "Zero Rated Income",
        "BOOK": "Zero Rated Income",
        "MUG": "20% (VAT on Income)",
    }


def test_two_discounts_take_the_vat_off_two_of_three_lines() -> None:
    document = exported(
        Sold("COAT", D("119.99"), D("20.00"), rate=D("0.2"), share=D("20.00")),
        Sold("HAT", D("24.95"), D("4.16"), rate=D("0.2"), share=D("4.16")),
        Sold("MUG", D("11.99"), D("2.00"), rate=D("0.2")),
        off=(Discount(D("20.00"), D("20.00")), Discount(D("4.16"), D("4.16"))),
    )
    booked = posted(document, merchant(BRITAIN, **GROSS))

    assert booked["COAT"] == ("Zero Rated Income", D("99.99"), D(0))
    assert booked["HAT"] == ("Zero Rated Income", D("20.79"), D(0))
    assert booked["MUG"] == ("20% (VAT on Income)", D("11.99"), D("2.00"))


def test_the_vat_of_one_line_is_taken_off_beside_a_promotion_of_the_whole_order() -> None:
    """Ten per cent off everything; what is left is taxed, and the coat is exported."""
    document = exported(
        Sold("COAT", D("120.00"), D("18.00"), rate=D("0.2"), share=D("30.00")),
        Sold("MUG", D("24.00"), D("3.60"), rate=D("0.2"), share=D("2.40")),
        off=(Discount(D("14.40")), Discount(D("18.00"), D("18.00"))),
    )
    booked = posted(document, merchant(BRITAIN, **GROSS))

    assert booked["COAT"] == ("Zero Rated Income", D("90.00"), D(0))
    assert booked["MUG"] == ("20% (VAT on Income)", D("21.60"), D("3.60"))


def test_a_credit_of_sales_tax_says_of_no_line_whose_tax_it_is() -> None:
    """Prices without tax: the credit has no price that could tell."""
    document = stated(
        Sold("FOOD", D(50), D("4.44"), rate=D("0.08875")),
        Sold("MUG", D(20), D("1.78"), rate=D("0.08875")),
        discounts=(Discount(D(0), D("4.44")),),
    )

    assert set(waits(document, merchant())) == {("tax-rule-unmapped", "US/NY/taxed")}
    carrier = {"country": "US", "state": "NY", "kind": "carrier", "rule": "NY, by the service"}
    assert set(rules_of(posted(document, merchant([*AMERICA, carrier]))).values()) == {
        "NY, by the service"
    }


# A surcharge for each unit


def test_a_surcharge_for_each_of_seven_pairs_may_have_its_tax_rounded_for_each() -> None:
    """12.50 for each, with 2.08 of VAT in each: 14.56, where 20 % of the whole is 14.58."""
    document = stated(
        Sold("SHOES", D("94.95"), D("110.81"), D(7), rate=D("0.2")),
        freight=(Sent(D("87.50"), D("14.56"), rate=D("0.2")),),
        place=("GB", "", "N1 9GU"),
        currency="GBP",
        taxation="gross",
    )
    document["shippingItems"][0] |= {"basePrice": D("12.50"), "type": "surcharge"}
    booked = posted(document, merchant(BRITAIN, **GROSS))

    assert booked["Shipping Surcharge"] == ("20% (VAT on Income)", D("87.50"), D("14.56"))
