"""The gateways' leg: settlement reports as they were read, and whose payments their lines are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import captured_payments, payout_lines, payout_reports, payouts
from sfcc_cin7.ledger.records.decisions import match_by_hand

LINE, TRANSFER = "payout", "transfer"
"""What begins the key of a break about a line without an order, or about a payout."""

TRANSFER_KEY = ["gateway", "payout_id", "currency", "transfer_key"]
NOT_STATED = {"id", "gateway", "line_key", "report", "read_at", "order_key", "payment_id"}

MATCH_PAYMENTS = """
with named as (
    select l.id, l.gateway, unnest(l.payment_reference || l.other_references) as reference
    from sfcc_cin7.payout_lines l where l.order_key is null and l.kind = any(:kinds)
), candidate as (
    select l.id, min(p.order_key) as order_key, min(p.payment_id) as payment_id
    from named l
    join sfcc_cin7.captured_payments p on p.gateway = l.gateway and p.reference = l.reference
    where l.reference <> ''
    group by l.id having count(distinct (p.order_key, p.payment_id)) = 1
)
update sfcc_cin7.payout_lines l set order_key = c.order_key, payment_id = c.payment_id
from candidate c where l.id = c.id
"""
"""By any of the references that a line names, if all of them lead to one payment."""

MATCH_SIBLINGS = """
with named as (
    select l.id, l.gateway, unnest(l.payment_reference || l.other_references) as reference
    from sfcc_cin7.payout_lines l where l.order_key is null and l.kind = any(:kinds)
), candidate as (
    select l.id, min(m.order_key) as order_key,
        case when count(distinct m.payment_id) = 1 and count(m.payment_id) = count(*)
            then min(m.payment_id) end as payment_id
    from named l
    join sfcc_cin7.payout_lines m on m.gateway = l.gateway
        and m.payment_reference = l.reference
    where l.reference <> '' and m.order_key is not null
    group by l.id having count(distinct m.order_key) = 1
)
update sfcc_cin7.payout_lines l set order_key = c.order_key, payment_id = c.payment_id
from candidate c where l.id = c.id
"""
"""By a line that has its order: what follows a payment may name its capture only, which the
storefront does not know."""
MATCH_ORDERS = """
with candidate as (
    select l.id, coalesce(
        case when count(distinct o.order_key) filter (where p.amount = abs(l.gross)) = 1
            then min(o.order_key) filter (where p.amount = abs(l.gross)) end,
        min(o.order_key)) as order_key
    from sfcc_cin7.payout_lines l
    join sfcc_cin7.orders o on o.order_no = l.merchant_reference
    join sfcc_cin7.captured_payments p on p.order_key = o.order_key and p.gateway = l.gateway
        and p.currency = l.currency
        and (p.reference = '' or p.amount is null or p.amount >= abs(l.gross))
    where l.order_key is null and l.merchant_reference <> '' and l.kind = any(:kinds)
    group by l.id having count(distinct o.order_key) = 1
        or count(distinct o.order_key) filter (where p.amount = abs(l.gross)) = 1
)
update sfcc_cin7.payout_lines l set order_key = c.order_key, payment_id = (
    select min(p.payment_id) from sfcc_cin7.captured_payments p
    where p.order_key = c.order_key and p.gateway = l.gateway having count(*) = 1)
