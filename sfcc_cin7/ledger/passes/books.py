"""Bring the books up to date: postings of every leg, and the breaks between them.

A pass looks at what changed since the last one, in either system or in a settlement report; the
database compares the legs, and only where they differ are details read and a class decided.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import OperationalError

from sfcc_cin7.db.erp_documents import use_readings
from sfcc_cin7.db.looks import BOOKS, SHOP_COMPARED, all_looked, save_look, shop_changes
from sfcc_cin7.ledger.breaks import settlement
from sfcc_cin7.ledger.breaks.break_classes import (
    MONEY_BREAKS,
    Break,
    Verdict,
    grace,
    owner,
    standing,
)
from sfcc_cin7.ledger.breaks.captured import captured
from sfcc_cin7.ledger.breaks.reconcile import CapturedOrder, ErpSale, erp_verdict, without_order
from sfcc_cin7.ledger.passes.goods import goods_verdicts
from sfcc_cin7.ledger.passes.sales_image import LEDGER
from sfcc_cin7.ledger.records import decisions, ledger, legs, margins, payouts, postings
from sfcc_cin7.ledger.work.acting import keep_decided
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import OrderState

NOT_SOLD = ("cancelled", "failed")
PIECE = 1000
"""Documents, or differing orders, that are held in memory at once."""
AGREED = "the legs agree"
OVERTAKEN = "40001"
"""PostgreSQL's serialization_failure: a row was changed after our snapshot."""
ATTEMPTS = 5


@dataclass(frozen=True)
class Books:
    """What a pass did, and how many breaks of each class are open afterwards."""

    looked_at: int
    differing: int
    entries_written: int
    breaks_opened: int
    breaks_closed: int
    open_breaks: Counter[str]


def bring_up_to_date(
    engine: Engine,
    model: OperatingModel,
    clock: Clock,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    complete: bool,
    everything: bool = False,
) -> Books:
    """Post what changed and open or close breaks, whatever the day of the orders.

    With a window, orders created in [start, end) are compared too, and looked at where the digest
    of their day is not what it was; with `everything`, all days are. Repeating it changes nothing.
    `complete` says whether every sale of the ERP has been read: otherwise no sale is newly called
    missing.
    """
    # All statements of a pass see one instant. With read committed the details of a differing order
    # could be read half before and half after somebody changed both legs: a break that is none.
    one_instant = engine.execution_options(isolation_level="REPEATABLE READ")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _pass(one_instant, model, clock, start, end, complete, everything)
        except OperationalError as error:
            # A report was read while its lines were matched; nothing is kept, so look anew.
            if attempt == ATTEMPTS or getattr(error.orig, "pgcode", None) != OVERTAKEN:
                raise
    raise AssertionError("unreachable")


def _pass(
    engine: Engine,
    model: OperatingModel,
    clock: Clock,
    start: datetime | None,
    end: datetime | None,
    complete: bool,
    everything: bool,
) -> Books:
    with engine.begin() as connection:
        ledger.lock_books(connection)
        at = clock.now()
        legs.open_scope(connection)
        legs.note_another_zone(connection, model.time_zone)
        legs.take_changes(connection, at)
        _capture(connection, model)
        if payouts.match(connection):
            legs.take_changes(connection, at)  # the orders of the lines that were matched just now
        with_days = everything or start is not None
        if with_days:
            legs.add_days(connection, start, end)
            _capture(connection, model)
        legs.compare(connection)
        if with_days:
            legs.leave_equal_days(connection)
        entries = postings.post(connection, at, model.time_zone)
        was_open = ledger.open_in_scope(connection)
        keys = legs.differing(connection)
        decided = decisions.decided_in_scope(connection)
        found: list[Break] = []
        too_early: list[Break] = []
        again: list[tuple[str, datetime]] = []
        for first in range(0, len(keys), PIECE):
            for key, verdict in _verdicts(connection, model, keys[first : first + PIECE], at):
                one, look_again = verdict.found, verdict.look_again
                early = verdict.early
                if one and one.kind == "missing-erp" and not complete:
                    one, look_again, early = None, at, one  # an absence proves nothing yet
                if early and _key(early) in was_open:
                    one = early
                too_early += [early] if early else []
                found += [one] if one else []
                again += [(key, look_again)] if look_again else []
        found = keep_decided(connection, found, too_early, decided, at, model)
        now_open = {_key(one) for one in found}
        ledger.open_breaks(connection, [_row(one, model) for one in found], at)
        ledger.close_breaks(connection, was_open - now_open, at, AGREED)
        legs.keep_legs(connection)
        legs.look_again(connection, again)
        margins.note_changes(connection)
        _keep_what_was_compared(connection, model, at)
        return Books(
            looked_at=legs.size(connection),
            differing=len(keys),
            entries_written=entries,
            breaks_opened=len(now_open - was_open),
            breaks_closed=len(was_open - now_open),
            open_breaks=Counter(ledger.open_break_counts(connection)),
        )


