"""How far a check sees, by the limits of the operating model; every check says so."""

from datetime import datetime, timedelta

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.horizon import Horizon, Limits, Sight, horizon


def seen(model: OperatingModel, now: datetime, *sights: Sight) -> Horizon:
    """What these sources allow to say now."""
    policy = model.operations
    limits = Limits(timedelta(minutes=policy.late_minutes), timedelta(minutes=policy.blind_minutes))
    return horizon(sights, now, limits)


def own(records: str, now: datetime) -> Sight:
    """What we write ourselves, and read just now: nothing of it can be unread."""
    return Sight(records, records, now)
