"""What a pass of the ledger costs with 10,000, 100,000 and 1,000,000 orders.

Storefront, ERP and gateway legs are generated in the database, 2,000 orders a day, one in a
thousand with a difference. Measured are

- a full pass: every order of every day compared on all legs, the digest of each day of each site
  held against the one that was kept, the days that differ drilled into;
- an incremental pass after 1,000 changes, spread over all days: sales edited or merely touched in
  the ERP, orders cancelled, settlement lines stated anew; the median of nine, the sizes in turns;
- the same comparison as a DuckDB join of the same three tables, read from Parquet, with its result
  as counts (DuckDB keeps no books: this is the least that comparing can cost).

Peak memory is that of this process (the client); PostgreSQL's is not counted, and is bounded by
its settings (shared_buffers, work_mem). The DuckDB join runs in a process of its own.

    python benchmarks/ledger_scale.py [--orders 10000 --orders 100000 --orders 1000000]
"""

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from _house import empty_database, merchant, say, tell
from sqlalchemy import Engine, text

from sfcc_cin7.ledger.passes.books import Books, bring_up_to_date
from sfcc_cin7.values.clock import ManualClock

A_DAY = 2000
CHANGES = 1000
TURNS = 9
START = datetime(2024, 1, 1, tzinfo=UTC)
TABLES = ("orders", "erp_sales", "payout_lines")

ORDERS = """
insert into sfcc_cin7.orders (order_key, site, order_no, currency, order_total, created_at,
    modified_at, shop_status, document, document_hash, received_at, due_at, state,
    next_attempt_at, sale_id, sale_number, sale_total, sale_tax, authorised_at, exported_at)
select 'alpenglow:alpenglow-uk:' || n, 'alpenglow-uk', n::text, 'GBP', total, at, at, 'new',
    document, md5(document), at, at, 'acknowledged', at, 'sale-' || n, 'SO-' || n, total, tax, at,
    at
from (
    select n, at, total, round(total / 6, 2) as tax,
        format('{"taxTotal": %s, "paymentInstruments": [{"paymentInstrumentId": "p%s",'
            ' "paymentMethodId": "CREDIT_CARD", "paymentTransaction": {"amount": %s,'
            ' "transactionId": "txn-%s"}}]}', round(total / 6, 2), n, total, n) as document
    from (
        select n, cast(:start as timestamptz) + n * interval '43.2 s' as at,
            (1000 + (n * 7919) % 20000)::numeric / 100 as total
        from generate_series(cast(:first as bigint), cast(:last as bigint)) n
    ) numbered
) with_document
"""
CAPTURED = """
insert into sfcc_cin7.captured_orders
select order_key, site, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD'), document_hash,
    currency, order_total, sale_tax, 0, 0
from sfcc_cin7.orders
"""
PAYMENTS = """
insert into sfcc_cin7.captured_payments
select order_key, 'p' || order_no, 'stripe', 'CREDIT_CARD', 'txn-' || order_no, currency,
    order_total, round(order_total * 0.015, 2) + 0.01, created_at
from sfcc_cin7.orders
"""
SALES = """
insert into sfcc_cin7.erp_sales (sale_id, external_id, order_number, status, order_status,
    currency, total, tax, updated, read_at)
select sale_id, order_key, sale_number, 'ORDERED', 'AUTHORISED', currency,
    order_total + case when order_no::bigint % 1000 = 0 then 1 else 0 end, sale_tax, created_at,
    created_at
from sfcc_cin7.orders
"""
LINES = """
insert into sfcc_cin7.payout_lines (gateway, line_key, report, kind, payment_reference,
    merchant_reference, order_key, payment_id, currency, gross, settled_currency, fee, net,
    occurred_at, payout_id, read_at)
select 'stripe', 'txn_' || order_no, 'report.csv', 'charge', 'txn-' || order_no, order_no,
    order_key, 'p' || order_no, currency, order_total, currency, fee, order_total - fee,
    created_at, to_char(created_at, '"po_"YYYYMMDD'), created_at
from (select *, round(order_total * 0.015, 2) as fee from sfcc_cin7.orders) o
"""
JOIN = """
select count(*), sum(case when e.total is distinct from o.order_total then 1 else 0 end),
    sum(case when e.tax is distinct from o.sale_tax then 1 else 0 end),
    sum(case when s.settled is distinct from o.order_total then 1 else 0 end)
from orders o
left join (select external_id, sum(total) as total, sum(tax) as tax, count(*) as sales
    from erp_sales where status <> 'VOIDED' group by external_id) e on e.external_id = o.order_key
left join (select order_key, sum(gross) as settled, sum(fee) as fee
    from payout_lines group by order_key) s on s.order_key = o.order_key
"""


