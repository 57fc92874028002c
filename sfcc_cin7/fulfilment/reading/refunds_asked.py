"""Tells finance which credit notes to book for refunds that customer service asks for.

Nothing is written to the ERP. What is asked for comes with the order's document (`orders.intake`),
what is booked with the reading of its sale; whatever is not in the ERP yet stays open in the inbox.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, select, update

from sfcc_cin7.db.schema import erp_documents, has_refunds_open, orders
from sfcc_cin7.fulfilment.deciding.refunds_asked import (
    Billed,
    Credit,
    Plan,
    Unreadable,
    plan,
    refunds_asked,
)
from sfcc_cin7.fulfilment.reading.bills import billed
from sfcc_cin7.fulfilment.records.shipments import subject_of
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.systems.cin7.documents import SaleDocument
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.wording import plain

SOMETHING_OPEN = ""
"""In the place of what is settled."""
ASKED, UNCLEAR = "refund-asked", "refund-unclear"


def look_for_refunds(engine: Engine, model: OperatingModel, clock: Clock) -> int:
    """Bring the inbox up to date with what is asked for and what is booked; how many orders wait.

    An order of which every refund was found in the ERP is looked at again when something else is
    asked for.
    """
    sites = {site.id: site for site in model.sites}
    with engine.connect() as connection:
        query = select(orders.c.order_key).where(has_refunds_open, orders.c.site.in_(sites))
        keys = list(connection.scalars(query.order_by(orders.c.order_key)))
    waiting = 0
    for key in keys:
        with engine.begin() as connection:
            row = connection.execute(_asked_of(key)).one_or_none()
            if row is not None:
                waiting += _look(connection, row, sites[row.site], model, clock)
    return waiting


def _asked_of(key: str) -> Any:
    """The order, locked, with the last reading of the sale that it was posted as."""
    names = (
        "order_key",
        "site",
        "currency",
        "refunds_asked",
        "batch_key",
        "sale_number",
        "order_total",
    )
    its = and_(erp_documents.c.kind == SALE.name, erp_documents.c.document_id == orders.c.sale_id)
    return (
        select(*(orders.c[name] for name in names), erp_documents.c.detail)
        .select_from(orders.outerjoin(erp_documents, its))
        .where(orders.c.order_key == key, has_refunds_open)
        .with_for_update(of=orders)
    )


def _look(
    connection: Connection, row: Row[Any], site: SitePolicy, model: OperatingModel, clock: Clock
) -> bool:
    now, subject = clock.now(), subject_of(row.order_key)
    try:
        found = _planned(row, site)
    except Unreadable as error:
        found = Plan(unclear=(("", f"what is asked for cannot be read: {error}"),))
    findings = [
        Finding(
            subject=subject,
            code=code,
            sentence=sentence,
            owner=owner_of(code, model.owners),
            site=row.site,
            amount=amount,
            currency=row.currency,
        )
        for code, sentence, amount in (
            (ASKED, _to_book(found, row), sum((each.amount for each in found.credits), ZERO)),
            (UNCLEAR, _to_decide(found), row.order_total),
        )
        if sentence
    ]
    open_items(connection, findings, now)
    kept = [finding.code for finding in findings]
    gone = [code for code in (ASKED, UNCLEAR) if code not in kept]
    close_items(connection, subject, now, "the ERP has what is asked for", only=gone)
    # what is open has to be looked at even when nothing is asked for any more
    settled = row.refunds_asked if found.is_settled else SOMETHING_OPEN
    connection.execute(
        update(orders).where(orders.c.order_key == row.order_key).values(refunds_settled=settled)
    )
    return not found.is_settled


def _planned(row: Row[Any], site: SitePolicy) -> Plan:
    asked = refunds_asked(row.refunds_asked) if row.refunds_asked else ()
    if row.batch_key is not None:
        why = "its sale holds several orders: nobody can say what of its money is this order's"
        return Plan(unclear=tuple((each.id, why) for each in asked))
    if row.detail is None:
        return plan(asked, Billed(row.currency))
    return plan(asked, billed(SaleDocument.model_validate_json(row.detail), site, row.currency))


def _to_book(found: Plan, row: Row[Any]) -> str:
    sentences = [_credit(each, row) for each in found.credits]
    if found.wait:
        sentences.append(
            f"Refund {', '.join(found.wait)} waits: sale {row.sale_number or 'of the order'} has no"
            " invoice yet."
        )
    return " ".join(sentences)


def _credit(credit: Credit, row: Row[Any]) -> str:
    parts = [
        f"{plain(units)} of {sku} ({figure(money, row.currency)})"
        for sku, units, money in credit.lines
    ]
    if credit.freight:
        parts.append(f"freight ({figure(credit.freight, row.currency)})")
    back = credit.asked.restock
    return (
        f"Refund {credit.asked.id}: credit {figure(credit.amount, row.currency)} on invoice"
        f" {credit.invoice}: {', '.join(parts)}; {f'restock at {back}' if back else 'no restock'};"
        f" memo {credit.asked.id}."
    )


def _to_decide(found: Plan) -> str:
    return " ".join(f"Refund{f' {id}' if id else ''}: {why}." for id, why in found.unclear)
