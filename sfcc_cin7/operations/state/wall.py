"""What the wall page shows: a few lanes as a sentence and a figure each, worst of its signs. Pure.

A figure is never older than its sign: where something could not be looked at its lane is not known,
whatever was seen before. Plots are of the past and say until when.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from sfcc_cin7.alerts.deciding.book import Alert
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.state import business, machinery, measures
from sfcc_cin7.operations.state.day import Day, Series, hours_to
from sfcc_cin7.operations.state.facts import Unknown
from sfcc_cin7.operations.state.unsigned import INBOX
from sfcc_cin7.operations.state.verdicts import Number, Sign, State, Verdict, worst
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import ZERO, figure, quantum
from sfcc_cin7.values.wording import counted, plain

T = TypeVar("T")
LIVE_RUN, LIST = "live run: ", "list "
UNSEEN = "Nothing of this can be seen now."
NO_DAY = Unknown("The last 24 hours have not been read.")
OLD = timedelta(minutes=5)
"""A day that was read longer ago is good for plots alone."""
OWNERS_SHOWN, ALERTS_SHOWN, MOST_SENTENCES = 3, 4, 2
SEVERITIES: Mapping[str, Verdict] = {
    "notice": Verdict.WARNING,
    "warning": Verdict.WARNING,
    "critical": Verdict.FAILING,
}


@dataclass(frozen=True)
class Curve:
    """24 figures, the hour under way last; None where nothing is known of an hour. `name` says of
    what, with its unit; figures that sum up have 0 where nothing was, others (seconds) None."""

    name: str
    figures: Sequence[Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One part of the page. `figure` is short and stands large, `unit` behind it; `lines` are
    sentences below, `curves` are plotted until `plotted_to`."""

    name: str
    verdict: Verdict
    figure: str
    unit: str = ""
    lines: Sequence[str] = ()
    curves: Sequence[Curve] = ()


@dataclass(frozen=True, kw_only=True)
class Wall:
    """The page: what it says of everything, its lanes, and every sign, the worst first.
    `plotted_to` is the instant up to which plots speak, in words; empty where there are none."""

    brand: str
    verdict: Verdict
    as_of: str
    plotted_to: str
    lanes: Sequence[Lane]
    signs: Sequence[Sign]


def wall(state: State, day: Day | Unknown, alerts: Sequence[Alert], model: OperatingModel) -> Wall:
    """The page of a state; `day` may be older than it, and is where the database is away."""
    words = wording(model)
    page = _Page(state, day, model)
    lanes = [
        page.waiting(),
        page.speed(),
        page.stock(),
        page.oversold(),
        *([page.shipments()] if model.follows_shipments else []),
        page.money(),
        page.calls(),
        _alerts(alerts, state.at),
        page.machinery(),
    ]
    heaviest_first = {verdict: -weight for weight, verdict in enumerate(Verdict)}
    return Wall(
        brand=model.brand,
        verdict=worst([state.verdict, *(lane.verdict for lane in lanes)]),
        as_of=words.second(state.at),
        plotted_to="" if isinstance(day, Unknown) else words.instant(day.at),
        lanes=lanes,
        signs=sorted(state.signs, key=lambda sign: heaviest_first[sign.verdict]),
    )


