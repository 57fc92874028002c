"""Texts that fit."""

import pytest

from sfcc_cin7.orders.translation.text import fit, is_plain, listed


def test_a_text_that_fits_is_left_alone() -> None:
    assert fit("Łucja Ørsted", 12) == "Łucja Ørsted"


def test_a_cut_is_visible() -> None:
    assert fit("1 Very Long Street Name", 10) == "1 Very Lo…"


def test_lengths_count_as_the_database_of_the_erp_counts_them() -> None:
    assert fit("🏔🏔🏔", 6) == "🏔🏔🏔"
    assert fit("🏔🏔🏔", 5) == "🏔🏔…"


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("Zoe\u0308 Example", 4, "Zo…"),
        ("👩\u200d🚀👩\u200d🚀", 6, "👩\u200d🚀…"),
        ("👩\u200d🚀👩\u200d🚀", 9, "👩\u200d🚀…"),
        ("👍🏽👍🏽", 7, "👍🏽…"),
        ("🇬🇧🇫🇷🇩🇪", 7, "🇬🇧…"),
        ("🇬🇧🇫🇷🇩🇪", 9, "🇬🇧🇫🇷…"),
        ("🏴\U000e0067\U000e0062\U000e007f!", 8, "…"),
        ("a5\ufe0f\u20e3", 3, "a…"),
        ("1\u20e32\u20e33\u20e3", 4, "1\u20e3…"),
        ("किकिकि", 4, "कि…"),
        ("क्षि" * 2, 6, "क्षि…"),
        ("\u1100\u1161\u11a8" * 2, 5, "\u1100\u1161\u11a8…"),
    ],
)
def test_an_accent_or_a_joined_character_is_never_torn_off(
    text: str, limit: int, kept: str
) -> None:
    assert fit(text, limit) == kept


def test_characters_that_no_database_takes_become_spaces() -> None:
    assert fit("Ada\x00 \ud83cExample", 50) == "Ada   Example"
    assert fit("one\ntwo", 50) == "one two"


def test_a_character_that_is_longer_than_the_field_is_an_ellipsis_only() -> None:
    assert fit("e" + "\u0301" * 5000, 256) == "…"


def test_right_to_left_text_is_cut_like_any_other() -> None:
    assert fit("שלום עולם", 6) == "שלום…"


def test_a_list_is_cut_between_its_parts_and_says_how_many_are_left_out() -> None:
    parts = ["1 x TENT", "2 x MUG", "3 x ROPE-60M"]

    assert listed(parts, 31, ", ") == "1 x TENT, 2 x MUG, 3 x ROPE-60M"
    assert listed(parts, 30, ", ") == "1 x TENT, 2 x MUG, … (1 more)"
    assert listed(parts, 20, ", ") == "1 x TENT, … (2 more)"
    assert listed(parts, 10, ", ") == "… (3 more)"
    assert listed(parts, 3, ", ") == "…"
    assert listed(["", "TENT"], 10, ", ") == "TENT"
    assert listed([], 10, ", ") == ""


def test_a_name_that_is_compared_must_be_storable_as_it_is() -> None:
    assert is_plain("帽子-M")
    assert not any(map(is_plain, ("", " TENT", "TENT\x00", "TENT\n", "\ud83c")))
