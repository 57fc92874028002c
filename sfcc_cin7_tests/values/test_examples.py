"""Many things of one kind, in one line."""

from sfcc_cin7.values.examples import Examples


def test_a_few_are_all_shown_and_of_many_ten() -> None:
    found = Examples()
    assert not found
    for number in range(2):
        found.add(f"TENT-{number}")
    assert str(found) == "2: TENT-0; TENT-1"
    for number in range(2, 5000):
        found.add(f"TENT-{number}")
    assert str(found).startswith("5000: TENT-0; ")
    assert str(found).endswith("TENT-9; ...")
