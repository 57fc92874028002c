"""Lanes that are always there: one run leads, and the next is up before it ends.

Starting a run costs seconds, on a busy machine many; a run that is there finds work at once. So a
sensor sees to it that each such lane has a run that works, for a quarter of an hour, and one that
takes over from it. Who leads is in the database (`residents`); that two may lead for a moment is
harmless, because work is leased. docs/decisions/23 has the reasons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from sfcc_cin7.db.residents import (
    HAND_OVER,
    SILENT,
    Residency,
    ResidencyLost,
    Resident,
    forget,
    present,
    residency,
)
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.brands import named
from sfcc_cin7.runtime.lanes import REGULAR, UNFINISHED, Job
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.values.clock import Clock

LIFE = timedelta(minutes=15)
"""How long a run leads: short enough to stay readable, and for new code to take over."""
BETWEEN_TRIES = 0.5
"""Seconds between two tries to lead."""
LONG_POLL = timedelta(seconds=15)
"""How long one tick of the sensor watches. The daemon starts a tick every five seconds at best, so
watching inside the tick is what makes it quick; longer would delay a shutdown."""
BETWEEN_LOOKS = 1.0
STARTS_WITHIN = timedelta(seconds=60)
"""How long a run may be on its way until another is asked for beside it."""
DEAD_FOR = timedelta(seconds=20)
"""After what silence a run whose session has ended is reported to Dagster as failed: one that lost
the database comes back sooner."""
DATABASE_AWAY = timedelta(minutes=2)
"""How long a run waits for the database to come back."""


@dataclass(frozen=True)
class ResidentLane:
    """A lane that is always there. `ahead`: how long before the end of a run the next is started;
    as long as a run leads, and somebody always stands by. `longest`: of one piece of its work."""

    name: str
    ahead: timedelta
    longest: timedelta = timedelta(0)

    def tags(self, priority: int = REGULAR) -> dict[str, str]:
        """Of its job. Nothing limits how many run: two are wanted, and more do no harm."""
        # The leader before it may end with a long piece of work, and so may it.
        longest = self.ahead + LIFE + HAND_OVER + 2 * self.longest + timedelta(minutes=5)
        return {
            "sfcc_cin7/resident": named(self.name),
            "dagster/max_retries": "0",
            "dagster/max_runtime": str(int(longest.total_seconds())),
            "dagster/priority": str(priority),
        }


ORDERS = ResidentLane("orders", ahead=LIFE)
"""Shoppers wait for it: somebody always stands by."""
SHORTLY = timedelta(seconds=90)
"""A schedule looks every minute, and starting a run takes seconds."""
LONGEST_PASS = timedelta(minutes=10)
"""A pass over stock or books that has not ended after this time hangs."""
STOCK = ResidentLane("stock", ahead=SHORTLY, longest=LONGEST_PASS)
STOCK_NOW = ResidentLane("stock-now", ahead=SHORTLY, longest=LONGEST_PASS)
SHIPMENTS = ResidentLane("shipments", ahead=SHORTLY, longest=LONGEST_PASS)
BOOKS = ResidentLane("books", ahead=SHORTLY, longest=LONGEST_PASS)

NotYet = Callable[[OperatingModel, Store], str | None]
"""What has to come before the first run of a lane, in a sentence; None where nothing has."""


def is_wanted(lane: ResidentLane, there: Sequence[Resident], starting: int) -> bool:
    """Whether one more run of a lane should start: `starting` are on their way already."""
    if starting:
        return False
    well = [each for each in there if each.alive and each.silent_for <= SILENT]
    if any(not each.leads for each in well):
        return False
    return all((each.leads_on_for or timedelta(0)) <= lane.ahead for each in well)


def keep_resident(
    name: str,
    job: Job,
    lane: ResidentLane,
    description: str,
    not_yet: NotYet,
) -> dg.SensorDefinition:
    """A sensor that starts and restarts the runs of a lane."""

    @dg.sensor(
        name=name,
        job_name=job.name,
        minimum_interval_seconds=1,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    @when_armed
    def keep(
        context: dg.SensorEvaluationContext, merchant: Merchant, store: Store
    ) -> dg.RunRequest | dg.SkipReason:
        if reason := not_yet(merchant.model(), store):
            return dg.SkipReason(reason)
        clock = store.clock
        until = clock.now() + LONG_POLL
        while True:
            wanted = look(context.instance, job, lane, store)
            if isinstance(wanted, dg.RunRequest) or clock.now() >= until:
                return wanted
            clock.sleep(BETWEEN_LOOKS)

    return keep


def keep_resident_regularly(
    name: str, job: Job, lane: ResidentLane, description: str, not_yet: NotYet
) -> dg.ScheduleDefinition:
    """A schedule that does the same for a lane that may be away for a minute: it looks once."""

    @dg.schedule(
        name=name,
        job_name=job.name,
        cron_schedule="* * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    @when_armed
    def keep(
        context: dg.ScheduleEvaluationContext, merchant: Merchant, store: Store
    ) -> dg.RunRequest | dg.SkipReason:
        if reason := not_yet(merchant.model(), store):
            return dg.SkipReason(reason)
        return look(context.instance, job, lane, store)

    return keep


def look(
    instance: dg.DagsterInstance, job: Job, lane: ResidentLane, store: Store
) -> dg.RunRequest | dg.SkipReason:
    """Whether a lane wants one more run now; what has died in it is told to Dagster."""
    with store.engine.connect() as connection:
        there = present(connection, store.clock, lane.name)
    bury(instance, store.engine, there)
    if is_wanted(lane, there, on_their_way(instance, job, there, store.clock.now())):
        # No run key: a run that failed must not keep the next one from starting.
        return dg.RunRequest()
    leads = sum(each.leads for each in there)
    stand_by = sum(each.alive for each in there) - leads
    return dg.SkipReason(f"{leads} run works, {stand_by} stands by.")


def on_their_way(
    instance: dg.DagsterInstance, job: Job, there: Sequence[Resident], now: datetime
) -> int:
    """How many runs of a job were asked for a moment ago and have not arrived yet."""
    arrived = {each.run_id for each in there}
    unfinished = dg.RunsFilter(
        job_name=job.name, statuses=UNFINISHED, created_after=now - STARTS_WITHIN
    )
    return sum(run.run_id not in arrived for run in instance.get_runs(unfinished))


def bury(instance: dg.DagsterInstance, engine: Engine, there: Sequence[Resident]) -> None:
    """Tell Dagster of runs whose processes ended without a word; it would believe in them."""
    living = {each.run_id for each in there if each.alive}
    for each in there:
        if each.alive or each.silent_for < DEAD_FOR:
            continue
        run = instance.get_run_by_id(each.run_id)
        if run is not None and not run.is_finished and each.run_id not in living:
            instance.report_run_failed(run, "Its process ended without a word.")
        with engine.begin() as connection:
            forget(connection, each)


def reside(
    engine: Engine,
    clock: Clock,
    lane: ResidentLane,
    run_id: str,
    work: Callable[[Residency], None],
) -> None:
    """Stand by, lead, and `work` until that says that it is over; a database that goes away for a
    moment is waited for.

    Raises:
        Exception: what `work` raised, or the database's error when it stays away.
    """
    failing_since: datetime | None = None
    while True:
        began = clock.now()
        try:
            with residency(engine, clock, lane.name, run_id, LIFE) as here:
                while not here.lead():
                    clock.sleep(BETWEEN_TRIES)
                return work(here)
        except Exception as error:
            if not is_about_the_database(error):
                raise
            now = clock.now()
            if failing_since is None or now - began > DATABASE_AWAY:  # it had worked for a while
                failing_since = now
            if now - failing_since > DATABASE_AWAY:
                raise
        clock.sleep(BETWEEN_LOOKS)


def is_about_the_database(error: BaseException) -> bool:
    """Whether the database going away is behind an error."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ResidencyLost | OperationalError | InterfaceError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