from candidate c where l.id = c.id
"""
"""By the order's number, where the gateway's own reference is unknown (a second charge has one of
its own). Sites may use the same numbers, so the currency must be the payment's, and the line no
more than the payment where that has another reference: a part of it, or all of it, which decides
where several orders fit; else nothing is guessed."""

OF_ORDERS = ["charge", "refund", "chargeback", "fee", "adjustment"]
"""Kinds of lines that may be of an order; conversions, reserves and own payments never are."""


GONE_LINES = """
delete from sfcc_cin7.payout_lines l where l.gateway = :gateway and l.report = :name
and not exists (select from unnest(cast(:keys as text[])) as k (key) where k.key = l.line_key)
returning l.payout_id
"""
GONE_TRANSFERS = """
delete from sfcc_cin7.payouts p where p.gateway = :gateway and p.report = :name
and not (p.transfer_key = any(:sent))
returning p.payout_id
"""


def known_reports(connection: Connection, gateway: str) -> dict[str, Row[Any]]:
    """Rows of `payout_reports` by name, the newest reading first."""
    query = select(payout_reports).where(payout_reports.c.gateway == gateway)
    newest = query.order_by(payout_reports.c.read_at.desc(), payout_reports.c.name.desc())
    return {row.name: row for row in connection.execute(newest)}


def read_elsewhere(connection: Connection, gateway: str, content_hash: str) -> list[Row[Any]]:
    """(`gateway`, `name`) of reports of other gateways with the same content that were used;
    what follows a colon in a hash is not of the content."""
    query = select(payout_reports.c.gateway, payout_reports.c.name).where(
        payout_reports.c.gateway != gateway,
        func.split_part(payout_reports.c.content_hash, ":", 1) == content_hash.split(":")[0],
        payout_reports.c.problem.is_(None),
    )
    return list(connection.execute(query))


def reports_of_no_gateway(
    connection: Connection, gateways: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Problems of files that lie in no gateway's folder, by folder and name."""
    query = select(payout_reports).where(
        payout_reports.c.gateway.not_in(gateways),
        payout_reports.c.problem.is_not(None),
        payout_reports.c.lines == 0,
    )
    return {(row.gateway, row.name): row.problem for row in connection.execute(query)}


def forget_report(connection: Connection, gateway: str, name: str) -> int:
    """A report is no more: its lines and transfers go, and what was posted of them is reversed by
    the next pass. How many rows went."""
    gone = take_back(connection, gateway, name, [])
    connection.execute(
        delete(payout_reports).where(
            payout_reports.c.gateway == gateway, payout_reports.c.name == name
        )
    )
    return gone


def take_back(
    connection: Connection, gateway: str, name: str, keys: Sequence[str], sent: Sequence[str] = ()
) -> int:
    """Of what a report stated, forget lines but those with these keys, and transfers but `sent`;
    how many rows went."""
    told = {"gateway": gateway, "name": name, "keys": list(keys), "sent": list(sent)}
    transfers = connection.scalars(text(GONE_TRANSFERS), told).all()
    gone = connection.execute(text(GONE_LINES), told).all()
    note_transfers(connection, gateway, {*transfers} | {row.payout_id for row in gone})
    return len(gone) + len(transfers)


def save_report(connection: Connection, report: Mapping[str, object]) -> None:
    """Remember that a report was read (columns of `payout_reports`), or why it cannot be."""
    statement = upsert(payout_reports)
    changed = {name: statement.excluded[name] for name in report if name not in ("gateway", "name")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["gateway", "name"], set_=changed), [report]
    )


def save_problem(connection: Connection, report: Mapping[str, object]) -> None:
    """Remember why a report cannot be used; if it could before, what it stated then stays."""
    statement = upsert(payout_reports)
    changed = {name: statement.excluded[name] for name in ("content_hash", "problem", "read_at")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["gateway", "name"], set_=changed), [report]
    )


def save_lines(
    connection: Connection, lines: Sequence[Mapping[str, object]], *, missing_only: bool = False
) -> None:
    """Keep lines (columns of `payout_lines`); one that is known already is not taken twice.

    A gateway may state a line anew: then it is the new one, to be matched again; with
    `missing_only` what is known stays.
    """
    if not lines:
        return
    statement = upsert(payout_lines)
    if missing_only:
        connection.execute(statement.on_conflict_do_nothing(), lines)
        return
    kept, new = payout_lines.c, statement.excluded
    stated = [column.name for column in kept if column.name not in NOT_STATED]
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["gateway", "line_key"],
            set_={
                **{name: new[name] for name in (*stated, "report", "read_at")},
                "order_key": None,
                "payment_id": None,
            },
            where=tuple_(*(kept[name] for name in stated)).is_distinct_from(
                tuple_(*(new[name] for name in stated))
            ),
        ),
        lines,
    )


