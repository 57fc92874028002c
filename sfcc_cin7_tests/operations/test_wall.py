"""The wall page: each lane with its figure and a verdict of its own shape, and nothing green that
was not seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, text

from sfcc_cin7.alerts import Evidence
from sfcc_cin7.alerts.deciding.book import Alert
from sfcc_cin7.alerts.deciding.causes import Cause
from sfcc_cin7.merchant.alerts import Severity
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations import DayBook, Sign, State, Verdict, status_page
from sfcc_cin7.operations.state import business, machinery, measures
from sfcc_cin7.operations.state.day import Coverage, Day, Oversold, Speed, Traffic, hours_to
from sfcc_cin7.operations.state.facts import Unknown
from sfcc_cin7.operations.state.judge import unseen
from sfcc_cin7.operations.state.verdicts import Measure, Number
from sfcc_cin7.operations.state.wall import Lane, wall
from sfcc_cin7.operations.wall_page import bars, highest
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.orders.records.test_order_queue import order
from sfcc_cin7_tests.project import SANDBOX_MODEL

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
MODEL = load_operating_model(SANDBOX_MODEL)
OK, WARNING, NOT_KNOWN, FAILING = Verdict
LAST = hours_to(NOW)[-1]
DAY = Day(
    at=NOW,
    traffic=Traffic(came={LAST: Decimal(40)}, went={LAST: Decimal(38)}),
    speed=Speed(today=Decimal("1.2"), by_hour={LAST: Decimal("1.2")}),
    coverage=Coverage(in_shop=150, in_both=149, published=450),
    oversold=Oversold(units=Decimal(0), orders=0, days=7),
    told={LAST: Decimal(12)},
    calls={LAST: Decimal(800)},
)


def sign(
    name: str,
    verdict: Verdict = OK,
    sentence: str = "As it should be.",
    told: Mapping[str, Number] | None = None,
) -> Sign:
    return Sign(
        name=name,
        verdict=verdict,
        sentence=sentence,
        owner="team:order-desk",
        runbook="stalled_posting.md",
        advice="" if verdict is OK else "see both systems.",
        measures=[Measure(key, value) for key, value in (told or {}).items()],
    )


def state(*others: Sign, evidence: Mapping[str, Sequence[Evidence]] | None = None) -> State:
    well = [
        sign("database"),
        sign(machinery.DAGSTER),
        sign(business.ORDERS, sentence="3 wait.", told={measures.WAITING: 3}),
        sign(business.SYSTEMS),
        sign(business.READING, told={measures.READ: Decimal(int(NOW.timestamp()) - 40)}),
        sign("list inventory-uk"),
        sign(business.CALLS, told={measures.CALLS_USED: 31, measures.CALLS_ALLOWED: 60}),
        sign(business.PEOPLE, told={measures.MONEY: Decimal("120.00")}),
    ]
    instead = {each.name: each for each in others}
    signs = [instead.pop(each.name, each) for each in well]
    return State(NOW, [*signs, *instead.values()], evidence or {})


def lanes(found: State, day: Day | Unknown = DAY, alerts: Sequence[Alert] = ()) -> dict[str, Lane]:
    return {lane.name: lane for lane in wall(found, day, alerts, MODEL).lanes}


def alert(severity: Severity, opened: timedelta) -> Alert:
    cause = Cause(
        key="tax-rule-unknown:x",
        code="tax-rule-unknown",
        title="A tax rule is missing",
        effect="",
        owner="team:finance",
        severity=severity,
        things=2,
        subjects=("alpenglow:alpenglow-jp:1",),
        money=Decimal(10),
        since=NOW - opened,
        tried="",
        advice="create it.",
        runbook="review-codes.md",
        sources=frozenset({"inbox"}),
        told_after=timedelta(0),
    )
    at = NOW - opened
    return Alert(id="a1", cause=cause, seen_at=at, tell_at=at, opened_at=at, told_severity=severity)


def shapes(page: str) -> set[str]:
    return set(re.findall(r'<svg class="shape (\w+)"', page))


def test_each_lane_has_its_figure_and_a_sentence() -> None:
    found = lanes(state())

    assert {name: (lane.figure, lane.unit) for name, lane in found.items()} == {
        "Orders waiting": ("3", ""),
        "Order to ERP, p95 today": ("1.2", "s"),
        "Age of stock": ("40 s", ""),
        "Units oversold": ("0", ""),
        "Shipments told": ("12", ""),
        "Money at risk": ("120.00 GBP", ""),
        "Calls to Cin7, last minute": ("31", "of 60"),
        "Alerts open": ("0", ""),
        "Dagster and its lanes": ("1", "of 1 alive"),
    }
    assert {lane.verdict for lane in found.values()} == {OK}
    assert all(lane.lines for lane in found.values())
    assert "149 of 150 SKUs" in found["Age of stock"].lines[-1]


def test_a_lane_is_as_bad_as_the_worst_that_it_stands_for() -> None:
    late = sign("list inventory-jp", FAILING, "It was never published.")
    found = lanes(state(late, sign(business.SYSTEMS, WARNING, "cin7 does not answer (HTTP 503).")))

    assert found["Age of stock"].verdict is FAILING
    assert found["Age of stock"].lines[0] == "list inventory-jp: It was never published."
    assert found["Orders waiting"].verdict is WARNING
    assert found["Orders waiting"].lines == ["cin7 does not answer (HTTP 503)."]


def test_slow_orders_and_oversold_units_are_told_although_no_sign_tells_them() -> None:
    slow = replace(DAY, speed=Speed(today=Decimal(900), by_hour={}))
    sold = replace(DAY, oversold=Oversold(units=Decimal(3), orders=2, days=7))

    assert lanes(state(), slow)["Order to ERP, p95 today"].verdict is WARNING
    lane = lanes(state(), sold)["Units oversold"]
    assert (lane.verdict, lane.figure) == (FAILING, "3")
    assert wall(state(), sold, [], MODEL).verdict is FAILING


def test_no_order_today_is_well_only_where_none_waits_too_long() -> None:
    none = replace(DAY, speed=Speed(today=None, by_hour={}))
    stalled = state(sign(business.ORDERS, FAILING, "64 wait."))

    assert lanes(state(), none)["Order to ERP, p95 today"].verdict is OK
    assert lanes(stalled, none)["Order to ERP, p95 today"].verdict is FAILING


def test_money_at_risk_is_told_by_owner_and_counts_each_thing_once() -> None:
    def waits(owner: str, subject: str, money: int) -> Evidence:
        return Evidence(
            source="inbox",
            code="sku-unknown",
            title="t",
            subject=subject,
            owner=owner,
            runbook="r",
            advice="a",
            money=Decimal(money),
        )

    rows = [waits("team:finance", "a", 50), waits("team:finance", "a", 70)]
    rows.append(waits("team:supply", "b", 20))
    lane = lanes(state(evidence={"inbox": rows}))["Money at risk"]

    assert lane.lines[1:] == ["finance: 70.00 GBP", "supply: 20.00 GBP"]


def test_without_its_database_no_lane_is_green_but_plots_and_alerts_are_there() -> None:
    away = unseen(NOW, "The database does not answer.", "start the database.")
    told = [alert("critical", timedelta(minutes=12)), alert("notice", timedelta(hours=3))]
    found = lanes(away, DAY, told)

    assert {lane.verdict for name, lane in found.items() if name != "Alerts open"} == {NOT_KNOWN}
    assert {lane.figure for name, lane in found.items() if name != "Alerts open"} == {"?"}
    assert found["Orders waiting"].lines == ["The database does not answer."]
    assert found["Orders waiting"].curves[0].figures[-1] == 40
    assert found["Alerts open"].figure == "2"
    assert found["Alerts open"].lines[0] == "A tax rule is missing (12 min)"
    page = status_page(away, DAY, told, MODEL)
    assert shapes(page) == {"unknown", "failing"}
    assert "The database does not answer." in page


def test_figures_of_a_day_that_was_read_long_ago_are_not_told_as_of_now() -> None:
    old = replace(DAY, at=NOW - timedelta(minutes=6))

    assert lanes(state(), old)["Units oversold"].verdict is NOT_KNOWN
    assert lanes(state(), old)["Order to ERP, p95 today"].figure == "?"


def test_what_could_not_be_read_of_the_day_is_not_known_and_hides_nothing_else() -> None:
    torn = replace(DAY, oversold=Unknown("This could not be read (OperationalError)."))
    found = lanes(state(), torn)

    assert found["Units oversold"].lines == ["This could not be read (OperationalError)."]
    assert found["Order to ERP, p95 today"].verdict is OK
    assert lanes(state(), Unknown("?"))["Orders waiting"].verdict is OK


def test_verdicts_differ_by_shape_and_word_and_what_others_wrote_is_no_markup() -> None:
    bad = [
        sign(business.ORDERS, FAILING, "<script>alert(1)</script>"),
        sign(business.SYSTEMS, WARNING),
        sign(machinery.DAGSTER, NOT_KNOWN),
    ]
    page = status_page(state(*bad), DAY, [], MODEL)

    assert shapes(page) == {"ok", "warning", "failing", "unknown"}
    assert 'aria-label="not known"' in page
    assert "order-desk: see both systems." in page
    assert "<script>alert" not in page
    assert "<title>FAILING" in page
    assert not re.findall(r'(?:src|href)="', page)


def test_bars_stand_by_hour_and_whatever_is_not_nothing_shows() -> None:
    (came, _) = lanes(state())["Orders waiting"].curves
    drawn = bars(came, highest([came]))

    assert (len(drawn), drawn[-1].height, drawn[0].height) == (24, 40, 0)
    (seconds,) = lanes(state())["Order to ERP, p95 today"].curves
    assert len(bars(seconds, Decimal(100))) == 1  # an hour without orders has no time
    assert bars(seconds, Decimal(100_000))[0].height == 1.5


def test_the_day_is_read_from_the_tables_and_kept_while_the_database_is_away(
    engine: Engine, clock: ManualClock
) -> None:
    queue = OrderQueue(engine, clock)
    queue.receive([order(clock, 1), order(clock, 2)])
    away = False

    def address() -> object:
        if away:
            raise ConfigurationError("It is not started.")
        return engine.url

    book = DayBook(address, lambda: MODEL, clock)  # type: ignore[arg-type]
    try:
        day = book.day()
        assert isinstance(day, Day)
        assert isinstance(day.traffic, Traffic)
        assert sum(day.traffic.came.values()) == 2
        assert day.speed == Speed(today=None, by_hour={})
        assert isinstance(day.oversold, Oversold)
        with engine.begin() as connection:
            connection.execute(
                text("update sfcc_cin7.orders set authorised_at = due_at + interval '3 s'")
            )
        assert book.day() is day  # not read at every look
        clock.sleep(60)
        again = book.day()
        assert isinstance(again, Day)
        assert isinstance(again.speed, Speed)
        assert again.speed.today == 3
        clock.sleep(60)
        away = True
        assert book.day() is again
    finally:
        book.close()