@dataclass(frozen=True)
class _Page:
    state: State
    day: Day | Unknown
    model: OperatingModel

    def waiting(self) -> Lane:
        signs = self._signs(business.ORDERS, business.SYSTEMS)
        waits = _measured(signs, measures.WAITING)
        traffic = NO_DAY if isinstance(self.day, Unknown) else self.day.traffic
        curves = (
            []
            if isinstance(traffic, Unknown)
            else [
                self._curve("in", traffic.came, ZERO),
                self._curve("in the ERP", traffic.went, ZERO),
            ]
        )
        return Lane(
            name="Orders waiting",
            verdict=self._worst(signs),
            figure=_or_unknown(waits),
            lines=self._sentences(signs),
            curves=curves,
        )

    def speed(self) -> Lane:
        """From when an order could be posted. Slower than an order may wait is a warning: those
        that still wait are the failure, and have a sign."""
        speed = NO_DAY if isinstance(self.day, Unknown) else self._now(self.day.speed)
        if isinstance(speed, Unknown):
            return self._unknown("Order to ERP, p95 today", speed.why)
        allowed = Decimal(str(self.model.posting.stalled_after_seconds))
        curves = [self._curve("seconds, p95", speed.by_hour, None)]
        if speed.today is None:  # nothing is proved by it, so it is as well as those that wait
            return Lane(
                name="Order to ERP, p95 today",
                verdict=self._worst(self._signs(business.ORDERS)),
                figure="-",
                lines=["No order reached the ERP today."],
                curves=curves,
            )
        return Lane(
            name="Order to ERP, p95 today",
            verdict=Verdict.WARNING if speed.today > allowed else Verdict.OK,
            figure=f"{speed.today:,f}",
            unit="s",
            lines=[f"95 of 100 orders took no longer; {plain(allowed)} s are allowed."],
            curves=curves,
        )

    def stock(self) -> Lane:
        lists = [sign for sign in self.state.signs if sign.name.startswith(LIST)]
        signs = [*self._signs(business.READING), *self._signs(business.LISTS), *lists]
        read = _measured(signs, measures.READ)
        age = (
            timedelta(seconds=float(Decimal(str(self.state.at.timestamp())) - read))
            if read
            else None
        )
        coverage = NO_DAY if isinstance(self.day, Unknown) else self._now(self.day.coverage)
        lines = self._sentences(signs, well=self._signs(business.READING))
        if not isinstance(coverage, Unknown):
            lines.append(
                f"The ERP knows {coverage.in_both:,} of {coverage.in_shop:,} SKUs for sale;"
                f" {coverage.published:,} figures are published."
            )
        if not self.model.inventory_lists:
            return Lane(name="Stock", verdict=Verdict.OK, figure="-", lines=["No list is fed."])
        return Lane(
            name="Age of stock",
            verdict=self._worst(signs),
            figure="?" if age is None else age_in_words(max(age, timedelta(0)), seconds=True),
            lines=lines,
        )

    def oversold(self) -> Lane:
        found = NO_DAY if isinstance(self.day, Unknown) else self._now(self.day.oversold)
        if isinstance(found, Unknown):
            return self._unknown("Units oversold", found.why)
        orders = counted(found.orders, "order")
        return Lane(
            name="Units oversold",
            verdict=Verdict.FAILING if found.orders else Verdict.OK,
            figure=plain(found.units),
            lines=[
                f"{orders} of the last {found.days} days could not be supplied."
                if found.orders
                else f"Every order of the last {found.days} days could be supplied."
            ],
        )

    def shipments(self) -> Lane:
        found = NO_DAY if isinstance(self.day, Unknown) else self._now(self.day.told)
        signs = [sign for sign in self.state.signs if "shipment" in sign.name]
        if isinstance(found, Unknown):
            return self._unknown("Shipments told", found.why)
        return Lane(
            name="Shipments told",
            verdict=self._worst(signs) if signs else Verdict.OK,
            figure=f"{plain(sum(found.values(), ZERO))}",
            lines=[
                "Orders whose shoppers were told in the last 24 hours.",
                *self._sentences(signs, []),
            ],
            curves=[self._curve("told", found, ZERO)],
        )

    def money(self) -> Lane:
        signs, base = self._signs(business.PEOPLE), self.model.base_currency
        money = _measured(signs, measures.MONEY)
        by_owner: dict[str, dict[str, Decimal]] = {}
        for each in self.state.evidence.get(INBOX, ()):
            subjects = by_owner.setdefault(each.owner, {})
            subjects[each.subject] = max(subjects.get(each.subject, ZERO), each.money)
        sums = {owner: sum(subjects.values(), ZERO) for owner, subjects in by_owner.items()}
        heaviest = sorted(sums.items(), key=lambda row: (-row[1], row[0]))
        lines = [
            f"{owner.removeprefix('team:')}: {figure(at_risk.quantize(quantum(base)), base)}"
            for owner, at_risk in heaviest[:OWNERS_SHOWN]
        ]
        return Lane(
            name="Money at risk",
            verdict=self._worst(signs),
            figure="?" if money is None else figure(Decimal(money), base),
            lines=[*self._sentences(signs), *lines],
        )

    def calls(self) -> Lane:
        signs = self._signs(business.CALLS)
        used = [
            each.value
            for sign in signs
            for each in sign.measures
            if each.name == measures.CALLS_USED
        ]
        most = [
            each.value
            for sign in signs
            for each in sign.measures
            if each.name == measures.CALLS_ALLOWED
        ]
        calls = NO_DAY if isinstance(self.day, Unknown) else self.day.calls
        known = bool(signs) and signs[0].verdict is not Verdict.NOT_KNOWN
        return Lane(
            name="Calls to Cin7, last minute",
            verdict=self._worst(signs),
            figure=f"{sum(used):,}" if known else "?",
            unit=f"of {sum(most):,}" if most else "",
            lines=self._sentences(signs),
            curves=[]
            if isinstance(calls, Unknown)
            else [self._curve("calls an hour", calls, ZERO)],
        )

    def machinery(self) -> Lane:
        signs = self._signs(
            machinery.DAGSTER, machinery.LOOKS, machinery.QUEUE, machinery.LIVE_RUNS
        )
        signs += [sign for sign in self.state.signs if sign.name.startswith(LIVE_RUN)]
        verdict = self._worst(signs)
        alive = sum(sign.verdict is Verdict.OK for sign in signs)
        return Lane(
            name="Dagster and its lanes",
            verdict=verdict,
            figure=f"{alive}" if signs else "?",
            unit=f"of {len(signs)} alive" if signs else "",
            lines=self._sentences(signs, []) or ["Daemon, sensors, queue and live runs work."],
        )

    # What all of them need

    @property
    def _is_blind(self) -> bool:
        """Whether the database, or whatever else everything is seen through, is away."""
        return not any(sign.name == business.ORDERS for sign in self.state.signs)

    def _now(self, found: T | Unknown) -> T | Unknown:
        """A part of the day as a figure of now: an old one is none."""
        if isinstance(self.day, Unknown) or isinstance(found, Unknown):
            return found
        is_old = self.state.at - self.day.at > OLD
        return Unknown(UNSEEN) if self._is_blind or is_old else found

    def _signs(self, *names: str) -> list[Sign]:
        return [sign for sign in self.state.signs if sign.name in names]

    def _worst(self, signs: Sequence[Sign]) -> Verdict:
        return worst([sign.verdict for sign in signs])

    def _sentences(self, signs: Sequence[Sign], well: Sequence[Sign] | None = None) -> list[str]:
        """Of those that are not well; else of the first of `well`, or of all where not given."""
        bad = [sign for sign in signs if sign.verdict is not Verdict.OK]
        if bad:
            return [_of_which(sign) for sign in bad[:MOST_SENTENCES]]
        if not signs and well is None:
            return [self.state.signs[0].sentence if self._is_blind else UNSEEN]
        return [sign.sentence for sign in (signs if well is None else well)[:1]]

    def _unknown(self, name: str, why: str) -> Lane:
        return Lane(name=name, verdict=Verdict.NOT_KNOWN, figure="?", lines=[why])

    def _curve(self, name: str, found: Series, nothing: Decimal | None) -> Curve:
        if isinstance(self.day, Unknown):
            return Curve(name, [])
        return Curve(name, [found.get(hour, nothing) for hour in hours_to(self.day.at)])


