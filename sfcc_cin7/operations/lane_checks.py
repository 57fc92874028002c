"""Whether every lane still runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from sqlalchemy import Engine

from sfcc_cin7.db.failing import failing
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.assets import cin7_calls
from sfcc_cin7.operations.routines import LOOKS, Routine, Standing, routines, standing
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import UNARMED, armed
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.wording import Wording

TRIED_AGAIN = timedelta(seconds=30)
"""What fails for so long failed twice in a row at least."""
COLUMNS = ("lane", "late by", "last success", "expected by", "owner", "what to do")


@dg.asset_check(
    asset=cin7_calls,
    description=(
        "Every lane has succeeded again within its time: orders are received and re-read, stock is"
        " read and published, catalogues, books, margins, payouts and the inbox are brought up to"
        " date. The table shows by when each must have. Amber: one is late, or is tried in vain;"
        " red: late by as much again. What to do: where it says what a lane was answered, mend that"
        " (a key that is not valid any more); else see the lane's own row; if all are late, whether"
        " Dagster's daemon runs"
        " and the runs are not queued behind one that hangs. An order that waits to be posted is"
        " what `stalled_posting` looks at. Unarmed, no lane runs on its own: that is amber."
    ),
)
def lanes_on_time(
    context: dg.AssetCheckExecutionContext, merchant: Merchant, store: Store
) -> dg.AssetCheckResult:
    now, model = store.clock.now(), merchant.model()
    words = wording(model)
    looked, first = looks(context.instance), installed(context.instance)
    found = [
        standing(routine, last_success(context.instance, routine), looked, first, now)
        for routine in routines(model, payouts=bool(PlaceSettings().payouts))
    ]
    late = [each for each in found if each.late]
    with store.engine.connect() as connection:
        in_vain = [each for each in failing(connection) if now - each.since >= TRIED_AGAIN]
    file_late(store.engine, found, now)
    looks_only = [] if armed() else [UNARMED]
    return verdict(
        "lanes_on_time",
        passed=not late and not looks_only and not in_vain,
        horizon=seen(model, now, own("materializations", now)),
        severity=dg.AssetCheckSeverity.ERROR
        if any(each.stopped for each in late)
        else dg.AssetCheckSeverity.WARN,
        description="; ".join(
            looks_only
            + [
                f"{each.name} has failed since {words.second(each.since)}: {each.problem}"
                for each in in_vain
            ]
            + [f"{each.routine.name} {_how_late(each)} ({each.routine.owner})" for each in late]
        )
        or "Every lane succeeded in time.",
        metadata={
            "late": len(late),
            "failing": len(in_vain),
            "lanes": table(
                COLUMNS, (_row(each, words) for each in sorted(found, key=lambda one: -one.late_by))
            ),
        },
    )


def file_late(engine: Engine, found: Sequence[Standing], now: datetime) -> None:
    """Lanes that are late need a person, as long as they are: they are in the inbox, which knows
    nothing of Dagster."""
    with engine.begin() as connection:
        for each in found:
            subject = f"lane:{each.routine.by}"
            if each.late:
                sentence = f"{each.routine.name} {_how_late(each)}. {each.routine.advice}"
                finding = Finding(subject, "lane-late", sentence, each.routine.owner)
                open_items(connection, [finding], now)
            else:
                close_items(connection, subject, now, "it has succeeded again")


def looks(instance: dg.DagsterInstance) -> list[datetime]:
    """When this was looked at, the latest first: with each count of calls."""
    records = instance.fetch_materializations(cin7_calls.key, limit=LOOKS).records
    return [datetime.fromtimestamp(record.timestamp, UTC) for record in records]


def installed(instance: dg.DagsterInstance) -> datetime | None:
    """When this was looked at for the first time: since then every lane has been there to run."""
    records = instance.fetch_materializations(cin7_calls.key, limit=1, ascending=True).records
    return datetime.fromtimestamp(records[0].timestamp, UTC) if records else None


def last_success(instance: dg.DagsterInstance, routine: Routine) -> datetime | None:
    """When the asset of a routine was last materialized."""
    event = instance.get_latest_materialization_event(brands.key(routine.by))
    return datetime.fromtimestamp(event.timestamp, UTC) if event else None


def _how_late(each: Standing) -> str:
    return f"is late by {age_in_words(each.late_by, seconds=True)}"


def _late_by(each: Standing) -> str:
    if not each.late:
        return "on time"
    return age_in_words(each.late_by, seconds=True) + "; stands still" * each.stopped


def _row(each: Standing, words: Wording) -> tuple[str, ...]:
    return (
        each.routine.name,
        _late_by(each),
        words.second(each.last) if each.last else "not seen",
        words.second(each.expected_by),
        each.routine.owner,
        each.routine.advice if each.late else "nothing",
    )
