"""The run that is always there and posts orders as they come."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import dagster as dg

from sfcc_cin7.db.levels import awaits_first_stock
from sfcc_cin7.db.residents import Residency
from sfcc_cin7.db.sku_map import known_tax_rules
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.orders.assets import cin7_sales
from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.orders.posted import posted_since
from sfcc_cin7.orders.posting.draining import DrainResult
from sfcc_cin7.orders.posting.lane import post_orders as post
from sfcc_cin7.orders.posting.lane import take_over
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import FOR_SHOPPERS
from sfcc_cin7.runtime.resident import ORDERS, keep_resident, reside
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell
from sfcc_cin7.values.problems import ConfigurationError

TOLD_EVERY = timedelta(minutes=1)


class Minutes:
    """Tells every minute what was posted, and whether the merchant has changed the operating model
    meanwhile."""

    def __init__(self, context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
        self._context = context
        self._merchant = merchant
        self._store = store
        self._model = merchant.model()
        self.done = DrainResult()
        self._begin(store.clock.now())

    def model(self) -> OperatingModel:
        """As the merchant last decided."""
        return self._model

    def changed(self) -> bool:
        """Whether there is another operating model since it was last read, once a minute."""
        if self._store.clock.now() < self._since + TOLD_EVERY:
            return False
        before = self._model
        try:
            self._model = self._merchant.model()
            self.tell()
        except ConfigurationError as error:  # posting goes on as the merchant last decided
            self.tell({"operating model": f"It cannot be read, the one before is used: {error}"})
        return self._model != before

    def tell(self, more: Mapping[str, str] | None = None) -> None:
        """What was posted since it was last told, up to now: what is posted while it is told is in
        the next minute."""
        now = self._store.clock.now()
        with self._store.engine.connect() as connection:
            words = wording(self._model)
            metadata = posted_since(connection, now, self._since, self.done, words, until=now)
        self._begin(now)
        # With its check: a materialization alone would hide the verdict that was there.
        said = evaluated(stalled_posting, merchant=self, store=self._store)
        tell(self._context, cin7_sales, {**metadata, **(more or {})}, [said])

    def _begin(self, at: datetime) -> None:
        self._since = at
        self.done.outcomes.clear()
        self.done.batches.clear()


@dg.op(description="Stands by until it is its turn, then posts orders as they come.")
def post_orders_as_they_come(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    def work(here: Residency) -> None:
        take_over(store.engine, store.clock, here.abandoned())
        minutes = Minutes(context, merchant, store)
        over = False

        def until(_idle: timedelta | None) -> bool:
            nonlocal over
            over = here.is_over()
            return over or minutes.changed()

        while not over:
            post(
                store.engine,
                storefront.client,
                erp.client("orders"),
                minutes.model(),
                store.clock,
                context.run_id,
                until=until,
                result=minutes.done,
            )
        minutes.tell()

    reside(store.engine, store.clock, ORDERS, context.run_id, work)


@brands.job(
    executor_def=dg.in_process_executor,
    tags=ORDERS.tags(priority=FOR_SHOPPERS),
    description=(
        "Posts storefront orders to the ERP as they come, for a quarter of an hour; then the next"
        " run, which stands by already, goes on. It is started by `new_orders`; more than one do no"
        " harm."
    ),
)
def post_orders() -> None:
    post_orders_as_they_come()


def first(model: OperatingModel, store: Store) -> str | None:
    """What has to come before orders are posted; None when nothing is missing."""
    with store.engine.connect() as connection:
        if known_tax_rules(connection) is None:
            return "The catalogues have not been read yet: `sku_map` comes first."
        if model.inventory_lists and awaits_first_stock(connection, store.clock.now()):
            return "The stock has not been read yet: `cin7_stock` comes before orders."
    return None


new_orders = keep_resident(
    "new_orders",
    post_orders,
    ORDERS,
    "Sees to it that a run is there which posts orders as they come, and that another stands by.",
    first,
)