def _of_which(sign: Sign) -> str:
    """Its sentence, which does not say which of several lists or live runs it is of."""
    is_of_many = sign.name.startswith((LIST, LIVE_RUN))
    return f"{sign.name}: {sign.sentence}" if is_of_many else sign.sentence


def _measured(signs: Sequence[Sign], name: str) -> Number | None:
    return next((each.value for sign in signs for each in sign.measures if each.name == name), None)


def _or_unknown(number: Number | None) -> str:
    return "?" if number is None else f"{number:,}"


def _alerts(alerts: Sequence[Alert], at: datetime) -> Lane:
    """As the watcher's own book has them, which outlives the database."""
    rank = list(SEVERITIES)
    heaviest = sorted(alerts, key=lambda each: (-rank.index(each.told_severity), _opened(each, at)))
    return Lane(
        name="Alerts open",
        verdict=worst([SEVERITIES[each.told_severity] for each in alerts] or [Verdict.OK]),
        figure=f"{len(alerts):,}",
        lines=list(_told(heaviest[:ALERTS_SHOWN], at)) or ["Nobody had to be told of anything."],
    )


def _told(alerts: Sequence[Alert], at: datetime) -> Iterator[str]:
    for each in alerts:
        taken = f", taken on by {each.acknowledged_by}" if each.acknowledged_by else ""
        age = age_in_words(max(at - _opened(each, at), timedelta(0)), seconds=True)
        yield f"{each.cause.title} ({age}{taken})"


def _opened(alert: Alert, at: datetime) -> datetime:
    return alert.opened_at or at
