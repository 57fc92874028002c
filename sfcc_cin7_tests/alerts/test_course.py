"""People are told once of a cause, and once that it is over."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.alerts.deciding.evidence import EVERYTHING
from sfcc_cin7_tests.alerts.house import (
    DESK,
    LEAD,
    NOON,
    RECIPIENTS,
    SUPPLY,
    Desk,
    evidence,
    merchant,
    tax_rule_missing,
)

LANE = evidence("lane-dead", "live run: orders", about="orders", source="sign:live run: orders")


def test_forty_orders_that_lack_one_tax_rule_are_one_message_and_one_more_when_it_is_there() -> (
    None
):
    desk = Desk()
    desk.looks(*tax_rule_missing(40), seconds=60)
    (opened,) = desk.sent
    assert "(40)" in opened.title
    assert "At risk: 400.00 GBP" in opened.body
    assert "Zero" in opened.body
    assert "and 35 others" in opened.body
    desk.looks(seconds=60)
    assert desk.told() == [("opened", DESK), ("closed", DESK)]
    assert desk.sent[1].resolves
    assert desk.sent[1].dedup == opened.dedup
    assert not desk.book.alerts


def test_what_heals_by_itself_within_twenty_seconds_is_told_to_nobody_but_in_the_digest() -> None:
    desk = Desk(merchant(recipients={DESK: {"channels": ["chat"], "digest_at": "18:00"}}))
    desk.look()
    desk.looks(LANE, seconds=15)
    desk.looks(seconds=60)
    assert desk.sent == []
    desk.look(after=6 * 3600)
    (digest,) = desk.sent
    assert digest.kind == "digest"
    assert digest.body == "Healed by itself, 1 time: lane-dead"
    desk.looks(seconds=60)
    assert len(desk.sent) == 1


def test_what_heals_by_itself_three_times_in_ten_minutes_is_one_alert() -> None:
    desk = Desk()
    for _ in range(6):
        desk.looks(LANE, seconds=10)
        desk.looks(seconds=60)
    assert desk.told() == [("opened", DESK)]
    assert "again and again" in desk.sent[0].title
    desk.looks(seconds=700)
    assert desk.told() == [("opened", DESK), ("closed", DESK)]


def test_an_alert_that_nobody_takes_on_goes_to_the_next_person_once() -> None:
    desk = Desk()
    desk.looks(evidence("oversold", severity="warning"), seconds=900)
    assert desk.told() == [("opened", DESK), ("escalated", LEAD)]
    desk.looks(seconds=60)
    assert desk.told()[2:] == [("closed", DESK), ("closed", LEAD)]


def test_an_alert_that_somebody_has_taken_on_goes_to_nobody_else() -> None:
    desk = Desk()
    desk.looks(evidence("oversold", severity="warning"), seconds=60)
    (alert,) = desk.book.alerts
    desk.book = desk.book.acknowledged(alert.id, "kim", desk.at)
    desk.looks(evidence("oversold", severity="warning"), seconds=900)
    assert desk.told() == [("opened", DESK)]


def test_a_notice_goes_to_nobody_else() -> None:
    desk = Desk()
    desk.looks(evidence("ean-differs"), seconds=900)
    assert desk.told() == [("opened", DESK)]


def test_an_alert_that_grows_is_told_again_when_it_doubled_and_when_it_gets_worse() -> None:
    desk = Desk()
    desk.looks(*tax_rule_missing(4), seconds=60)
    desk.looks(*tax_rule_missing(30), seconds=600)
    assert desk.told() == [("opened", DESK)]
    desk.looks(*tax_rule_missing(30), seconds=300)
    assert desk.told() == [("opened", DESK), ("grew", DESK)]
    desk.looks(*tax_rule_missing(30, Decimal(1000)), seconds=60)
    assert desk.told()[2:] == [("grew", DESK)]
    assert "CRITICAL" in desk.sent[2].title


def test_while_nothing_can_be_seen_nothing_is_over_and_what_was_told_is_not_told_again() -> None:
    desk = Desk()
    desk.looks(LANE, seconds=60)
    away = evidence("database-away", "database", source="database", severity="critical")
    desk.looks(away, seconds=120, unseen=[EVERYTHING])
    desk.looks(LANE, seconds=60)
    assert desk.told() == [("opened", DESK), ("opened", DESK), ("closed", DESK)]
    assert "database-away" in desk.sent[2].title
    desk.looks(seconds=60, unseen=["sign:live run: *"])
    assert len(desk.sent) == 3
    desk.looks(seconds=60)
    assert desk.told()[3:] == [("closed", DESK)]


def test_a_cause_that_is_found_later_takes_over_what_it_explains() -> None:
    desk = Desk()
    stalled = evidence("posting-stalled", "orders waiting", source="sign:orders waiting")
    down = evidence("system-down", "system:cin7", about="cin7", title="Cin7 does not answer")
    desk.looks(stalled, seconds=60)
    desk.looks(stalled, down, seconds=60)
    assert [each.kind for each in desk.sent] == ["opened", "closed", "opened"]
    assert "It is part of this: Cin7 does not answer." in desk.sent[1].body
    desk.looks(stalled, seconds=120)  # what waited needs its time
    assert desk.told()[3:] == [("closed", DESK)]
    desk.looks(stalled, seconds=300)  # but not for ever
    assert desk.told()[4:] == [("opened", DESK)]


def test_quiet_hours_hold_what_is_not_critical_until_they_are_over() -> None:
    sleeps = {**RECIPIENTS[DESK], "quiet": {"begin": "22:00", "end": "07:00"}}
    model = merchant(recipients={**RECIPIENTS, DESK: sleeps})
    desk = Desk(model, datetime(2026, 3, 2, 23, tzinfo=NOON.tzinfo))
    overnight = evidence("ean-differs")
    desk.looks(overnight, seconds=60)
    assert desk.sent == []
    desk.looks(overnight, LANE, seconds=10)
    critical = evidence("dagster-dead", source="sign:daemon", severity="critical")
    desk.looks(overnight, critical, seconds=60)
    assert [each.severity for each in desk.sent] == ["critical"]
    desk.looks(overnight, seconds=60)
    desk.look(overnight, after=8 * 3600)
    assert [each.title for each in desk.sent[-1:]] == ["[alpenglow] NOTICE ean-differs"]


def test_what_is_over_before_quiet_hours_are_needs_no_letter() -> None:
    sleeps = {"channels": ["chat"], "quiet": {"begin": "11:00", "end": "13:00"}}
    desk = Desk(merchant(recipients={DESK: sleeps}))
    desk.looks(evidence("ean-differs"), seconds=60)
    desk.looks(seconds=60)
    desk.look(after=7200)
    assert desk.sent == []


def test_what_somebody_wants_in_the_digest_alone_is_not_told_at_once() -> None:
    calm = {"channels": ["chat"], "at_once": "warning", "digest_at": "18:00"}
    desk = Desk(merchant(recipients={DESK: calm}))
    desk.looks(evidence("ean-differs"), seconds=600)
    assert desk.sent == []
    desk.look(evidence("ean-differs"), after=6 * 3600)
    assert desk.sent[-1].kind == "digest"


def test_an_owner_who_is_no_recipient_is_told_through_the_default() -> None:
    desk = Desk()
    desk.looks(evidence("stock-drift", owner="team:supply"), seconds=60)
    assert desk.told() == [("opened", DESK)]
    assert "Owner: team:supply" in desk.sent[0].body


def test_without_channels_alerts_are_kept_and_nobody_is_told() -> None:
    desk = Desk(merchant(channels={}, recipients={}, default=None))
    desk.looks(LANE, seconds=60)
    assert desk.sent == []
    assert [each.is_open for each in desk.book.alerts] == [True]


def test_a_letter_fits_into_every_channel_and_ends_with_how_to_take_it_on() -> None:
    desk = Desk()
    long = evidence("lane-fails", "lane:x", sentence="x" * 5000, advice="y" * 5000)
    desk.looks(long, seconds=60)
    (letter,) = desk.sent
    assert len(letter.title) + len(letter.body) <= 1000
    assert letter.body.endswith(f"sfcc-cin7 alerts ack {letter.alert}")


def test_a_recipient_who_is_gone_leaves_no_letter_behind() -> None:
    desk = Desk(delivers=False)
    desk.looks(LANE, seconds=60)
    desk.model = merchant(recipients={LEAD: RECIPIENTS[LEAD]}, default=LEAD)
    desk.looks(seconds=60)
    assert not desk.book.letters
    assert desk.at - NOON == timedelta(seconds=120)


def test_what_does_not_say_since_when_it_is_so_is_told_since_it_was_seen_first() -> None:
    desk = Desk()
    desk.looks(evidence("oversold", severity="warning"), seconds=900)
    assert "Since: 2026-03-02 12:00:05 GMT (10 min)" in desk.sent[1].body


@pytest.mark.parametrize("before", ["nobody", "somebody who is gone"])
def test_what_is_open_is_told_to_whom_the_merchant_names_afterwards(before: str) -> None:
    gone = {SUPPLY: {"channels": ["chat"]}}
    desk = Desk(
        merchant(recipients={}, default=None)
        if before == "nobody"
        else merchant(recipients=gone, default=SUPPLY)
    )
    desk.looks(*tax_rule_missing(3), seconds=60)
    desk.sent.clear()
    desk.model = merchant()
    desk.looks(*tax_rule_missing(3), seconds=60)
    assert desk.told() == [("opened", DESK)]
    desk.looks(seconds=60)
    assert desk.told() == [("opened", DESK), ("closed", DESK)]


def test_what_somebody_took_on_is_told_to_nobody_who_is_named_afterwards() -> None:
    desk = Desk(merchant(recipients={}, default=None))
    desk.looks(*tax_rule_missing(3), seconds=60)
    (alert,) = desk.book.alerts
    desk.book = desk.book.acknowledged(alert.id, "kim", desk.at)
    desk.model = merchant()
    desk.looks(*tax_rule_missing(3), seconds=60)
    assert desk.told() == []
