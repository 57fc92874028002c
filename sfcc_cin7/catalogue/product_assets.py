"""Who owns which field of a product, and what new SKUs wait for."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Row

from sfcc_cin7.catalogue.agreeing import compare_products
from sfcc_cin7.catalogue.assets import OWNER, sku_map
from sfcc_cin7.catalogue.deciding.gate import Step
from sfcc_cin7.catalogue.gatekeeping import Gatekeeper
from sfcc_cin7.catalogue.records.gates import at_the_gate
from sfcc_cin7.db import schema
from sfcc_cin7.db.looks import PRODUCTS, save_look
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient

SHOWN = 50
WAITING: tuple[Step, ...] = ("wait", "ready", "open")


@brands.asset(
    group_name="catalogue",
    owners=[OWNER],
    kinds={"salesforce", "cin7"},
    deps=[sku_map],
    freshness_policy=fresh_within(timedelta(minutes=30)),
    metadata=kept_in(schema.products),
    description=(
        "Every field that both systems keep of a product, who owns it, and where the follower does"
        " not show what the owner says. Only what changed is read; where the merchant wants it the"
        " follower is put right, one way."
    ),
)
def field_ownership(
    merchant: Merchant, store: Store, storefront: Storefront, erp: Erp
) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(
        metadata=compare(merchant.model(), store, storefront.client, erp.client("catalogue"))
    )


def compare(
    model: OperatingModel, store: Store, shop: SfccClient, erp: Cin7Client
) -> dict[str, Any]:
    """Read what changed, compare it, and put right what may be; what is shown of that.

    Raises:
        ApiError: one of the two does not answer.
    """
    agreed = compare_products(store.engine, shop, erp, model, store.clock)
    owners = (
        (each.name, each.owner, "yes" if each.mend else "no", agreed.found[each.name])
        for each in model.catalogue.fields
    )
    differ = (
        (each.sku, each.field.name, each.storefront, each.erp)
        for each in agreed.mended.left[:SHOWN]
    )
    outcomes = agreed.mended.outcomes
    return {
        "who owns what": table(("field", "owner", "put right", "differed"), owners),
        "what differs": table(("SKU", "field", "storefront", "ERP"), differ),
        "fields that differ": len(agreed.mended.subjects),
        "put right": outcomes["done"],
        "refused": outcomes["refused"],
        "not known how it ended": outcomes["ambiguous"],
        "products read in the ERP": agreed.read["erp"].told,
        "products read in the storefront": agreed.read["storefront"].told,
    }


@brands.asset(
    group_name="catalogue",
    owners=[OWNER],
    kinds={"salesforce", "cin7"},
    deps=[field_ownership],
    freshness_policy=fresh_within(timedelta(minutes=30)),
    metadata=kept_in(schema.sku_gates),
    description=(
        "Every SKU that is new, by site: what it still lacks before it may be sold, and who owns"
        " that. One that lacks nothing is put online where the merchant wants it."
    ),
)
def sku_gate(
    merchant: Merchant, store: Store, storefront: Storefront, erp: Erp
) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(
        metadata=look_at_the_gate(
            merchant.model(), store, storefront.client, erp.client("catalogue")
        )
    )


def look_at_the_gate(
    model: OperatingModel, store: Store, shop: SfccClient, erp: Cin7Client
) -> dict[str, Any]:
    """Look at every new SKU, open what passes; what is shown of that.

    Raises:
        ApiError: one of the two does not answer.
    """
    began = store.clock.now()
    steps = Gatekeeper(store.engine, shop, erp, model, store.clock).look()
    with store.engine.begin() as connection:
        save_look(connection, PRODUCTS, began)
        waiting = at_the_gate(connection, WAITING, SHOWN)
    words = wording(model)
    return {
        "waiting": table(
            ("SKU", "site", "what is missing", "since"),
            ((row.sku, row.site, _missing(row), words.instant(row.since)) for row in waiting),
        ),
        "SKUs that wait": steps["wait"],
        "ready, for a person to put online": steps["ready"],
        "on sale": steps["on-sale"],
        "on sale, but not ready": steps["failing"] + steps["close"],
        "taken offline by somebody": steps["leave"],
    }


def _missing(row: Row[Any]) -> str:
    lacking: Iterable[dict[str, str]] = row.missing
    return "; ".join(f"{each['what']} ({each['owner']})" for each in lacking) or "nothing"
