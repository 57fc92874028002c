"""The gateways' leg: settlement reports as they were read, and whose payments their lines are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import captured_payments, payout_lines, payout_reports, payouts

LINE, TRANSFER = "payout", "transfer"
"""What begins the key of a break about a line without an order, or about a payout."""

NOT_STATED = {"id", "gateway", "line_key", "report", "read_at", "order_key", "payment_id"}

MATCH_PAYMENTS = """
update sfcc_cin7.payout_lines l set order_key = p.order_key, payment_id = p.payment_id
from sfcc_cin7.captured_payments p
where l.order_key is null and l.payment_reference <> ''
and p.reference = l.payment_reference and p.gateway = l.gateway
and not exists (select from sfcc_cin7.captured_payments other
    where other.reference = p.reference and other.gateway = p.gateway
    and (other.order_key, other.payment_id) <> (p.order_key, p.payment_id))
"""
MATCH_ORDERS = """
with candidate as (
    select l.id, min(o.order_key) as order_key
    from sfcc_cin7.payout_lines l
    join sfcc_cin7.orders o on o.order_no = l.merchant_reference
    join sfcc_cin7.captured_payments p on p.order_key = o.order_key and p.gateway = l.gateway
        and p.currency = l.currency
        and (p.reference = '' or p.amount is null or p.amount = abs(l.gross))
    where l.order_key is null and l.merchant_reference <> ''
    group by l.id having count(distinct o.order_key) = 1
)
update sfcc_cin7.payout_lines l set order_key = c.order_key, payment_id = (
    select min(p.payment_id) from sfcc_cin7.captured_payments p
    where p.order_key = c.order_key and p.gateway = l.gateway having count(*) = 1)
from candidate c where l.id = c.id
"""
"""By the order's number, where the gateway's own reference is unknown (a second charge has one of
its own). Sites may use the same numbers, so the currency must be the payment's, and the amount too
where the payment has another reference; if several orders fit, nothing is guessed."""


def known_reports(connection: Connection, gateway: str) -> dict[str, str]:
    """Name to content hash of the reports of a gateway that were read."""
    query = select(payout_reports.c.name, payout_reports.c.content_hash).where(
        payout_reports.c.gateway == gateway
    )
    return {row.name: row.content_hash for row in connection.execute(query)}


def save_report(connection: Connection, report: Mapping[str, object]) -> None:
    """Remember that a report was read (columns of `payout_reports`), or why it cannot be."""
    statement = upsert(payout_reports)
    changed = {name: statement.excluded[name] for name in report if name not in ("gateway", "name")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["gateway", "name"], set_=changed), [report]
    )


def save_lines(connection: Connection, lines: Sequence[Mapping[str, object]]) -> None:
    """Keep lines (columns of `payout_lines`); one that is known already is not taken twice.

    A gateway may state a line anew: then it is the new one, to be matched again.
    """
    if not lines:
        return
    statement = upsert(payout_lines)
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
    statement = upsert(payouts)
    changed = {name: statement.excluded[name] for name in ("amount", "paid_at")}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["gateway", "payout_id", "currency"], set_=changed
        ),
        transfers,
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
    by_payment = connection.execute(text(MATCH_PAYMENTS)).rowcount
    return by_payment + connection.execute(text(MATCH_ORDERS)).rowcount


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
    """Payouts in scope whose lines do not come to their amount.

    Rows hold `subject`, `gateway`, `currency`, `amount`, `lines` and `paid_at`.
    """
    query = text(
        "select scope.order_key as subject, p.gateway, p.currency, p.amount, p.paid_at,"
        " coalesce(sum(l.net), 0) as lines"
        " from scope join sfcc_cin7.payouts p on scope.order_key like 'transfer:%'"
        " and p.gateway = split_part(scope.order_key, ':', 2)"
        " and p.currency = split_part(scope.order_key, ':', 3)"
        " and concat_ws(':', 'transfer', p.gateway, p.currency, p.payout_id) = scope.order_key"
        " left join sfcc_cin7.payout_lines l on l.gateway = p.gateway"
        " and l.payout_id = p.payout_id and l.settled_currency = p.currency"
        " group by scope.order_key, p.gateway, p.currency, p.payout_id, p.amount, p.paid_at"
        " having p.amount <> coalesce(sum(l.net), 0)"
    )
    return list(connection.execute(query))


def reports_with_problems(connection: Connection) -> list[Row[Any]]:
    """Reports that could not be used."""
    query = select(payout_reports).where(payout_reports.c.problem.is_not(None))
    return list(connection.execute(query.order_by(payout_reports.c.gateway, payout_reports.c.name)))


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
