"""Three processes, three users, two logins of the database: orders, stock and books as ever."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.values import decimal_json
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.truth.verify import verify
from sfcc_cin7_tests.deployed.debian_server import Server
from sfcc_cin7_tests.deployed.house import House, house
from sfcc_cin7_tests.people import personal
from sfcc_cin7_tests.scenario.test_nothing_personal_leaks import leaks

pytestmark = pytest.mark.processes

SECRET = ("SFCC_CLIENT_SECRET", "CIN7_APPLICATION_KEY", "CIN7_ORDERS_APPLICATION_KEY")
LOOP = ("sku_map", "cin7_stock", "cin7_sales", "sfcc_inventory", "sfcc_orders", "order_ledger")
ORDERS = 6
PERSONAL = {("sfcc_cin7", "orders"): ["document"]}
"""Where what is personal is kept on purpose, until it is pruned."""


@dataclass(frozen=True)
class Day:
    """What was done, and where all of it was written."""

    house: House
    systems: RunningSandbox
    database: Engine
    folder: Path
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def day(server: Server) -> Iterator[Day]:
    """Shoppers buy; catalogues and stock are read, orders posted, stock published, books kept."""
    database = create_engine(server.url())
    with (
        # not pytest's own folder: each session of it closes that to other users
        tempfile.TemporaryDirectory(prefix="sfcc_cin7_split_") as name,
        running_sandbox(skus=120) as systems,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        for _ in range(ORDERS):
            systems.sandbox.shoppers.place("alpenglow-uk")
        given = sandbox_environment(systems.url)
        secrets = {name: given.pop(name) for name in SECRET}
        given["SFCC_CIN7_OPERATING_MODEL"] = str(folder / "code" / "config" / "sandbox.yaml")
        app = server.url("app", "password-of-app").render_as_string(hide_password=False)
        login = server.url("dagster", "password-of-dagster")
        dagster = login.render_as_string(hide_password=False)
        with house(folder, given, secrets, app, dagster) as running:
            running.materialize(*LOOP, partition=f"{datetime.now(UTC):%Y-%m-%d}")
            yield Day(running, systems, database, folder, secrets)
    database.dispose()


def test_every_order_is_booked_once_and_to_the_cent_and_the_books_agree(day: Day) -> None:
    answer = httpx.get(f"{day.systems.url}/_control/truth", timeout=60).raise_for_status()
    verdict = verify(decimal_json.loads(answer.text), 0)
    assert verdict.clean, verdict.cases
    with day.database.connect() as connection:
        count = "select state, count(*) as number from sfcc_cin7.orders group by state"
        states = {row.state: row.number for row in connection.execute(text(count))}
        posted = connection.scalar(text("select count(*) from sfcc_cin7.postings"))
        told = connection.scalar(text("select count(*) from sfcc_cin7.published_stock"))
    assert states == {"acknowledged": ORDERS}
    assert posted >= 2 * ORDERS
    assert told > 60


def test_webserver_and_daemon_never_see_a_secret_of_the_merchant(day: Day) -> None:
    secrets = [*day.secrets.values(), "password-of-app"]
    for process in (day.house.webserver, day.house.daemon):
        environment = process.environment()
        assert b"SFCC_CLIENT" not in environment
        assert b"CIN7_APPLICATION" not in environment
        assert not any(each.encode() in environment for each in secrets)
        # its own password is found, so that this is a look at what it really holds
        assert process.holds(*secrets, "password-of-dagster") == {"password-of-dagster"}


def test_what_is_the_code_servers_is_closed_to_the_others(day: Day) -> None:
    mine = day.house.code.folder
    assert mine.stat().st_uid == day.house.code.user
    assert mine.stat().st_mode & 0o077 == 0
    users = {
        int(Path(f"/proc/{pid}").stat().st_uid)
        for process in (day.house.code, day.house.webserver, day.house.daemon)
        for pid in process.family
    }
    assert len(users) == 3
    assert os.geteuid() not in users


def test_nothing_that_was_written_holds_a_secret_or_names_a_shopper(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    files = rows = events = 0
    parts: list[str] = []
    given = {*(name.lower() for name in SECRET), "sfcc_cin7_database_url"}
    program = day.folder / "code"
    for path in day.folder.rglob("*"):
        if path.is_file() and path.name not in given and program not in path.parents:
            parts.append(path.read_bytes().decode(errors="replace"))
            files += 1
    with day.database.connect() as connection:
        people = {
            each
            for kept in connection.scalars(text("select document from sfcc_cin7.orders"))
            for each in personal(decimal_json.loads(kept))
        }
        words = "\n".join(path.read_text() for path in program.rglob("*.py"))
        people = {each for each in people if each not in words}  # "Authorised" is nobody's name
        tables = connection.execute(
            text(
                "select table_schema, table_name from information_schema.tables"
                " where table_schema in ('sfcc_cin7', 'dagster')"
            )
        ).all()
        for schema, table in tables:
            left_out = PERSONAL.get((schema, table), [])
            row = "to_jsonb(t) - cast(:left_out as text[])"
            query = text(f"select cast({row} as text) from {schema}.{table} t")
            held = list(connection.scalars(query, {"left_out": left_out}))
            rows += len(held)
            events += len(held) if table in ("event_logs", "order_events") else 0
            parts += held
    written = "\n".join(parts)
    looked_at = len(written.encode())
    canaries = leaks(people, written) + leaks({*day.secrets.values(), "password-of-app"}, written)
    counts = {"files": files, "rows": rows, "events": events, "bytes": looked_at}
    told = f"{counts}, canaries found {len(canaries)} of {len(people) + len(SECRET) + 1}"
    with capsys.disabled():
        sys.stdout.write(f"\nlooked at {told}\n")
    assert canaries == []
    assert len(people) > 20
    assert events > 50
    assert rows > 500
    assert files >= 5
