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
        (f"{KLARNA.sentence} Add it under `payment_accounts` of the site.", 2, 7),
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


# What to add, in words


def untaxed(where: str) -> Reason:
    sentence = f"The operating model maps no tax rule to what is untaxed in {where}."
    return Reason("tax-rule-unmapped", sentence, f"{where}/untaxed")


def taxed(where: str, what: str) -> Reason:
    sentence = f"The operating model maps no tax rule to {what} in {where}."
    return Reason("tax-rule-unmapped", sentence, f"{where}/taxed")


def words(trial: Trial) -> list[tuple[str, int]]:
    return [(step.words, step.releases) for step in trial.steps(9)]


def test_what_is_untaxed_in_many_states_needs_one_mapping() -> None:
    trial = tried((2, (untaxed("US/OR"),)), (3, (untaxed("US/NY"),)), (1, (untaxed("GB"),)))

    assert words(trial) == [
        (
            "Name a tax rule of Cin7 for what is untaxed in US:"
            " `{country: US, kind: untaxed, rule: ...}`.",
            5,
        ),
        (
            "Name a tax rule of Cin7 for what is untaxed in GB:"
            " `{country: GB, kind: untaxed, rule: ...}`.",
            1,
        ),
    ]


def test_what_is_taxed_in_a_place_is_told_once_with_the_percents_that_orders_state() -> None:
    trial = tried(
        (2, (taxed("US/TX", "what is taxed"),)),
        (3, (taxed("US/TX", "8.25 %"),)),
        (1, (taxed("US/TX", "6.25 %"), taxed("US/TX", "tax that is not the stated 7 %"))),
    )

    assert words(together([trial])) == [
        (
            "Name a tax rule of Cin7 for what is taxed in US/TX:"
            " `{country: US, state: TX, rate: ..., rule: ...}`. Orders state 8.25 %, 6.25 %.",
            6,
        )
    ]


def test_what_may_be_duty_is_told_with_the_charge_that_would_hold_it() -> None:
    hint = "The shipping tax does not fit. If it is duty, name a Service product in charges.duties."
    trial = tried(
        (2, (Reason("tax-not-attributable", hint, actual="52.40"),)),
        (1, (Reason("tax-not-attributable", "The product tax does not fit.", actual="1"),)),
    )

    [(told, releases)] = words(trial)
    assert (told.endswith("in `charges.duties`."), releases) == (True, 2)


def test_it_is_said_where_a_mapping_is_added() -> None:
    [(told, _)] = words(tried((1, (KLARNA,))))
    assert told == f"{KLARNA.sentence} Add it under `payment_accounts` of the site."
