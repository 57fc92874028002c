"""What is added first to an operating model is what lets most orders go on."""

from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation import trial as kinds
from sfcc_cin7.orders.translation.trial import Trial, together

TEXAS = Reason("tax-rule-unmapped", "No tax rule is mapped to US/TX.")
OHIO = Reason("tax-rule-unmapped", "No tax rule is mapped to US/OH.")
KLARNA = Reason("payment-method-unmapped", "No account is mapped to KLARNA.")
NOVEL = Reason("colour-unknown", "Nobody knows the colour teal.")
CROOKED = Reason("gross-mismatch", "Line 1 is stated as 3 but comes to 4.", "4", "3")


def tried(*orders: tuple[int, tuple[Reason, ...]], posted: int = 0) -> Trial:
    """So many orders with these reasons each."""
    trial = Trial()
    for _ in range(posted):
        trial.would_post()
    for count, reasons in orders:
        for _ in range(count):
            trial.would_wait(f"{trial.tried:08d}", reasons)
    return trial


def steps(trial: Trial, most: int = 9) -> list[tuple[str, int, int]]:
    return [(step.lack.sentence, step.releases, step.lacking) for step in trial.steps(most)]


def test_the_mapping_that_releases_most_comes_first_and_counts_what_was_added_before() -> None:
    trial = tried((3, (TEXAS,)), (5, (OHIO, KLARNA)), (2, (KLARNA,)), posted=7)

    assert (trial.tried, trial.posted, trial.waiting) == (17, 7, 10)
    assert steps(trial) == [
        (TEXAS.sentence, 3, 3),
        (KLARNA.sentence, 2, 7),
        (OHIO.sentence, 5, 5),
    ]
    assert steps(trial, most=1) == [(TEXAS.sentence, 3, 3)]


def test_an_order_that_contradicts_itself_is_released_by_no_mapping() -> None:
    trial = tried((4, (CROOKED,)), (9, (CROOKED, TEXAS)))

    assert steps(trial) == [(TEXAS.sentence, 0, 9)]
    assert trial.by_code() == [
        ("gross-mismatch", 13, "00000000, 00000001, 00000002"),
        ("tax-rule-unmapped", 9, "00000004, 00000005, 00000006"),
    ]


def test_an_order_that_lacks_one_thing_on_two_lines_is_counted_once() -> None:
    trial = tried((2, (TEXAS, OHIO, TEXAS)))

    assert trial.by_code()[0][:2] == ("tax-rule-unmapped", 2)
    assert [releases for _, releases, _ in steps(trial)] == [0, 2]


def test_a_code_that_ends_like_one_that_names_what_is_lacking_is_taken_for_one() -> None:
    assert steps(tried((2, (NOVEL,)))) == [(NOVEL.sentence, 2, 2)]


def test_sites_are_counted_together() -> None:
    both = together([tried((2, (TEXAS,)), posted=1), tried((3, (TEXAS,)), posted=2)])

    assert (both.posted, steps(both)) == (3, [(TEXAS.sentence, 5, 5)])
    assert both.by_code() == [("tax-rule-unmapped", 5, "00000001, 00000002, 00000002")]


def test_more_kinds_of_trouble_than_are_told_apart_are_told_by_their_codes(monkeypatch) -> None:
    monkeypatch.setattr(kinds, "MOST_KINDS", 2)
    many = [(1, (Reason("sku-unknown", f"The ERP has no product {at}."),)) for at in range(5)]

    trial = tried(*many)

    assert trial.by_code()[0][:2] == ("sku-unknown", 5)
    assert len(steps(trial)) == 2
    assert len(trial._examples) == 3
