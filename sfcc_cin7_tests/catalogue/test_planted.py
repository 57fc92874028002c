"""Whatever is planted into both catalogues is found with its owner, and closed when mended."""

from sfcc_cin7_tests.catalogue.planted import a_round, play
from sfcc_cin7_tests.catalogue.prices.house import merchant


def test_forty_troubles_among_clean_products_are_found_and_nothing_else_is(engine, clock):
    with a_round(engine, clock, merchant(), 180) as it:
        score = play(it)
    assert (len(score.planted), score.found) == (40, 40), score.missed
    assert (score.accused, score.not_closed) == ([], [])
