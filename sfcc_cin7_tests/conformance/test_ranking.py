"""A merchant with ten minutes asks what matters first."""

from collections.abc import Sequence

from sfcc_cin7.conformance import PROBES, Plan, foremost
from sfcc_cin7.conformance.probe import Probe
from sfcc_cin7.conformance.ranking import cost, ranked
from sfcc_cin7_tests.conformance.bench import ACCOUNTS

TEN_MINUTES = 600
ASKED = [probe for probe in PROBES if not probe.exceeds_limit]


def seconds(probes: Sequence[Probe]) -> float:
    return Plan(ACCOUNTS, probes, "zz-conf", False, 60).seconds


def test_the_first_thirty_take_in_all_that_the_product_could_not_live_with():
    chosen = foremost(ASKED, 30, None, seconds)

    assert len(chosen) == 30
    assert {probe.id for probe in ASKED if cost(probe) == 4} <= {probe.id for probe in chosen}
    assert min(cost(probe) for probe in chosen) >= 3


def test_the_first_thirty_are_asked_in_ten_minutes():
    assert seconds(foremost(ASKED, 30, None, seconds)) <= TEN_MINUTES


def test_as_many_are_asked_as_the_minutes_allow_and_in_their_usual_sequence():
    chosen = foremost(ASKED, None, 5, seconds)

    assert 0 < seconds(chosen) <= 5 * 60
    assert chosen == [probe for probe in ASKED if probe in chosen]
    costs = [cost(probe) for probe in chosen]
    assert sum(costs) / len(costs) > sum(map(cost, ASKED)) / len(ASKED)


def test_what_changes_nothing_comes_last():
    costs = [cost(probe) for probe in ranked(ASKED)]

    assert costs == sorted(costs, reverse=True)
    assert {0, 2, 3, 4} <= set(costs)


def test_of_equal_cost_the_likelier_difference_comes_first():
    of_four = [probe.certainty for probe in ranked(ASKED) if cost(probe) == 4]

    assert of_four.index("assumed") < of_four.index("documented")


def test_without_bounds_everything_is_asked():
    assert foremost(ASKED, None, None, seconds) == ASKED
