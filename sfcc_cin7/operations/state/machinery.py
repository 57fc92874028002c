"""Whether anybody is there to do the work: Dagster's daemon, its runs, every routine in time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.routines import Standing, routines, standing
from sfcc_cin7.operations.state import measures
from sfcc_cin7.operations.state.facts import (
    Heartbeat,
    LaneHeartbeat,
    RunQueue,
    Successes,
    Unknown,
)
from sfcc_cin7.operations.state.signs import not_known, stamp
from sfcc_cin7.operations.state.verdicts import Measure, Sign, Verdict
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.wording import Wording


@dataclass(frozen=True)
class Daemon:
    """A daemon without which nothing starts: what it is there for, and after how long without a
    heartbeat it is late, and taken for dead."""

    work: str
    late_after: timedelta
    dead_after: timedelta


NEEDED = {
    "SENSOR": Daemon("sensors", timedelta(seconds=45), timedelta(seconds=90)),
    "SCHEDULER": Daemon("schedules", timedelta(seconds=75), timedelta(seconds=120)),
    "QUEUED_RUN_COORDINATOR": Daemon("the run queue", timedelta(seconds=45), timedelta(seconds=90)),
}
"""By Dagster's names. It writes a heartbeat every 30 seconds, after whatever it is at: the
scheduler comes back once a minute, and on a machine without time for it, starting the queued runs
was seen to take half a minute. (Dagster's own tolerance is half an hour.)"""
LATE_LOOK, NO_LOOK = timedelta(seconds=60), timedelta(seconds=120)
"""Some sensor looks every few seconds, and a look lasts 15 at most; where a machine had far more
work than time, they were up to a minute apart."""
SKEW = timedelta(seconds=10)
"""A sign of life that is further ahead than this tells of clocks that differ, not of life."""
LONG_QUEUED = timedelta(minutes=15)
"""No lane's run may last longer, so a run that waits so long is behind one that hangs, or nobody
takes it. A lane's live run lets its successor wait for less."""
LATE_RESIDENT, NO_RESIDENT = timedelta(seconds=20), timedelta(seconds=60)
"""Orders flow again within 20 seconds by themselves; somebody is told within 60."""

NOBODY = "Nobody works in this lane."
WAITED_FOR = "orders"
DAGSTER, LOOKS, QUEUE, LIVE_RUNS = "Dagster's daemon", "sensors", "run queue", "live runs"
RUNBOOK = "dagster_daemon.md"
SAME_TIME = "set both clocks by the same source of time."
RELOAD = (
    "Deployment > Code locations says whether it loads; if it does not, start Dagster anew. Nothing"
    " is lost meanwhile."
)
RESTART = (
    "see whether the process of Dagster's daemon runs and what the end of its log says; start it"
    " anew. Nothing is lost meanwhile: orders wait in the storefront and in the queue."
)


def daemons(found: Sequence[Heartbeat] | Unknown, owner: str, at: datetime) -> Sign:
    """Whether the daemon process starts what sensors and schedules want."""
    if isinstance(found, Unknown):
        return not_known(DAGSTER, found.why, owner, RUNBOOK)
    by_name = {each.daemon: each for each in found}
    beats = {name: by_name.get(name) for name in NEEDED}
    told = [
        Measure(measures.HEARTBEAT, stamp(each.at), {"daemon": each.daemon.lower()})
        for each in found
    ]
    ahead = [beat for beat in beats.values() if beat and beat.at > at + SKEW]
    if ahead:
        by = max(beat.at for beat in ahead) - at
        return not_known(DAGSTER, _clocks_differ(by), owner, RUNBOOK, SAME_TIME, told)
    silent = {
        name: daemon
        for name, daemon in NEEDED.items()
        if (beat := beats[name]) is None or at - beat.at > daemon.late_after
    }
    if not silent:
        failing = [NEEDED[name].work for name, beat in beats.items() if beat and beat.errors]
        sentence = "Each part of it gave a sign of life."
        if failing:
            sentence = f"It is alive, but its last looks at {', '.join(failing)} failed."
        return Sign(
            name=DAGSTER,
            verdict=Verdict.WARNING if failing else Verdict.OK,
            sentence=sentence,
            owner=owner,
            runbook=RUNBOOK,
            as_of=at,
            advice="Deployment > Daemons says what failed." if failing else "",
            measures=told,
        )
    dead = [
        name
        for name, daemon in silent.items()
        if (beat := beats[name]) is None or at - beat.at > daemon.dead_after
    ]
    last = [beat.at for name in silent if (beat := beats[name])]
    what = ", ".join(daemon.work for daemon in silent.values())
    since = min(last, default=None)
    ago = f" for {age_in_words(at - since, seconds=True)}" if since else ""
    return Sign(
        name=DAGSTER,
        verdict=Verdict.FAILING if dead else Verdict.WARNING,
        sentence=f"No sign of life{ago} of what is there for {what}.",
        owner=owner,
        runbook=RUNBOOK,
        since=since,
        as_of=at,
        advice=RESTART,
        measures=told,
    )


def looks(found: datetime | Unknown | None, owner: str, at: datetime) -> Sign:
    """Whether sensors and schedules really look: heartbeats go on where the code location is gone,
    and then nothing does."""
    if isinstance(found, Unknown):
        return not_known(LOOKS, found.why, owner, RUNBOOK)
    if found is None:
        return not_known(LOOKS, "No sensor has looked yet.", owner, RUNBOOK, advice=RELOAD)
    told = [Measure(measures.LAST_LOOK, stamp(found))]
    if found > at + SKEW:
        return not_known(LOOKS, _clocks_differ(found - at), owner, RUNBOOK, SAME_TIME, told)
    age = max(at - found, timedelta(0))
    verdict = Verdict.OK
    if age > LATE_LOOK:
        verdict = Verdict.FAILING if age > NO_LOOK else Verdict.WARNING
    well = verdict is Verdict.OK
    ago = age_in_words(age, seconds=True)
    return Sign(
        name=LOOKS,
        verdict=verdict,
        sentence=f"The last look was {ago} ago."
        if well
        else f"No sensor or schedule has looked without an error for {ago}.",
        owner=owner,
        runbook=RUNBOOK,
        since=None if well else found,
        as_of=at,
        advice="" if well else RELOAD,
        measures=told,
    )


def _clocks_differ(by: timedelta) -> str:
    return (
        f"The clocks of Dagster's machine and of the database differ by"
        f" {age_in_words(by, seconds=True)}: ages tell nothing."
    )


def run_queue(found: RunQueue | Unknown, owner: str, at: datetime) -> Sign:
    """Whether runs that were asked for are started."""
    if isinstance(found, Unknown):
        return not_known(QUEUE, found.why, owner, RUNBOOK)
    waits = at - found.oldest if found.oldest else timedelta(0)
    stuck = waits > LONG_QUEUED
    return Sign(
        name=QUEUE,
        verdict=Verdict.WARNING if stuck else Verdict.OK,
        sentence=f"{found.queued} runs wait, {found.running} run."
        + (f" The first has waited for {age_in_words(waits)}." if stuck else ""),
        owner=owner,
        runbook=RUNBOOK,
        since=found.oldest if stuck else None,
        as_of=at,
        advice="Runs > Queued says what it waits for; a run that hangs before it can be terminated."
        if stuck
        else "",
        measures=[
            Measure(measures.QUEUED, found.queued),
            Measure(measures.RUNNING, found.running),
        ],
    )


def residents(
    found: Sequence[LaneHeartbeat] | Unknown,
    lanes: Mapping[str, str],
    at: datetime,
    *,
    installed: bool,
) -> Iterator[Sign]:
    """Whether each of the lanes that are always there is; `lanes` names whom each concerns.

    Before the first look at the house of all (not yet `installed`), a lane that is missing may
    still be on its way. Shoppers wait for orders alone: in another lane nobody stands by, and a
    minute without a run is no failure yet (what it does is late then: see `on_time`).
    """
    if isinstance(found, Unknown):
        yield not_known(LIVE_RUNS, found.why, lanes[WAITED_FOR], RUNBOOK)
        return
    for lane, owner in lanes.items():
        if runs := [each for each in found if each.lane == lane]:
            yield _resident(lane, runs, owner, at)
        elif not installed:
            yield not_known(f"live run: {lane}", NOBODY, owner, RUNBOOK, advice=RESTART)
        else:
            yield Sign(
                name=f"live run: {lane}",
                verdict=Verdict.FAILING if lane == WAITED_FOR else Verdict.WARNING,
                sentence=NOBODY,
                owner=owner,
                runbook=RUNBOOK,
                since=None,
                as_of=at,
                advice=RESTART,
                measures=[],
            )


def _resident(lane: str, runs: Sequence[LaneHeartbeat], owner: str, at: datetime) -> Sign:
    """A lane by the run that leads it; where none does, nobody has done its work since.

    A leader tells before a long pass until when it will be silent: its last sign of life is then in
    the future.
    """
    leading = [run for run in runs if run.leads_since is not None]
    beat = max((run.beat_at for run in leading), default=None)
    last = beat or min(run.since for run in runs)
    silent = at - last
    verdict = Verdict.OK
    if silent > LATE_RESIDENT:
        verdict = Verdict.FAILING if silent > NO_RESIDENT else Verdict.WARNING
    what = "has given no sign of life" if beat else "leads nobody yet"
    well = verdict is Verdict.OK
    return Sign(
        name=f"live run: {lane}",
        verdict=verdict,
        sentence="It is alive."
        if well
        else f"The live run of {lane} {what} for {age_in_words(silent, seconds=True)}.",
        owner=owner,
        runbook=RUNBOOK,
        since=None if well else last,
        as_of=at,
        advice="" if well else RESTART,
        measures=[Measure(measures.RESIDENT, stamp(beat), {"lane": lane})] if beat else [],
    )


def on_time(
    found: Successes | Unknown, model: OperatingModel, *, payouts: bool, at: datetime
) -> Iterator[Sign]:
    """Every routine of the merchant, by the same rule as the check `lanes_on_time`."""
    for routine in routines(model, payouts=payouts):
        if isinstance(found, Unknown):
            yield not_known(routine.name, found.why, routine.owner, "lanes_on_time.md")
        else:
            last = found.last.get(routine.by)
            stands = standing(routine, last, found.looks, found.installed, at)
            known = last is not None or found.installed is not None
            yield _routine(stands, wording(model), known=known, at=at)


def _routine(stands: Standing, words: Wording, *, known: bool, at: datetime) -> Sign:
    routine = stands.routine
    verdict, since = Verdict.OK, None
    if not known:
        verdict = Verdict.NOT_KNOWN
        sentence = "It has not run yet, and nobody can tell yet by when it should."
    elif stands.late:
        verdict = Verdict.FAILING if stands.stopped else Verdict.WARNING
        since = stands.expected_by
        sentence = f"It is late by {age_in_words(stands.late_by, seconds=True)}."
    elif stands.last is None:
        sentence = f"It has not run yet; it has to by {words.instant(stands.expected_by)}."
    else:
        ago = max(at - stands.last, timedelta(0))
        sentence = (
            f"It succeeded {age_in_words(ago, seconds=True)} ago; it has to again by"
            f" {words.instant(stands.expected_by)}."
        )
    lane = {"lane": routine.name}
    told = [Measure(measures.SUCCEEDED, stamp(stands.last), lane)] if stands.last else []
    if known:
        told.append(Measure(measures.EXPECTED, stamp(stands.expected_by), lane))
    return Sign(
        name=routine.name,
        verdict=verdict,
        sentence=sentence,
        owner=routine.owner,
        runbook="lanes_on_time.md",
        since=since,
        as_of=at,
        advice="" if verdict is Verdict.OK else routine.advice,
        measures=told,
    )