def _keep_what_was_compared(connection: Connection, model: OperatingModel, at: datetime) -> None:
    """How far the systems had been looked at that this pass compared: what has been read since is
    compared by the next."""
    save_look(connection, BOOKS, at)
    use_readings(connection, SALE.name, LEDGER)
    shop = all_looked(connection, [shop_changes(site.id) for site in model.sites])
    if shop is not None:
        save_look(connection, SHOP_COMPARED, shop)


def _capture(connection: Connection, model: OperatingModel) -> None:
    """The storefront's leg of orders whose document is new, a piece at a time."""
    shops = {site.id: site for site in model.sites}
    keys = [row.order_key for row in legs.uncaptured(connection)]
    for first in range(0, len(keys), PIECE):
        orders, payments = [], []
        for row in ledger.documents(connection, keys[first : first + PIECE]):
            figures = (row.document, row.site, row.currency, row.order_total)
            leg = captured(*figures, model.ledger, shops.get(row.site), row.booked_duty)
            orders.append(
                {
                    "order_key": row.order_key,
                    "site": row.site,
                    "day": f"{row.created_at:%Y-%m-%d}",
                    "document_hash": row.document_hash,
                    "currency": row.currency,
                    "total": row.order_total,
                    "tax": leg.tax,
                    "duty": leg.duty,
                    "certificates_sold": leg.certificates_sold,
                    "certificates_spent": leg.certificates_spent,
                    "place": leg.place,
                    "taxes": [
                        {"rate": rate, "base": str(base), "tax": str(tax)}
                        for rate, (base, tax) in leg.taxes.items()
                    ],
                }
            )
            payments += [
                {
                    "order_key": row.order_key,
                    "payment_id": payment.id,
                    "gateway": payment.gateway,
                    "method": payment.method,
                    "reference": payment.reference,
                    "currency": row.currency,
                    "amount": payment.amount,
                    "most_fee": payment.most_fee,
                    "captured_at": row.created_at,
                }
                for payment in leg.payments
            ]
        ledger.save_captured(connection, orders, payments)


def _verdicts(
    connection: Connection, model: OperatingModel, keys: Sequence[str], at: datetime
) -> Iterator[tuple[str, Verdict]]:
    """What is wrong with each of these keys, and when to look again."""
    rows = ledger.orders_by_key(connection, keys)
    ours = [row.order_key for row in rows]
    sales = {
        key: [sale_of(row) for row in found]
        for key, found in ledger.sales_by_order(connection, ours).items()
    }
    paid = payouts.payments_by_order(connection, ours)
    lines = payouts.lines_by_order(connection, ours)
    for row in rows:
        order = captured_order(row, model)
        of_order = sales.get(order.key, [])
        yield order.key, _with_grace(erp_verdict(order, of_order, at), of_order, model, at)
        credits = [sale for sale in of_order if sale.booked and sale.credited]
        yield (
            order.key,
            settlement.gateway_verdict(
                order,
                [_payment(one) for one in paid.get(order.key, [])],
                [_line(one) for one in lines.get(order.key, [])],
                sum((sale.credited for sale in credits), ZERO),
                model.ledger.gateways,
                at,
                owed_since=max((sale.updated for sale in credits), default=None),
            ),
        )
    yield from _of_consolidated(connection, keys, at)
    yield from goods_verdicts(connection, model, keys, at)
    yield from _without_order(connection, model, keys, at)


def _with_grace(
    verdict: Verdict, sales: Sequence[ErpSale], model: OperatingModel, at: datetime
) -> Verdict:
    """A difference of a sale that was touched a moment ago may be somebody at work."""
    one = verdict.found
    if one is None or one.kind in ("missing-erp", "missing-shop") or not sales:
        return verdict
    due = max(sale.updated for sale in sales) + grace(model, one.kind)
    return standing(one, due, at)


