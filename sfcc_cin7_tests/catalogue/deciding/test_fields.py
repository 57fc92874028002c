"""One owner per field, whatever people do on both sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sfcc_cin7.catalogue.deciding.fields import (
    Edit,
    Shown,
    canonical,
    correction,
    differences,
    edits,
)
from sfcc_cin7.merchant.catalogue import CataloguePolicy, FieldPolicy
from sfcc_cin7.values.gtin import gtin, is_gtin
from sfcc_cin7_tests.depth import EXAMPLES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BARCODE = FieldPolicy(
    name="barcode", owner="erp", erp="Barcode", storefront="ean", compare="gtin", mend=True
)
NAME = FieldPolicy(name="name", owner="storefront", erp="Name", storefront="name", mend=True)
WEIGHT = FieldPolicy(
    name="weight", owner="erp", erp="Weight", storefront="c_weight", compare="number", mend=True
)
TAX = FieldPolicy(
    name="tax-class",
    owner="erp",
    erp="SaleTaxRule",
    storefront="taxClassId",
    words={"20% (VAT on Income)": "standard", "Zero Rated Income": "zero"},
)
FIELDS = [BARCODE, NAME, WEIGHT, TAX]


def found(policy: FieldPolicy, erp: str, storefront: str) -> bool:
    ours = Shown("1", {policy.name: erp})
    return bool([*differences("TENT", [policy], ours, Shown("TENT", {policy.name: storefront}))])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("012345678905", "0012345678905"),
        ("012345678905", "12345678905"),
        (" 4006381333931", "4006381333931"),
    ],
)
def test_a_upc_is_the_ean_with_a_zero_before_it(one: str, other: str) -> None:
    assert gtin(one) == gtin(other)
    assert not found(BARCODE, one, other)


def test_a_check_digit_tells_a_typing_error() -> None:
    assert is_gtin("4006381333931")
    assert is_gtin("012345678905")
    assert not is_gtin("4006381333932")
    assert not is_gtin("TENT-1")
    assert not is_gtin("1234567")


def test_numbers_are_compared_by_value_and_texts_to_the_letter() -> None:
    assert not found(WEIGHT, "1.2500", "1.25")
    assert found(WEIGHT, "1.25", "1.26")
    assert found(NAME, "Tent", "TENT")
    assert not found(NAME, "Tent ", "Tent")


def test_a_tax_rule_and_a_tax_class_are_one_word_in_two_languages() -> None:
    assert not found(TAX, "20% (VAT on Income)", "standard")
    assert found(TAX, "Zero Rated Income", "standard")


def test_what_the_owner_does_not_say_or_the_follower_never_had_is_no_difference() -> None:
    report = BARCODE.model_copy(update={"mend": False})
    assert not found(report, "", "4006381333931")
    assert not found(report, "4006381333931", "")
    assert found(BARCODE, "4006381333931", "")


def test_a_difference_names_the_side_that_was_edited_last_and_between_which_readings() -> None:
    by = NOON + timedelta(minutes=10)
    ours = Shown("1", {"barcode": "96385074"})
    theirs = Shown(
        "TENT", {"barcode": "4006381333931"}, edits={"barcode": Edit("96385074", NOON, by)}
    )
    [difference] = differences("TENT", [BARCODE], ours, theirs)

    assert difference.edited_on == "storefront"
    assert "The storefront was edited between 2026-03-01 12:00:00 UTC" in difference.sentence
    assert "2026-03-01 12:10:00 UTC; before it said '96385074'" in difference.sentence

    later = Edit("4006381333931", by, by + timedelta(minutes=10))
    [difference] = differences("TENT", [BARCODE], replace(ours, edits={"barcode": later}), theirs)
    assert difference.edited_on == "erp"


def test_a_slot_means_what_its_attribute_set_says() -> None:
    slot = FieldPolicy(
        name="fabric",
        owner="erp",
        erp="AdditionalAttribute1",
        storefront="c_fabric",
        attribute_set="Garments",
    )
    garment = Shown("1", {"fabric": "wool"}, "Garments")
    hardware = Shown("2", {"fabric": "steel"}, "Hardware")
    shop = Shown("X", {"fabric": "cotton"})
    assert [*differences("X", [slot], garment, shop)]
    assert not [*differences("X", [slot], hardware, shop)]


@pytest.mark.parametrize(
    "field",
    [
        {"erp": "AverageCost", "storefront": "c_cost"},
        {"erp": "Suppliers", "storefront": "c_supplier"},
        {"erp": "PriceTier1", "storefront": "c_price"},
        {"erp": "Status", "storefront": "c_status"},
        {"erp": "AdditionalAttribute1", "storefront": "c_fabric"},
        {"erp": "SaleTaxRule", "storefront": "taxClassId", "mend": True},
        {"erp": "BOMType", "storefront": "c_kind", "owner": "storefront", "mend": True},
    ],
)
def test_the_model_refuses_costs_prices_and_what_an_api_does_not_change(
    field: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        FieldPolicy.model_validate({"name": "field", "owner": "erp"} | field)


def test_no_attribute_has_two_owners() -> None:
    again = BARCODE.model_copy(update={"name": "code", "owner": "storefront", "erp": "Name"})
    with pytest.raises(ValidationError, match="one attribute has one owner"):
        CataloguePolicy.model_validate({"fields": [BARCODE.model_dump(), again.model_dump()]})


VALUES = {
    "barcode": st.sampled_from(["", "4006381333931", "96385074", "012345678905", "12345678905"]),
    "name": st.sampled_from(["", "Tent", "TENT", " Tent", "Zelt"]),
    "weight": st.sampled_from(["", "1.25", "1.250", "2", "heavy"]),
    "tax-class": st.sampled_from(["", "20% (VAT on Income)", "standard", "zero", "odd"]),
}
EDITS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.tuples(st.sampled_from(["erp", "storefront"]), st.just(name), VALUES[name])
    )
    | st.just(("pass", "", "")),
    max_size=25,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(EDITS)
def test_owned_fields_end_as_their_owner_has_them_and_nothing_else_is_touched(
    course: list[tuple[str, str, str]],
) -> None:
    """Whatever people edit on both sides, and whenever a pass comes in between."""
    sides = {"erp": dict.fromkeys(VALUES, ""), "storefront": dict.fromkeys(VALUES, "")}
    seen = {side: Shown("1", dict(values)) for side, values in sides.items()}
    now = NOON

    def one_pass() -> int:
        nonlocal now
        now += timedelta(minutes=5)
        for side, values in sides.items():
            before = now - timedelta(minutes=5)
            made = edits(FIELDS, side, seen[side], values, before, now)  # type: ignore[arg-type]
            seen[side] = Shown("1", dict(values), edits=made)
        writes = 0
        for difference in differences("TENT", FIELDS, seen["erp"], seen["storefront"]):
            wanted = correction(difference)
            if wanted is not None:
                assert wanted.system != difference.field.owner
                assert wanted.field == difference.field.name
                sides[wanted.system][wanted.field] = wanted.value
                writes += 1
        return writes

    for side, name, value in course:
        if side == "pass":
            one_pass()
        else:
            sides[side][name] = value
    owners = {policy.name: dict(sides[policy.owner]) for policy in FIELDS}
    unmended = {side: values["tax-class"] for side, values in sides.items()}
    one_pass()

    assert one_pass() == 0, "nothing flips back and forth"
    assert {side: values["tax-class"] for side, values in sides.items()} == unmended
    for policy in FIELDS:
        name = policy.name
        assert sides[policy.owner][name] == owners[name][name]
        said = canonical(policy, sides[policy.owner][name], policy.owner)
        follower = "storefront" if policy.owner == "erp" else "erp"
        if policy.mend and said and said != "heavy":
            assert canonical(policy, sides[follower][name], follower) == said  # type: ignore[arg-type]


def test_a_number_is_told_without_an_exponent() -> None:
    assert canonical(WEIGHT, str(Decimal("1E+3")), "erp") == "1000"