STATEMENTS = (
    "update sfcc_cin7.erp_sales set total = total + 1 where sale_id = any("
    "select 'sale-' || {some} from generate_series(0, 999, 4) n)",
    "update sfcc_cin7.erp_sales set updated = updated + interval '1 s' where sale_id = any("
    "select 'sale-' || {some} from generate_series(1, 999, 4) n)",
    "update sfcc_cin7.orders set shop_status = case shop_status when 'new' then 'cancelled'"
    " else 'new' end where order_key = any("
    "select 'alpenglow:alpenglow-uk:' || {some} from generate_series(2, 999, 4) n)",
    "update sfcc_cin7.payout_lines set gross = gross - 0.01, net = net - 0.01"
    " where gateway = 'stripe' and line_key = any("
    "select 'txn_' || {some} from generate_series(3, 999, 4) n)",
)
"""Sales edited by hand, sales touched without a change, orders cancelled, payments short."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, action="append", help="repeat for several sizes")
    sizes = parser.parse_args().orders or [10_000, 100_000, 1_000_000]
    small, large = min(sizes), max(sizes)
    with ExitStack() as stack:
        measured = [stack.enter_context(measuring(orders)) for orders in sizes]
        for turn in range(TURNS):  # in turns, because a machine has slow minutes and fast ones
            say(f"incremental passes {turn + 1}")
            for one in measured:
                one.pass_over_changes(turn)
        for one in measured:
            one.report()
    seconds = {one.orders: one.seconds for one in measured}
    ratios = [b / a for a, b in zip(seconds[small], seconds[large], strict=True)]
    ratio = statistics.median(ratios)
    each = [round(one, 2) for one in ratios]
    tell("ledger_incremental_ratio", ratio, "times", orders=large, compared_with=small, turns=each)
    sys.exit(1 if ratio > 1.5 else 0)


@contextmanager
def measuring(orders: int) -> Iterator["Measured"]:
    """So many orders in a database of their own, of which each was looked at."""
    with empty_database() as engine:
        clock = ManualClock(START + timedelta(seconds=43.2 * orders) + timedelta(days=1))
        say(f"{orders}: generating")
        generate(engine, orders)
        say(f"{orders}: first pass")
        first, _ = timed(engine, clock, everything=True)
        analyze(engine)
        say(f"{orders}: full pass")
        full, books = timed(engine, clock, everything=True)
        assert books.differing == 0 or books.looked_at < orders
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Measured(orders, engine, clock, first, full, peak)


@dataclass
class Measured:
    """The figures of one size; seconds, and megabytes of this process so far."""

    orders: int
    engine: Engine
    clock: ManualClock
    first: float
    full: float
    peak: float
    seconds: list[float] = field(default_factory=list)

    def pass_over_changes(self, turn: int) -> None:
        change(self.engine, self.orders, turn)
        self.clock.sleep(60)
        took, books = timed(self.engine, self.clock)
        assert CHANGES <= books.looked_at < CHANGES * 1.1, books
        self.seconds.append(took)

    def report(self) -> None:
        say(f"{self.orders}: DuckDB")
        with tempfile.TemporaryDirectory() as folder:
            export(self.engine, Path(folder))
            duck = in_a_process_of_its_own(Path(folder))
        about = {"orders": self.orders}
        tell("ledger_full_seconds", self.full, "s", **about)
        tell("ledger_first_seconds", self.first, "s", **about)
        took = statistics.median(self.seconds)
        spread = [round(one, 3) for one in self.seconds]
        tell("ledger_incremental_seconds", took, "s", **about, changes=CHANGES, runs=spread)
        tell("ledger_duckdb_seconds", duck, "s", **about)
        tell("ledger_peak_mb", self.peak, "MB", **about, of="this process, PostgreSQL not counted")


def timed(engine: Engine, clock: ManualClock, *, everything: bool = False) -> tuple[float, Books]:
    began = time.perf_counter()
    books = bring_up_to_date(engine, merchant(), clock, complete=True, everything=everything)
    return time.perf_counter() - began, books


def generate(engine: Engine, orders: int) -> None:
    """All legs; triggers that note changes are off, because a full pass looks at all anyway."""
    noted = ("orders", "erp_sales", "payout_lines")
    with engine.begin() as connection:
        for table in noted:
            connection.execute(text(f"alter table sfcc_cin7.{table} disable trigger user"))
        connection.execute(
            text(ORDERS.replace(":%", "\\:%").replace('": %s', '"\\: %s')),
            {"start": START, "first": 1, "last": orders},
        )
        for statement in (CAPTURED, PAYMENTS, SALES, LINES):
            connection.execute(text(statement))
        for table in noted:
            connection.execute(text(f"alter table sfcc_cin7.{table} enable trigger user"))
    analyze(engine)


def analyze(engine: Engine) -> None:
    """As autovacuum would have, long before there are so many orders."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
        connection.execute(text("checkpoint"))


def change(engine: Engine, orders: int, turn: int) -> None:
    """A thousand changes all over the days, of every kind."""
    step = orders // CHANGES
    some = f"(n * {step} + {turn} + 1)"
    with engine.begin() as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement.format(some=some)))


def export(engine: Engine, folder: Path) -> None:
    """The three tables as Parquet, only the columns that the comparison needs."""
    columns = {
        "orders": "order_key, order_total, sale_tax",
        "erp_sales": "external_id, total, tax, status",
        "payout_lines": "order_key, gross, fee",
    }
    with engine.connect() as connection, duckdb.connect() as duck:
        raw = connection.connection.cursor()
        for table in TABLES:
            path = folder / f"{table}.csv"
            with path.open("w") as file:
                raw.copy_expert(
                    f"copy (select {columns[table]} from sfcc_cin7.{table}) to stdout csv header",
                    file,
                )
            parquet = folder / f"{table}.parquet"
            duck.execute(f"copy (from read_csv('{path}')) to '{parquet}' (format parquet)")


def in_a_process_of_its_own(folder: Path) -> float:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(join, (str(folder),))


def join(folder: str) -> float:
    """Seconds of the join, tables read from Parquet included; the median of three."""
    seconds = []
    for _ in range(3):
        with duckdb.connect() as duck:
            for table in TABLES:
                duck.execute(
                    f"create view {table} as from read_parquet('{folder}/{table}.parquet')"
                )
            began = time.perf_counter()
            duck.execute(JOIN).fetchall()
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
