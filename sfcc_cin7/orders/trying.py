"""Tries a site's past orders: reads and translates them, and writes nothing to either system.

What only the ERP could say (that it refuses a product, say) is not found out so; everything that
is decided before something is sent is decided here as posting decides it, corrections of people
included.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.translation.trial import Trial
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import OrderStatus
from sfcc_cin7.systems.sfcc.order_pages import Missed
from sfcc_cin7.values.examples import Examples
from sfcc_cin7.values.problems import ConfigurationError

PLACED: tuple[OrderStatus, ...] = ("new", "completed")
"""Statuses of orders that were placed and not cancelled."""
TELL_EVERY = 200
"""Orders between two words about how far it is: those of one page."""
Progress = Callable[[str, int, str], None]
"""Is told the site, how many of its orders were tried, and when the last one was created."""
log = logging.getLogger(__name__)


def chosen(model: OperatingModel, site: str) -> Sequence[SitePolicy]:
    """The site, or all of them. Raises ConfigurationError for one that the model does not know."""
    return [model.site(site)] if site else model.sites


def try_orders(
    engine: Engine,
    shop: SfccClient,
    model: OperatingModel,
    sites: Iterable[SitePolicy],
    start: datetime,
    end: datetime,
    progress: Progress = lambda *_: None,
    seen: Callable[[str, Mapping[str, Any]], None] = lambda *_: None,
) -> dict[str, Trial]:
    """What would become of the orders that were created from `start` to before `end`, by site.

    Orders are taken page by page and forgotten, so there may be any number of them. `seen` is given
    the site and the document of each that could be read.

    Raises:
        ApiError: a site could not be read to the end.
        ConfigurationError: a file of currency rates cannot be read.
    """
    acceptance = Acceptance(engine, model.brand)
    return {
        site.id: _try_site(acceptance, shop, site, start, end, progress, seen) for site in sites
    }


def _try_site(
    acceptance: Acceptance,
    shop: SfccClient,
    site: SitePolicy,
    start: datetime,
    end: datetime,
    progress: Progress,
    seen: Callable[[str, Mapping[str, Any]], None],
) -> Trial:
    trial = Trial()
    ours = Examples()
    found = shop.all_orders(site.id, created_from=start, created_to=end, statuses=PLACED)
    for order in found:
        if isinstance(order, Missed):
            trial.would_wait(f"{site.id}/{order.number or '?'}", [UNREADABLE])
            continue
        number = f"{site.id}/{order['orderNo']}"
        seen(site.id, order)
        try:
            acceptance.of(order, site)
            trial.would_post()
        except NeedsPerson as stop:
            trial.would_wait(number, stop.reasons)
        except (SQLAlchemyError, ConfigurationError):  # nothing that an order could help
            raise
        except Exception as error:  # one order that we cannot handle must not hide the others
            ours.add(f"{number}: {type(error).__name__}")
            trial.would_wait(number, [OURS])
        if trial.tried % TELL_EVERY == 0:
            progress(site.id, trial.tried, _created(order))
    progress(site.id, trial.tried, "")
    if ours:
        log.error("orders of %s could not be tried, %s", site.id, ours)
    return trial


def _created(order: dict[str, Any]) -> str:
    return str(order.get("creationDate", ""))[:10]


UNREADABLE = Reason("order-unreadable", "The Orders API gives no readable document of it.")
OURS = Reason("internal-error", "Our mistake: the log says more.")
