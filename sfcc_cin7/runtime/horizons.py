"""How far a check sees, by the limits of the operating model; every check says so."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.cursors import cursor
from sfcc_cin7.db.looks import CATALOGUES, CATALOGUES_LASTED, PRODUCTS, looked
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.systems.cin7.changes import LAG, LOOK_EVERY
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.horizon import Horizon, Limits, Sight, horizon, usual_age

CATALOGUES_EVERY = (timedelta(minutes=4), timedelta(minutes=10))
"""How often both catalogues and the tax rules are read, at most and at least."""
CATALOGUES_SHARE = 10
"""In between, a reading may take a tenth of the time."""


def seen(model: OperatingModel, now: datetime, *sights: Sight) -> Horizon:
    """What these sources allow to say now; until when, in the merchant's own time."""
    policy = model.operations
    limits = Limits(timedelta(minutes=policy.late_minutes), timedelta(minutes=policy.blind_minutes))
    found = horizon(sights, now, limits)
    return replace(found, upto=found.upto and found.upto.astimezone(wording(model).zone))


def own(records: str, now: datetime) -> Sight:
    """What we write ourselves, and read just now: nothing of it can be unread."""
    return Sight(records, records, now)


def of_catalogues(connection: Connection, one: str, many: str) -> Sight:
    """What both catalogues hold, and the ERP's tax rules, which are read with them."""
    lasts = catalogues_lasted(connection)
    usual = usual_age(catalogues_pause(lasts), lasts)
    return Sight(one, many, looked(connection, CATALOGUES), usual)


def of_products(connection: Connection, one: str, many: str) -> Sight:
    """What both systems show of their products, field by field; read after the catalogues."""
    return replace(of_catalogues(connection, one, many), upto=looked(connection, PRODUCTS))


def catalogues_lasted(connection: Connection) -> timedelta:
    """How long the last reading of both catalogues took."""
    return timedelta(seconds=float(cursor(connection, CATALOGUES_LASTED) or 0))


def catalogues_pause(lasted: timedelta) -> timedelta:
    """After how long both catalogues are read again, from the beginning of a reading that lasted so
    long: a small assortment more often, a large one within a budget that others share."""
    often, seldom = CATALOGUES_EVERY
    return min(seldom, max(often, CATALOGUES_SHARE * lasted))


def of_erp_sales(connection: Connection) -> Sight:
    """The ERP's sales, as the reader of its changes has seen them."""
    backlog = erp_documents.backlog(connection, SALE.name)
    listed = erp_documents.listed_until(connection, SALE.name)
    return Sight(
        "sale in the ERP",
        "sales in the ERP",
        listed - LAG if listed else None,  # the list may not show what was edited later
        LAG + LOOK_EVERY,
        backlog.unread,
        backlog.since,
    )
