"""Reads everything that the state is judged by: each part by itself, and none for long.

A part that cannot be read is `Unknown` with its reason; the others are there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.alerts import of_inbox
from sfcc_cin7.db.failing import failing
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.residents import living
from sfcc_cin7.inbox.listing import inbox, together
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.records import dagster_tables
from sfcc_cin7.operations.routines import LOOKS, routines
from sfcc_cin7.operations.state.business import REFUSALS_SHOW
from sfcc_cin7.operations.state.facts import (
    CallBudget,
    Facts,
    ForPeople,
    InVain,
    LaneHeartbeat,
    Outage,
    Publication,
    Reading,
    Successes,
    Unknown,
    Waiting,
)
from sfcc_cin7.orders import backlog, open_circuits
from sfcc_cin7.stock import list_passes
from sfcc_cin7.systems.cin7.usage import budgets, minutes_with_refusals
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

LOOKED_AT = "cin7_calls"
"""The asset with which routines are looked at (`lanes_on_time` is its check)."""
TRIED_AGAIN = timedelta(minutes=1)
"""A failure that is older was tried again, and not by chance."""
NEVER_HERE = Unknown("Dagster has never run here.")
TOO_SLOW = Unknown("The database is too slow to be asked for this in time.")


T = TypeVar("T")


@dataclass(frozen=True)
class _Reader:
    """Reads one part after the other until `elapsed` says that there is no time for more."""

    connection: Connection
    model: OperatingModel
    clock: Clock
    at: datetime
    is_late: Callable[[], bool]

    def part(self, read: Callable[[], T]) -> T | Unknown:
        """What `read` returns, or why that cannot be had; a statement that failed spoils no other.

        The reason names the kind of error alone: its text may hold what nobody should see.
        """
        if self.is_late():
            return TOO_SLOW
        try:
            with self.connection.begin():
                return read()
        except SQLAlchemyError as error:
            return Unknown(f"This could not be read ({type(error).__name__}).")
        except ConfigurationError as error:
            return Unknown(str(error))

    def waiting(self) -> Waiting:
        row = backlog(self.connection, self.at)
        return Waiting(row.waiting, row.oldest)

    def outages(self) -> list[Outage]:
        return [
            Outage(each.system, each.since, each.problem) for each in open_circuits(self.connection)
        ]

    def stock(self) -> Reading | None:
        last = last_snapshot(self.connection)
        if last is None:
            return None
        good = last if last.believed else last_snapshot(self.connection, believed=True)
        believed_at = good.started_at if good is not None else None
        return Reading(last.started_at, last.rows, last.believed, last.reason, believed_at)

    def publications(self) -> list[Publication]:
        return [
            Publication(each.list_id, each.began, each.due_by)
            for each in list_passes(self.connection, self.model)
        ]

    def budgets(self) -> list[CallBudget]:
        since = self.at.replace(second=0, microsecond=0) - REFUSALS_SHOW
        refused: dict[str, int] = {}
        for row in minutes_with_refusals(self.connection, since):
            refused[row.budget] = refused.get(row.budget, 0) + row.refused
        return [
            CallBudget(
                row.application,
                row.calls,
                row.used,
                refused.get(row.application, 0),
                row.paused_until,
            )
            for row in budgets(self.connection, self.clock)
        ]

    def people(self) -> ForPeople:
        items = inbox(self.connection, self.model, self.at)
        found = together(items, self.model.review, self.model.base_currency)
        oldest = found.oldest
        return ForPeople(
            items=found.items,
            money=found.money,
            oldest=oldest.opened_at if oldest else None,
            owner=oldest.owner if oldest else None,
            warned=found.warned,
            alarmed=found.alarmed,
            evidence=of_inbox(items, self.model.owners),
        )

    def in_vain(self) -> list[InVain]:
        return [
            InVain(each.name, each.since, each.problem)
            for each in failing(self.connection)
            if self.at - each.since >= TRIED_AGAIN
        ]

    def residents(self) -> list[LaneHeartbeat]:
        """The runs of lanes whose sessions live."""
        return [
            LaneHeartbeat(row.lane, row.since, row.beat_at, row.leads_since)
            for row in living(self.connection)
        ]

    def successes(self, payouts: bool) -> Successes:
        expected = routines(self.model, payouts=payouts)
        return Successes(
            dagster_tables.last_successes(
                self.connection,
                [each.by for each in expected],
            ),
            dagster_tables.materialized(self.connection, LOOKED_AT, LOOKS),
            dagster_tables.first_materialized(self.connection, LOOKED_AT),
        )

    def of_dagster(self, here: bool | Unknown, read: Callable[[], T]) -> T | Unknown:
        if isinstance(here, Unknown):
            return here
        return self.part(read) if here else NEVER_HERE


def read_facts(
    connection: Connection,
    model: OperatingModel,
    clock: Clock,
    *,
    payouts: bool,
    within: timedelta,
) -> Facts:
    """Everything, as the database has it now; what is not reached `within` is not asked for.

    Raises:
        SQLAlchemyError: the database does not even tell the time.
    """
    until = clock.now() + within
    with connection.begin():
        at: datetime = connection.execute(select(clock.sql_now)).scalar_one()
    reader = _Reader(connection, model, clock, at, lambda: clock.now() > until)
    here = reader.part(partial(dagster_tables.dagster_was_here, connection))
    return Facts(
        at=at,
        heartbeats=reader.of_dagster(here, partial(dagster_tables.heartbeats, connection)),
        looked=reader.of_dagster(here, partial(dagster_tables.last_look, connection)),
        runs=reader.of_dagster(here, partial(dagster_tables.run_queue, connection)),
        residents=reader.part(reader.residents),
        waiting=reader.part(reader.waiting),
        outages=reader.part(reader.outages),
        reading=reader.part(reader.stock),
        publications=reader.part(reader.publications),
        budgets=reader.part(reader.budgets),
        people=reader.part(reader.people),
        in_vain=reader.part(reader.in_vain),
        checks=reader.of_dagster(here, partial(dagster_tables.failed_checks, connection)),
        successes=reader.of_dagster(here, partial(reader.successes, payouts)),
    )
