"""Texts that fit."""

import pytest

from sfcc_cin7.orders.text import fit


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
    ],
)
def test_an_accent_or_a_joined_character_is_never_torn_off(
    text: str, limit: int, kept: str
) -> None:
    assert fit(text, limit) == kept


def test_characters_that_no_database_takes_become_spaces() -> None:
    assert fit("Ada\x00 \ud83cExample", 50) == "Ada   Example"
    assert fit("one\ntwo", 50) == "one two"
