"""Which line of the bank is which transfer: by reference, amount and date, never by guess."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.ledger.bank.deciding.differences import Difference, Held, differences
from sfcc_cin7.ledger.bank.deciding.matching import Arrived, Sent, gateways_in, matched

D = Decimal
NAMES: Mapping[str, Sequence[str]] = {"stripe": ["Stripe Payments UK"], "adyen": [], "adyen-jp": []}
LONGEST, LATE = timedelta(days=10), timedelta(days=5)


def sent(
    payout: str = "po_111111", amount: str = "99.00", day: int = 2, gateway: str = "stripe"
) -> Sent:
    return Sent(gateway, payout, "", "GBP", D(amount), date(2026, 2, day))


def came(text: str = "", amount: str = "99.00", day: int = 3, key: str = "1") -> Arrived:
    return Arrived("ACC", key, "GBP", D(amount), date(2026, 2, day), text)


def pairs(transfers: Sequence[Sent], lines: Sequence[Arrived]) -> list[tuple[str, str]]:
    found = matched(transfers, lines, NAMES, LONGEST)
    return [(one.payout_id, line.key) for one, line in found.pairs]


def open_(
    transfers: Sequence[Sent], lines: Sequence[Arrived], statements: Sequence[Held] = ()
) -> list[tuple[str, str, Decimal]]:
    found = matched(transfers, lines, NAMES, LONGEST)
    told: list[Difference] = list(differences(transfers, lines, found, statements, NAMES, LATE))
    return [(one.subject, one.kind, one.amount) for one in told]


def test_a_line_that_names_the_payout_is_it_weeks_later_too() -> None:
    assert pairs([sent()], [came("REF PO 111111 thanks", day=27)]) == [("po_111111", "1")]


def test_a_short_name_is_no_reference() -> None:
    assert pairs([sent("30", day=2)], [came("30 flowers", day=27)]) == []


def test_a_line_of_the_gateway_in_time_is_its_transfer() -> None:
    assert pairs([sent()], [came("STRIPE PAYMENTS UK LTD")]) == [("po_111111", "1")]
    assert pairs([sent()], [came("STRIPE PAYMENTS UK LTD", day=20)]) == []
    assert pairs([sent(gateway="adyen")], [came("STRIPE PAYMENTS UK LTD")]) == []


def test_of_equal_transfers_of_a_gateway_the_first_goes_with_the_first() -> None:
    transfers = [sent("po_222222", day=4), sent("po_111111", day=2)]
    lines = [came("stripe", day=5, key="b"), came("stripe", day=3, key="a")]
    assert pairs(transfers, lines) == [("po_111111", "a"), ("po_222222", "b")]


def test_a_line_without_a_name_is_a_transfer_only_if_nothing_else_fits() -> None:
    assert pairs([sent()], [came("credit")]) == [("po_111111", "1")]
    assert pairs([sent()], [came("credit"), came("credit", key="2")]) == []
    assert pairs([sent(), sent("po_222222", gateway="adyen")], [came("credit")]) == []


def test_another_amount_or_currency_is_no_match_and_is_told() -> None:
    other = came("po_111111", amount="98.00")
    assert pairs([sent()], [other]) == []
    assert open_([sent()], [other]) == [("transfer:stripe:GBP:po_111111", "amount", D("1.00"))]


def test_a_transfer_that_came_back_is_the_line_that_went_out() -> None:
    transfers = [sent(), sent("po_111111", "-99.00", 4)]
    lines = [came("po_111111"), came("po_111111 returned", "-99.00", 5, "2")]
    assert pairs(transfers, lines) == [("po_111111", "1"), ("po_111111", "2")]


def test_the_longer_name_is_meant_where_one_gateway_is_called_like_another() -> None:
    names = {"adyen": ["adyen"], "adyen-jp": ["adyen-jp"]}
    assert gateways_in("ADYEN-JP N.V.", names) == {"adyen-jp"}
    assert gateways_in("Adyen N.V.", names) == {"adyen"}
    assert gateways_in("readyenough", names) == set()


def test_a_transfer_is_missed_once_a_statement_shows_the_days_in_which_it_was_due() -> None:
    def until(day: int) -> list[Held]:
        return [Held("ACC", "GBP", "1", D(0), D(0), date(2026, 2, 1), date(2026, 2, day))]

    assert open_([sent()], [], until(6)) == []
    assert open_([sent()], [], until(7)) == [
        ("transfer:stripe:GBP:po_111111", "missing-payout", D("99.00"))
    ]
    assert open_([sent()], []) == []
    later = [Held("ACC", "GBP", "1", D(0), D(0), date(2026, 2, 3), date(2026, 2, 28))]
    assert open_([sent()], [], later) == []  # it was sent before the first one that was brought


def test_what_the_bank_received_of_a_gateway_and_no_report_states_is_told() -> None:
    assert open_([], [came("Stripe Payments UK"), came("rent", "-10", key="2")]) == [
        ("bank:ACC:1", "missing-shop", D("99.00"))
    ]


def test_a_statement_that_is_missing_between_two_is_told() -> None:
    def held(number: int, opening: str, closing: str) -> Held:
        days = (date(2026, 2, number), date(2026, 2, number))
        return Held("ACC", "GBP", str(number), D(opening), D(closing), *days)

    first, second, third = held(1, "0", "5"), held(2, "5", "8"), held(3, "8", "9")
    assert open_([], [], [first, second, third]) == []
    assert open_([], [], [first, third]) == [("bank:ACC:3", "state", D("3"))]
    quiet = held(4, "7", "7")
    assert open_([], [], [first, quiet]) == [("bank:ACC:4", "state", D("2"))]
    month = Held("ACC", "GBP", "M", D(0), D(9), date(2026, 2, 1), date(2026, 2, 3))
    assert open_([], [], [first, second, third, month]) == []


AMOUNTS = st.sampled_from(["1.00", "2.00"])
TRANSFERS = st.lists(
    st.tuples(AMOUNTS, st.integers(1, 9), st.sampled_from(["stripe", "adyen"])), max_size=6
)
LINES = st.lists(
    st.tuples(AMOUNTS, st.integers(1, 20), st.sampled_from(["", "stripe", "adyen", "rent"])),
    max_size=6,
)


@given(TRANSFERS, LINES)
def test_whatever_is_matched_is_of_one_amount_and_gateway_and_each_only_once(
    transfers: list[tuple[str, int, str]], lines: list[tuple[str, int, str]]
) -> None:
    stated = [sent(f"po_{at}00000", *of) for at, of in enumerate(transfers)]
    booked = [came(text, amount, day, str(at)) for at, (amount, day, text) in enumerate(lines)]
    found = matched(stated, booked, NAMES, LONGEST).pairs
    assert all(one.amount == line.amount for one, line in found)
    assert all(line.text in ("", "rent", one.gateway) for one, line in found)
    assert len({line for _, line in found}) == len({one for one, _ in found}) == len(found)
    again = matched(stated[::-1], booked[::-1], NAMES, LONGEST).pairs
    assert set(found) == set(again)