def payouts_of(connection: Connection, gateway: str, line_keys: Collection[str]) -> set[str]:
    """The payouts in which these lines were stated so far."""
    query = select(payout_lines.c.payout_id).where(
        payout_lines.c.gateway == gateway, payout_lines.c.line_key.in_(line_keys)
    )
    return set(connection.scalars(query))


def save_transfers(connection: Connection, transfers: Sequence[Mapping[str, object]]) -> None:
    """Keep what was sent to the bank (columns of `payouts`); a later report corrects it."""
    if not transfers:
        return
    # Before transfers had keys of their own, a payout had one, of no report.
    connection.execute(
        delete(payouts).where(
            payouts.c.gateway == bindparam("its_gateway"),
            payouts.c.payout_id == bindparam("its_payout"),
            payouts.c.transfer_key == "",
            payouts.c.report == "",
        ),
        [{"its_gateway": one["gateway"], "its_payout": one["payout_id"]} for one in transfers],
    )
    statement = upsert(payouts)
    changed = {name: statement.excluded[name] for name in transfers[0] if name not in TRANSFER_KEY}
    connection.execute(
        statement.on_conflict_do_update(index_elements=TRANSFER_KEY, set_=changed), transfers
    )


def note_transfers(connection: Connection, gateway: str, payout_ids: Collection[str]) -> None:
    """The next pass looks at these payouts."""
    connection.execute(
        text(
            "insert into sfcc_cin7.order_changes (order_key)"
            " select concat_ws(':', 'transfer', gateway, currency, payout_id)"
            " from sfcc_cin7.payouts where gateway = :gateway and payout_id = any(:ids)"
        ),
        {"gateway": gateway, "ids": list(payout_ids)},
    )


def match(connection: Connection) -> int:
    """Give lines their orders and payments, as far as these are known now; how many got one."""
    kinds = {"kinds": OF_ORDERS}
    found = match_by_hand(connection)
    found += connection.execute(text(MATCH_PAYMENTS), kinds).rowcount
    found += connection.execute(text(MATCH_ORDERS), kinds).rowcount
    while more := connection.execute(text(MATCH_SIBLINGS), kinds).rowcount:
        found += more
    return found


def payments_by_order(connection: Connection, keys: Collection[str]) -> dict[str, list[Row[Any]]]:
    """Payments of these orders that a gateway settles."""
    query = select(captured_payments).where(
        captured_payments.c.gateway.is_not(None),
        captured_payments.c.order_key.in_(list(keys)),
    )
    return _by_order(connection.execute(query.order_by(captured_payments.c.payment_id)))


def lines_by_order(connection: Connection, keys: Collection[str]) -> dict[str, list[Row[Any]]]:
    """Settlement lines of these orders, in the order in which they were read."""
    query = select(payout_lines).where(payout_lines.c.order_key.in_(list(keys)))
    return _by_order(connection.execute(query.order_by(payout_lines.c.id)))


def lines_without_order(connection: Connection) -> list[Row[Any]]:
    """Lines in scope that belong to no order and should; `subject` is what their break is about."""
    query = text(
        "select l.*, scope.order_key as subject from scope join sfcc_cin7.payout_lines l"
        " on scope.order_key like 'payout:%'"
        " and l.gateway = split_part(scope.order_key, ':', 2)"
        " and l.line_key = substr(scope.order_key, length('payout::') + 1 + length(l.gateway))"
        " where l.order_key is null and l.kind in ('charge', 'refund', 'chargeback')"
    )
    return list(connection.execute(query))