def captured_order(row: Row[Any], model: OperatingModel) -> CapturedOrder:
    """The storefront's leg, from a row of `orders_by_key`."""
    site = next((site for site in model.sites if site.id == row.site), None)
    wait = site.hold_minutes if site else 0.0
    if site and site.consolidation:
        wait += site.consolidation.window_minutes
    may_be_posted = max(row.received_at, row.created_at + timedelta(minutes=wait))
    proved = None if row.sale_total is None else (row.sale_total, row.sale_tax)
    cancelled = row.shop_status in NOT_SOLD or row.state == OrderState.CANCELLED
    return CapturedOrder(
        key=row.order_key,
        day=f"{row.created_at:%Y-%m-%d}",
        site=row.site,
        currency=row.currency,
        total=row.order_total,
        tax=row.tax,
        state=row.state,
        cancelled=cancelled,
        cancelled_at=row.modified_at if cancelled else None,
        due_at=may_be_posted + grace(model, "missing-erp"),
        sale_id=row.sale_id,
        proved=proved,
    )


def sale_of(row: Row[Any]) -> ErpSale:
    """The ERP's leg, from a row of `sales_by_order`."""
    return ErpSale(
        id=row.sale_id,
        number=row.order_number,
        status=row.status,
        order_status=row.order_status,
        currency=row.currency,
        total=row.total,
        tax=row.tax,
        updated=row.updated,
        credited=row.credited,
    )


def _payment(row: Row[Any]) -> settlement.CapturedPayment:
    return settlement.CapturedPayment(
        id=row.payment_id,
        gateway=row.gateway,
        reference=row.reference,
        currency=row.currency,
        amount=row.amount,
        most_fee=row.most_fee,
        captured_at=row.captured_at,
    )


def _line(row: Row[Any]) -> settlement.SettledLine:
    return settlement.SettledLine(
        payment_id=row.payment_id,
        gateway=row.gateway,
        kind=row.kind,
        currency=row.currency,
        gross=row.gross,
        settled_currency=row.settled_currency,
        fee=row.fee,
        net=row.net,
        occurred_at=row.occurred_at,
        key=row.line_key,
    )


def _of_consolidated(
    connection: Connection, keys: Sequence[str], at: datetime
) -> Iterator[tuple[str, Verdict]]:
    """Where a consolidated sale is not the sum of its orders any more: somebody edited it.

    That it is missing, voided or doubled shows on each of its orders.
    """
    batches = ledger.batches_to_reconcile(connection, keys)
    sales = ledger.sales_by_order(connection, [row.batch_key for row in batches])
    for row in batches:
        whole = CapturedOrder(
            key=row.batch_key,
            day=f"{row.created_at:%Y-%m-%d}",
            site=row.site,
            currency=row.currency,
            total=row.total,
            tax=row.tax,
            state=OrderState.ACKNOWLEDGED,
            cancelled=False,
            due_at=at,
            sale_id=row.sale_id,
            proved=(row.total, row.tax),
        )
        verdict = erp_verdict(whole, [sale_of(sale) for sale in sales.get(whole.key, [])], at)
        if verdict.found and verdict.found.kind in MONEY_BREAKS:
            yield whole.key, verdict


def _without_order(
    connection: Connection, model: OperatingModel, keys: Sequence[str], at: datetime
) -> Iterator[tuple[str, Verdict]]:
    """Sales and settlement lines that name no order that we have, and payouts that are short."""
    orphans = ledger.sales_without_order(connection, keys)
    wait = grace(model, "missing-shop")
    for external_id, group in groupby(orphans, key=lambda row: str(row.external_id)):
        live = [sale for sale in map(sale_of, group) if sale.live]
        if live:
            due = max(sale.updated for sale in live) + wait
            yield external_id, standing(without_order(external_id, live), due, at)
    names = {key for key in keys if key.startswith((f"{payouts.LINE}:", f"{payouts.TRANSFER}:"))}
    if not names:
        return
    for row in payouts.lines_without_order(connection):
        if row.subject in names:
            reference = row.payment_reference or row.merchant_reference
            day = f"{row.occurred_at:%Y-%m-%d}"
            due = row.occurred_at + wait
            found = settlement.without_order(row.subject, row.gateway, reference, _line(row), day)
            yield row.subject, standing(found, due, at)
    for row in payouts.crooked_transfers(connection):
        if row.subject in names:
            day = f"{row.paid_at:%Y-%m-%d}"
            yield (
                row.subject,
                Verdict(
                    settlement.short_transfer(
                        row.subject, row.gateway, row.currency, row.amount, row.lines, day
                    )
                ),
            )


def _key(one: Break) -> ledger.BreakKey:
    return (one.order_key, one.kind, one.leg)


def _row(one: Break, model: OperatingModel) -> Mapping[str, object]:
    values = {key: value for key, value in vars(one).items() if key != "kind"}
    return {**values, "class": one.kind, "owner": owner(model, one.kind)}
