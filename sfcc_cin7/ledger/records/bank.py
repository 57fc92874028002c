"""What banks state, and which of it is which transfer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, any_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import bank_balances, bank_lines, bank_statements, breaks, payouts

BANK = "bank"
"""The leg of breaks that are about the bank."""
PIECE = 5000

STANDS_NO_MORE = """
update sfcc_cin7.bank_lines b set gateway = null, payout_id = null, transfer_key = null
where gateway is not null and not exists (
    select from sfcc_cin7.payouts p where p.gateway = b.gateway and p.payout_id = b.payout_id
    and p.currency = b.currency and p.transfer_key = b.transfer_key and p.amount = b.amount)
"""
WORDS_OF_TRANSFERS = """
update sfcc_cin7.bank_lines set reference = concat_ws(' ', gateway, payout_id), party = ''
where gateway is not null and day < :until
and (reference <> concat_ws(' ', gateway, payout_id) or party <> '')
"""
PROVISIONAL = """
select l.gateway, l.report, l.payout_id, l.settled_currency as currency,
    sum(round(l.net, 4)) as amount, max((l.occurred_at at time zone :zone)::date) as day
from sfcc_cin7.payout_lines l
join sfcc_cin7.payout_reports r on r.gateway = l.gateway and r.name = l.report
where r.problem is null and r.standing = 'provisional' and not exists (
    select from sfcc_cin7.payouts p where p.gateway = l.gateway and p.payout_id = l.payout_id
    and p.currency = l.settled_currency)
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""


def known_statements(connection: Connection) -> dict[str, Row[Any]]:
    """Rows of `bank_statements` by name."""
    return {row.name: row for row in connection.execute(select(bank_statements))}


def forget_statement(connection: Connection, name: str) -> None:
    """A file is no more, and so are its lines; what another file states too is to be read again."""
    for table, column in (
        (bank_lines, bank_lines.c.statement),
        (bank_balances, bank_balances.c.statement),
        (bank_statements, bank_statements.c.name),
    ):
        connection.execute(delete(table).where(column == name))
    connection.execute(update(bank_statements).values(content_hash=""))


def save_statement(
    connection: Connection,
    row: Mapping[str, object],
    balances: Sequence[Mapping[str, object]] = (),
) -> bool:
    """Keep what is known of a file, and the balances that it states (columns of `bank_statements`
    and `bank_balances`) in the place of what it stated; whether it states other ones now. Those of
    one that cannot be read stay until it can, or is gone."""
    name = row["name"]
    statement = upsert(bank_statements)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={each: statement.excluded[each] for each in row if each != "name"},
        ),
        [row],
    )
    if row["problem"] is not None:
        return False
    of_file = bank_balances.c.statement == name
    before = set(connection.execute(select(bank_balances).where(of_file)).all())
    connection.execute(delete(bank_balances).where(of_file))
    if balances:
        connection.execute(upsert(bank_balances).on_conflict_do_nothing(), balances)
    return before != set(connection.execute(select(bank_balances).where(of_file)).all())


def stated_beside(
    connection: Connection, account: str, currency: str, first: str, last: str
) -> list[Row[Any]]:
    """`bank_balances` of an account that are about any of these days."""
    kept = bank_balances.c
    query = select(bank_balances).where(
        kept.account == account,
        kept.currency == currency,
        kept.first_day <= last,
        kept.last_day >= first,
    )
    return list(connection.execute(query))


def lines_of_days(connection: Connection, account: str, days: Collection[str]) -> list[Row[Any]]:
    """(`line_key`, `statement`, `number`) of what is kept of an account's days."""
    kept = bank_lines.c
    query = select(kept.line_key, kept.statement, kept.number).where(
        kept.account == account, kept.day == any_(literal(sorted(days), ARRAY(Text)))
    )
    return list(connection.execute(query))


def save_lines(connection: Connection, lines: Sequence[Mapping[str, object]]) -> None:
    """Keep lines (columns of `bank_lines`); one that another file states too is kept once, and is
    of the file that was read last."""
    for first in range(0, len(lines), PIECE):
        told = upsert(bank_lines)
        anew = ("statement", "number", "reference", "party")
        connection.execute(
            told.on_conflict_do_update(
                index_elements=["account", "line_key"],
                set_={each: told.excluded[each] for each in anew},
            ),
            lines[first : first + PIECE],
        )


def forget_lines(connection: Connection, name: str, kept: Collection[tuple[str, str]]) -> int:
    """What a file states no more; `kept` is (account, key) of what it states. How many lines."""
    return connection.execute(
        text(
            "delete from sfcc_cin7.bank_lines b where b.statement = :name and not exists ("
            "select from unnest(cast(:accounts as text[]), cast(:keys as text[]))"
            " as kept (account, line_key)"
            " where kept.account = b.account and kept.line_key = b.line_key)"
        ),
        {
            "name": name,
            "accounts": [account for account, _ in kept],
            "keys": [key for _, key in kept],
        },
    ).rowcount


def read_again(connection: Connection, names: Collection[str]) -> None:
    """Files that could be read are read once more."""
    kept = bank_statements.c
    connection.execute(
        update(bank_statements)
        .where(kept.name == any_(literal(sorted(names), ARRAY(Text))), kept.problem.is_(None))
        .values(content_hash="")
    )