def crooked_transfers(connection: Connection) -> list[Row[Any]]:
    """Payouts in scope whose lines do not come to their amount; lines may have parts of a cent,
    what is sent to a bank has none.

    Rows hold `subject`, `gateway`, `currency`, `amount`, `lines` and `paid_at`.
    """
    query = text(
        "select scope.order_key as subject, p.gateway, p.currency, p.amount, p.paid_at,"
        " coalesce(sum(l.net), 0) as lines"
        " from scope join (select gateway, payout_id, currency, sum(amount) as amount,"
        " max(paid_at) as paid_at from sfcc_cin7.payouts where itemised group by 1, 2, 3) p"
        " on scope.order_key like 'transfer:%'"
        " and p.gateway = split_part(scope.order_key, ':', 2)"
        " and p.currency = split_part(scope.order_key, ':', 3)"
        " and concat_ws(':', 'transfer', p.gateway, p.currency, p.payout_id) = scope.order_key"
        " left join sfcc_cin7.payout_lines l on l.gateway = p.gateway"
        " and l.payout_id = p.payout_id and l.settled_currency = p.currency"
        " group by scope.order_key, p.gateway, p.currency, p.payout_id, p.amount, p.paid_at"
        " having p.amount not in (coalesce(sum(l.net), 0), round(coalesce(sum(l.net), 0), 2))"
    )
    return list(connection.execute(query))


def reports_with_problems(connection: Connection) -> list[Row[Any]]:
    """Reports that could not be used."""
    query = select(payout_reports).where(payout_reports.c.problem.is_not(None))
    return list(connection.execute(query.order_by(payout_reports.c.gateway, payout_reports.c.name)))


def open_reports(connection: Connection, gateway: str | None = None) -> list[Row[Any]]:
    """Reports that were read and are not final: something that they should state is missing."""
    query = select(payout_reports).where(
        payout_reports.c.problem.is_(None), payout_reports.c.standing != "final"
    )
    if gateway is not None:
        query = query.where(payout_reports.c.gateway == gateway)
    return list(connection.execute(query.order_by(payout_reports.c.gateway, payout_reports.c.name)))


def sums_of_report(connection: Connection, gateway: str, name: str) -> dict[str, Decimal]:
    """What the lines of a report come to, by the currency of the payout."""
    total = func.sum(payout_lines.c.net)
    query = (
        select(payout_lines.c.settled_currency, total.label("net"))
        .where(payout_lines.c.gateway == gateway, payout_lines.c.report == name)
        .group_by(payout_lines.c.settled_currency)
    )
    return {row.settled_currency: row.net for row in connection.execute(query)}


def make_final(connection: Connection, gateway: str, name: str, note: str) -> None:
    """A report is final, for the reason in the note."""
    connection.execute(
        update(payout_reports)
        .where(payout_reports.c.gateway == gateway, payout_reports.c.name == name)
        .values(standing="final", note=note)
    )


def gateway_totals(connection: Connection) -> list[Row[Any]]:
    """(`gateway`, `currency`, `settled`, `lines`, `gross`, `fee`, `net`, `lost`, `unmatched`) by
    the currency that shoppers paid in, which `gross` is in, and the one that the gateway pays out,
    which `fee` and `net` are in.

    `unmatched` are lines that no order was found for yet, `lost` those of them that are a break.
    """
    query = text(
        "select gateway, l.currency, settled_currency as settled, count(*) as lines,"
        " sum(gross) as gross, sum(fee) as fee, sum(net) as net,"
        " count(*) filter (where b.id is not null) as lost,"
        " count(*) filter (where l.order_key is null"
        " and kind in ('charge', 'refund', 'chargeback')) as unmatched"
        " from sfcc_cin7.payout_lines l left join sfcc_cin7.breaks b"
        " on l.order_key is null and b.closed_at is null and b.leg = 'gateway'"
        " and b.order_key = concat_ws(':', 'payout', gateway, line_key)"
        " group by gateway, l.currency, settled_currency order by 1, 2, 3"
    )
    return list(connection.execute(query))


def _by_order(rows: Any) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.order_key].append(row)
    return found
