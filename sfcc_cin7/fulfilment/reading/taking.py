"""Takes readings of sales, from the one reader of the ERP's changes, and files what was undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.sku_map import service_names
from sfcc_cin7.fulfilment.deciding.dispatch import NOTHING, Dispatched, dispatched
from sfcc_cin7.fulfilment.deciding.sharing import share_of
from sfcc_cin7.fulfilment.deciding.telling import Decision, decide
from sfcc_cin7.fulfilment.reading.sale import sale_read
from sfcc_cin7.fulfilment.records.owners import OwnOrder, owners_of
from sfcc_cin7.fulfilment.records.shipments import UNDONE, Seen, keep, kept, subject_of
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.fulfilment import FulfilmentPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.systems.cin7.documents import SaleDocument
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.states import Stage
from sfcc_cin7.values.wording import plain

FULFILMENT = "fulfilment"
"""Under which name this room takes readings."""


@dataclass
class Taken:
    """How many readings were taken, and of how many orders something new is to be told."""

    readings: int = 0
    news: int = 0


def take_shipments(engine: Engine, model: OperatingModel, clock: Clock) -> Taken:
    """Bring what is to be told up to date with what was read since the last time."""
    taken = Taken()
    sites = {site.id: site for site in model.sites}

    def take(connection: Connection, row: Row[Any]) -> None:
        taken.news += _take(connection, row, sites, model, clock.now())

    taken.readings = erp_documents.take_readings(engine, SALE.name, FULFILMENT, take)
    return taken


def _take(
    connection: Connection,
    row: Row[Any],
    sites: dict[str, SitePolicy],
    model: OperatingModel,
    now: datetime,
) -> int:
    sale = SaleDocument.model_validate_json(row.detail)
    if "fulfilments" not in sale.model_fields_set:
        return 0  # read before anybody asked what had shipped
    news = 0
    for order in owners_of(connection, row.document_id, row.reference):
        site = sites.get(order.site)
        if site is not None and not _ships_elsewhere(site, order):
            news += _take_order(connection, row, sale, order, site, model, now)
    return news


def _ships_elsewhere(site: SitePolicy, order: OwnOrder) -> bool:
    """Whether its goods are sent by somebody outside the ERP, whose parcels hold several people's
    orders."""
    rule = site.consolidation
    return order.own is not None and rule is not None and rule.ships_from == "elsewhere"


def _take_order(
    connection: Connection,
    row: Row[Any],
    sale: SaleDocument,
    order: OwnOrder,
    site: SitePolicy,
    model: OperatingModel,
    now: datetime,
) -> int:
    policy = site.fulfilment
    skus = [line.sku for line in sale.order.lines] if sale.order else []
    services = service_names(connection, skus)
    read = sale_read(sale, services)

    def seen_by(*, numbered_only: bool) -> Dispatched:
        whole = dispatched(read, policy.carriers, numbered_only=numbered_only)
        if order.own is None:
            return whole
        own = {sku: units for sku, units in order.own.items() if sku not in services}
        return share_of(whole, own, order.others or {})

    seen = seen_by(numbered_only=False)
    tellable = seen if policy.without_number else seen_by(numbered_only=True)
    before = kept(connection, order.key)
    decision = decide(before.told if before else NOTHING, seen, tellable, partial=policy.partial)
    shipped_at = before.shipped_at if before else None
    if seen.stage is Stage.SHIPPED:
        shipped_at = shipped_at or row.updated or row.read_at
    news = keep(
        connection,
        Seen(
            order_key=order.key,
            sale_id=row.document_id,
            sale_number=row.number,
            picking=sale.combined_picking_status,
            stage=seen.stage,
            unnumbered=seen.unnumbered,
            undone=decision.needs_person,
            seen_at=row.read_at,
            shipped_at=shipped_at,
            changed_at=row.updated or row.read_at,
            tellable=tellable,
            wanted=decision.wanted,
            tells=_tells(policy),
        ),
        before,
        now,
    )
    _file(connection, order, row.number, decision, model, now)
    return int(news and _tells(policy))


def _tells(policy: FulfilmentPolicy) -> bool:
    return policy.told_by != "nothing"


def _file(
    connection: Connection,
    order: OwnOrder,
    number: str,
    decision: Decision,
    model: OperatingModel,
    now: datetime,
) -> None:
    """A shipment that was told and is undone needs a person, as long as it is."""
    subject = subject_of(order.key)
    if not decision.needs_person:
        close_items(connection, subject, now, "the ERP shows it as shipped again", only=[UNDONE])
        return
    units = ", ".join(f"{plain(quantity)} of {sku}" for sku, quantity in decision.undone)
    finding = Finding(
        subject=subject,
        code=UNDONE,
        sentence=(
            f"The shopper was told of a shipment of sale {number} that the ERP does not show any"
            f" more{f': {units}' if units else ''}."
        ),
        owner=owner_of(UNDONE, model.owners),
        site=order.site,
        expected=decision.wanted.stage.word,
        actual="undone",
        amount=order.order_total,
        currency=order.currency,
    )
    open_items(connection, [finding], now)
