"""How far a check sees, by the limits of the operating model; every check says so."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from sfcc_cin7.db.cursors import cursor
from sfcc_cin7.db.looks import CATALOGUES, CATALOGUES_LASTED, looked
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.horizon import Horizon, Limits, Sight, horizon, usual_age

CATALOGUES_EVERY = timedelta(minutes=10)
"""How often both catalogues and the tax rules are read."""


def seen(model: OperatingModel, now: datetime, *sights: Sight) -> Horizon:
    """What these sources allow to say now."""
    policy = model.operations
    limits = Limits(timedelta(minutes=policy.late_minutes), timedelta(minutes=policy.blind_minutes))
    return horizon(sights, now, limits)


def own(records: str, now: datetime) -> Sight:
    """What we write ourselves, and read just now: nothing of it can be unread."""
    return Sight(records, records, now)


def of_catalogues(connection: Connection, one: str, many: str) -> Sight:
    """What both catalogues hold, and the ERP's tax rules, which are read with them."""
    lasts = timedelta(seconds=float(cursor(connection, CATALOGUES_LASTED) or 0))
    return Sight(one, many, looked(connection, CATALOGUES), usual_age(CATALOGUES_EVERY, lasts))
