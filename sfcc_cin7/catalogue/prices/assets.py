"""The price books: each as its tier of the ERP, told and read back."""

from datetime import timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.catalogue.assets import OWNER, sku_map
from sfcc_cin7.catalogue.prices.passing import PricePass, price_pass
from sfcc_cin7.catalogue.prices.showing import COLUMNS, BookState, book_states
from sfcc_cin7.db import schema
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import CIN7_CORE, COMMERCE_CLOUD
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import kept_in, table

EVERY = timedelta(minutes=5)


@brands.asset(
    group_name="catalogue",
    owners=[OWNER],
    kinds={"cin7", "salesforce", "xml"},
    deps=[CIN7_CORE, COMMERCE_CLOUD, sku_map],
    freshness_policy=fresh_within(timedelta(minutes=30)),
    metadata=kept_in(schema.book_prices),
    description=(
        "The price of every SKU in every price book, as the ERP's price tier has it. Changed prices"
        " travel by an import, to staging too; a sample is read back as shoppers see it. What"
        " breaks the margin floor or moves far waits for a person."
    ),
)
def price_books(
    merchant: Merchant, store: Store, storefront: Storefront, erp: Erp
) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=keep_prices(merchant.model(), store, storefront, erp))


def keep_prices(
    model: OperatingModel, store: Store, storefront: Storefront, erp: Erp
) -> dict[str, Any]:
    """One pass over prices; what is shown of it.

    Raises:
        ApiError: a system does not answer.
    """
    if not model.prices.books:
        return {"price books": "none: `prices.books` of the operating model is empty"}
    staging = storefront.staging
    done = price_pass(
        store.engine, erp.client("catalogue"), storefront.client, staging, model, store.clock
    )
    with store.engine.connect() as connection:
        states = book_states(connection, model.prices.books, staging=staging is not None)
    return shown(model, states) | _of_pass(done)


def shown(model: OperatingModel, states: list[BookState]) -> dict[str, Any]:
    """The books as a table."""
    words = wording(model)
    rows = [
        (
            state.book.id,
            state.book.tier,
            state.prices,
            state.held,
            state.untold + state.unstaged,
            state.refused,
            state.proved,
            state.unreadable,
            state.differing,
            words.instant(state.told_at) if state.told_at else "never",
        )
        for state in states
    ]
    return {"price books": table(COLUMNS, rows)}


def _of_pass(done: PricePass) -> dict[str, Any]:
    told = {f"told {fed.target}": fed.taken for fed in done.fed}
    sizes = {f"bytes to {fed.target}": fed.bytes for fed in done.fed}
    troubles = [*done.unreached, *(trouble for fed in done.fed for trouble in fed.troubles)]
    return {
        "products read": done.reading.products,
        "prices that changed": done.reading.changed,
        **told,
        **sizes,
        "wait for a person": done.findings,
        "troubles": "; ".join(troubles[:5]) or "none",
    }
