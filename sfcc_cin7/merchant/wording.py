"""How this merchant's people say things."""

from zoneinfo import ZoneInfo

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.wording import Wording


def wording(model: OperatingModel) -> Wording:
    """Instants in the merchant's zone, orders with the names of their sites."""
    names = {site.id: site.name for site in model.sites if site.name}
    return Wording(ZoneInfo(model.time_zone), names)
