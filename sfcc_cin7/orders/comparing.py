"""Translates past orders under two operating models, and writes nothing to either system."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.reason import NeedsPerson
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.translation.difference import Comparison, Outcome
from sfcc_cin7.orders.trying import OURS, PLACED, TELL_EVERY, UNREADABLE, Progress
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.order_pages import Missed
from sfcc_cin7.values.problems import ConfigurationError

NO_SITE = ("site-not-in-the-model",)
"""What becomes of the orders of a site that a model does not have: nobody takes them."""
log = logging.getLogger(__name__)


def compare_models(
    engine: Engine,
    shop: SfccClient,
    before: OperatingModel,
    after: OperatingModel,
    start: datetime,
    end: datetime,
    progress: Progress = lambda *_: None,
) -> dict[str, Comparison]:
    """What would become of the orders created from `start` to before `end` otherwise, by site.

    Each order is read once and judged as posting would, under both.

    Raises:
        ApiError: a site could not be read to the end.
        ConfigurationError: a file of currency rates cannot be read.
    """
    sides = [
        (Acceptance(engine, model.brand), {site.id: site for site in model.sites})
        for model in (before, after)
    ]
    found = {}
    for site in dict.fromkeys([*sides[0][1], *sides[1][1]]):
        comparison = found[site] = Comparison()
        for order in shop.all_orders(site, created_from=start, created_to=end, statuses=PLACED):
            if isinstance(order, Missed):
                comparison.add(f"{site}/{order.number or '?'}", *[(UNREADABLE.code,)] * 2)
                continue
            old, new = (_outcome(accept, order, sites.get(site)) for accept, sites in sides)
            comparison.add(f"{site}/{order['orderNo']}", old, new)
            if comparison.tried % TELL_EVERY == 0:
                progress(site, comparison.tried, str(order.get("creationDate", ""))[:10])
    return found


def _outcome(acceptance: Acceptance, order: Mapping[str, Any], site: SitePolicy | None) -> Outcome:
    if site is None:
        return NO_SITE
    try:
        return acceptance.of(order, site).sale
    except NeedsPerson as stop:
        return tuple(sorted({reason.code for reason in stop.reasons}))
    except (SQLAlchemyError, ConfigurationError):  # nothing that an order could help
        raise
    except Exception as error:  # one order that we cannot handle must not hide the others
        log.error("an order of %s could not be tried: %s", site.id, type(error).__name__)
        return (OURS.code,)
