"""What the house costs at rest: processor seconds, runs, events and what runs print.

The real processes of `up` against the sandbox over HTTP, with ten orders a minute, for as many
minutes as are asked for; counting begins when catalogues, stock and books have been read once. What
an hour costs is projected to thirty days, and to the days that `operations.keep_runs_days` keeps.
To compare with an earlier state of the project, give a folder that holds it: the same script then
starts that one's processes, with the libraries of this one, and tells the same figures.

    python benchmarks/volume.py [--minutes 60] [--checkout FOLDER]
"""

import argparse
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from _house import PROJECT, say, tell
from _standing import ROLES, RUN_WORKER, Standing, standing
from sqlalchemy import Engine, text

from sfcc_cin7.db.database import embedded_pid
from sfcc_cin7.merchant.operations import OperationsPolicy

READY_WITHIN = 300
SETTLE = 60
"""Seconds after the first passes until counting begins."""
FIRST = ("cin7_sales", "cin7_stock", "sfcc_inventory", "order_ledger", "gross_margin")
"""What has been told of once when the house is at rest."""
PER_MINUTE = 10
HOURS_A_DAY, MONTH = 24, 30


@dataclass(frozen=True)
class Seen:
    """What was used and written up to one moment; seconds of a processor by role."""

    at: float
    seconds: Counter[str]
    runs: Counter[str]
    events: int
    files: int
    size: int


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--checkout", type=Path, default=PROJECT)
    chosen = arguments.parse_args()
    project = chosen.checkout.resolve()
    with (
        tempfile.TemporaryDirectory() as folder,
        standing(Path(folder), per_minute=PER_MINUTE, project=project) as there,
    ):
        there.start()
        there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
        there.wait_until(lambda: there.ask(at_rest), "the first passes", READY_WITHIN)
        time.sleep(SETTLE)
        before = look(there)
        say(f"counting for {chosen.minutes:g} minutes")
        time.sleep(chosen.minutes * 60)
        report(before, look(there), "this" if chosen.checkout == PROJECT else chosen.checkout.name)


def at_rest(engine: Engine) -> bool:
    """Whether every lane has been through its first, larger pass."""
    told = text(
        "select count(distinct asset_key) from dagster.event_logs"
        " where dagster_event_type = 'ASSET_MATERIALIZATION' and asset_key = any(:keys)"
    )
    with engine.connect() as connection:
        keys = [f'["{each}"]' for each in FIRST]
        return bool(connection.scalar(told, {"keys": keys}) == len(FIRST))


def look(there: Standing) -> Seen:
    """Everything as it is now."""
    runs, events = there.ask(rows) or (Counter(), 0)
    printed = [
        each for each in (there.state / "dagster" / "storage").glob("**/*") if each.is_file()
    ]
    size = sum(each.stat().st_size for each in printed)
    return Seen(time.monotonic(), used(there), runs, events, len(printed), size)


def rows(engine: Engine) -> tuple[Counter[str], int]:
    """Dagster's runs by job, and its events."""
    with engine.connect() as connection:
        by_job = connection.execute(
            text("select pipeline_name, count(*) from dagster.runs group by 1")
        )
        runs = Counter({row[0]: row[1] for row in by_job})
        return runs, connection.scalar(text("select count(*) from dagster.event_logs")) or 0


def used(there: Standing) -> Counter[str]:
    """Processor seconds by role, of what lives and of what has ended below it.

    A process hands its seconds to its parent when it ends, so nothing is lost and nothing is
    counted twice: runs are the children of the code server.
    """
    seconds: Counter[str] = Counter()
    for each in everything(there):
        with suppress(psutil.Error):
            times, role = each.cpu_times(), role_of(each)
            ended = times.children_user + times.children_system
            seconds[role] += times.user + times.system
            seconds["run workers" if role == "code server" else role] += ended
    return seconds


def everything(there: Standing) -> set[psutil.Process]:
    """The processes of the deployment, of its database and of the sandbox."""
    found = set(there.processes())
    pid = embedded_pid(there.state / "postgres")
    with suppress(psutil.Error):
        database = psutil.Process(pid) if pid else None
        found |= {database, *database.children(recursive=True)} if database else set()
    port = there.sandbox.rsplit(":", 1)[1]
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            words = each.cmdline()
            if "sandbox" in words and "serve" in words and port in words:
                found |= {each, *each.children(recursive=True)}
    return found


def role_of(process: psutil.Process) -> str:
    """What a process does here."""
    words = " ".join(process.cmdline())
    if "postgres" in process.name():
        return "database"
    if RUN_WORKER in words:
        return "run workers"
    if "sandbox serve" in words:
        return "sandbox"
    return next((role for role, known in ROLES.items() if known in words), "others")


def report(before: Seen, after: Seen, which: str) -> None:
    """What an hour costs, and what thirty days leave behind."""
    hours = (after.at - before.at) / 3600
    about = {"of": which, "minutes": round(60 * hours, 1), "orders_per_minute": PER_MINUTE}
    seconds = after.seconds - before.seconds
    for role, value in sorted(seconds.items()):
        tell(f"cpu_{role.replace(' ', '_')}", round(value / hours), "s an hour", **about)
    cores = seconds.total() / (3600 * hours)
    tell("cpu_of_a_core", round(cores, 3), "cores", **about)
    for job, count in sorted((after.runs - before.runs).items()):
        tell(f"runs_{job}", round(count / hours, 1), "an hour", **about)
    grown = {
        "runs": (after.runs - before.runs).total(),
        "events": after.events - before.events,
        "printed_files": after.files - before.files,
        "printed_bytes": after.size - before.size,
    }
    kept = OperationsPolicy().keep_runs_days
    for name, value in grown.items():
        a_day = value / hours * HOURS_A_DAY
        tell(name, round(value / hours), "an hour", **about)
        tell(f"{name}_after_{MONTH}_days", round(a_day * MONTH), "if nothing is pruned", **about)
        tell(f"{name}_kept", round(a_day * kept), f"pruned after {kept} days", **about)


if __name__ == "__main__":
    main()