def open_transfers(connection: Connection, zone: str) -> list[Row[Any]]:
    """`payouts` that no line of the bank is, with their `day` in a zone."""
    query = text(
        "select p.*, (p.paid_at at time zone :zone)::date as day from sfcc_cin7.payouts p"
        " where not exists (select from sfcc_cin7.bank_lines b where b.gateway = p.gateway"
        " and b.payout_id = p.payout_id and b.currency = p.currency"
        " and b.transfer_key = p.transfer_key) order by 1, 2, 3, p.transfer_key"
    )
    return list(connection.execute(query, {"zone": zone}))


def unstated_payouts(connection: Connection, zone: str) -> list[Row[Any]]:
    """(`gateway`, `report`, `payout_id`, `currency`, `amount`, `day`) of what provisional reports
    come to, by payout: what the bank received if they are whole; the day is that of the last
    line."""
    return list(connection.execute(text(PROVISIONAL), {"zone": zone}))


def open_lines(connection: Connection, worded_until: str | None = None) -> list[Row[Any]]:
    """`bank_lines` that are no transfer yet: all, or those before a day whose words are kept."""
    query = select(bank_lines).where(bank_lines.c.gateway.is_(None))
    if worded_until is not None:
        worded = (bank_lines.c.reference != "") | (bank_lines.c.party != "")
        query = query.where(bank_lines.c.day < worded_until, worded)
    return list(connection.execute(query.order_by(bank_lines.c.day, bank_lines.c.line_key)))


def held_statements(connection: Connection) -> list[Row[Any]]:
    """`bank_balances`: the statements that have such."""
    return list(connection.execute(select(bank_balances)))


def forget_stale_matches(connection: Connection) -> int:
    """Lines whose transfer is gone, or is of another amount, are open again; how many."""
    return connection.execute(text(STANDS_NO_MORE)).rowcount


def save_matches(connection: Connection, matches: Sequence[Mapping[str, object]]) -> None:
    """A line (`account`, `line_key`) is the transfer beside it (`gateway`, `payout_id`,
    `transfer_key`)."""
    if matches:
        connection.execute(
            text(
                "update sfcc_cin7.bank_lines set gateway = :gateway, payout_id = :payout_id,"
                " transfer_key = :transfer_key where account = :account and line_key = :line_key"
            ),
            matches,
        )


def forget_words_of_transfers(connection: Connection, until: str) -> None:
    """Transfers that the bank booked before a day keep no words but their gateway and payout, by
    which they are found again if the gateway states them anew."""
    connection.execute(text(WORDS_OF_TRANSFERS), {"until": until})


def forget_words(connection: Connection, lines: Sequence[tuple[str, str]]) -> None:
    """Lines, by account and key, lose their words."""
    if lines:
        connection.execute(
            text(
                "update sfcc_cin7.bank_lines set reference = '', party = ''"
                " where account = :account and line_key = :key"
            ),
            [{"account": account, "key": key} for account, key in lines],
        )


def save_transfer_of_bank(connection: Connection, transfer: Mapping[str, object]) -> None:
    """What the bank received is the payout that a report does not state (columns of `payouts`)."""
    connection.execute(upsert(payouts).values(transfer))


def keep_differences(
    connection: Connection, found: Sequence[Mapping[str, object]], at: datetime
) -> tuple[int, int]:
    """Open a break of the leg `bank` for each difference (columns of `breaks`), and close those
    that are no more; how many were opened and closed."""
    query = select(breaks.c.id, breaks.c.order_key, breaks.c["class"]).where(
        breaks.c.leg == BANK, breaks.c.closed_at.is_(None)
    )
    was = {(row[1], row[2]): row[0] for row in connection.execute(query)}
    now = {(one["order_key"], one["class"]): one for one in found}
    statement = upsert(breaks)
    if now:
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[breaks.c.order_key, breaks.c["class"], breaks.c.leg],
                index_where=breaks.c.closed_at.is_(None),
                set_={
                    name: statement.excluded[name] for name in ("sentence", "amount", "currency")
                },
            ),
            [{**one, "leg": BANK, "opened_at": at} for one in now.values()],
        )
    gone = [number for key, number in was.items() if key not in now]
    connection.execute(
        update(breaks)
        .where(breaks.c.id.in_(gone))
        .values(closed_at=at, closed_because="the bank and the gateway agree")
    )
    return len(now.keys() - was.keys()), len(gone)


def problems(connection: Connection) -> list[Row[Any]]:
    """Statements that cannot be read."""
    query = select(bank_statements).where(bank_statements.c.problem.is_not(None))
    return list(connection.execute(query.order_by(bank_statements.c.name)))


def accounts(connection: Connection) -> list[Row[Any]]:
    """(`account`, `currency`, `lines`, `matched`, `first`, `last`) of what was brought."""
    query = (
        select(
            bank_lines.c.account,
            bank_lines.c.currency,
            func.count().label("lines"),
            func.count(bank_lines.c.gateway).label("matched"),
            func.min(bank_lines.c.day).label("first"),
            func.max(bank_lines.c.day).label("last"),
        )
        .group_by(bank_lines.c.account, bank_lines.c.currency)
        .order_by(bank_lines.c.account, bank_lines.c.currency)
    )
    return list(connection.execute(query))
