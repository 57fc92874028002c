"""Whatever happens in whatever sequence: each cause is told once, and once that it is over."""

from collections import Counter
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.alerts.deciding.course import CALM
from sfcc_cin7.alerts.deciding.evidence import EVERYTHING, Evidence
from sfcc_cin7_tests.alerts.house import DESK, Desk, evidence, merchant, tax_rule_missing

CAUSES: dict[str, list[Evidence]] = {
    "tax-rule": tax_rule_missing(3),
    "oversold": [evidence("oversold", "alpenglow:alpenglow-uk:00000009", severity="warning")],
    "cin7": [
        evidence("system-down", "system:cin7", about="cin7", source="sign:systems"),
        evidence("posting-stalled", "orders waiting", source="sign:orders waiting"),
    ],
    "drift": [evidence("stock-drift", f"stock:uk/{n}", about="uk") for n in range(3)],
}
LOOKS = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from(sorted(CAUSES))),
        st.integers(1, 12),  # for so many looks
        st.sampled_from(["seen", "seen", "seen", "blind", "restart", "no channel"]),
    ),
    max_size=12,
)
CALM_LOOKS = 700 // 5
HOUR = {"channels": ["chat"], "acknowledge_minutes": 600}


@settings(max_examples=60)
@given(LOOKS)
def test_one_opening_for_each_cause_and_one_closing_after_it_whatever_happens_between(
    course: list[tuple[frozenset[str], int, str]],
) -> None:
    desk = Desk(merchant(recipients={DESK: HOUR}))
    present: dict[str, int] = {}
    for causes, looks, how in course:
        desk.delivers = how != "no channel"
        for _ in range(looks):
            if how == "restart":
                desk.restart()
            found = [each for cause in sorted(causes) for each in CAUSES[cause]]
            desk.look(*([] if how == "blind" else found), unseen=[EVERYTHING] * (how == "blind"))
            if how != "blind":
                present = {cause: present.get(cause, 0) + 1 for cause in causes}
            _each_cause_is_open_once(desk)
            _what_lasts_is_open(desk, present)
    desk.delivers = True
    for _ in range(CALM_LOOKS):
        desk.look()
    assert not desk.book.alerts
    assert not desk.book.letters
    _opened_then_closed(desk)


def _each_cause_is_open_once(desk: Desk) -> None:
    keys = Counter(each.cause.key for each in desk.book.alerts)
    assert all(count == 1 for count in keys.values()), keys


def _what_lasts_is_open(desk: Desk, present: dict[str, int]) -> None:
    open_keys = {each.cause.key for each in desk.book.alerts if each.is_open}
    codes = {"tax-rule": "tax-rule-unknown", "cin7": "system-down", "drift": "stock-drift"}
    for cause, looks in present.items():
        if (looks - 1) * 5 >= CALM.total_seconds():
            code = codes.get(cause, cause)
            assert any(key.startswith(code) for key in open_keys), (cause, open_keys)


def _opened_then_closed(desk: Desk) -> None:
    of_alerts = sorted(desk.sent, key=lambda each: each.alert)
    for alert, letters in groupby(of_alerts, key=lambda each: each.alert):
        kinds = [each.kind for each in letters if each.kind != "grew"]
        assert kinds == ["opened", "closed"], (alert, kinds)


def test_a_process_that_dies_between_sending_and_noting_it_repeats_one_letter_at_most() -> None:
    desk = Desk(delivers=False)
    desk.looks(*tax_rule_missing(3), seconds=60)
    saved = desk.book
    desk.deliver()
    desk.book = saved
    desk.restart()
    desk.deliver()
    desk.looks(*tax_rule_missing(3), seconds=60)
    assert desk.told() == [("opened", DESK), ("opened", DESK)]
    assert desk.sent[0].dedup == desk.sent[1].dedup
