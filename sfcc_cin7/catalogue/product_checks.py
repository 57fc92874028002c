"""Whether fields are as their owners have them, and whether what is sold is ready for it."""

import dagster as dg

from sfcc_cin7.catalogue.agreeing import FIELD_DIFFERS
from sfcc_cin7.catalogue.gatekeeping import SOLD_UNREADY
from sfcc_cin7.catalogue.product_assets import field_ownership, sku_gate
from sfcc_cin7.db.looks import PRODUCTS, looked
from sfcc_cin7.db.sku_map import open_findings
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import of_products, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table

SHOWN = 50
COLUMNS = ("what", "should be", "is", "since", "what to do")


@dg.asset_check(
    asset=field_ownership,
    description=(
        "Every field that both systems keep of a product is as its owner has it. What to do: put"
        " the owner's value into the follower; the table says which side was edited, and when."
    ),
)
def fields_agree(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    return _of_findings(
        merchant, store, "fields_agree", FIELD_DIFFERS, "Fields that differ from their owner's"
    )


@dg.asset_check(
    asset=sku_gate,
    description=(
        "Every new SKU that is online on a site has all that it needs there. What to do: add what"
        " is missing, or take it offline."
    ),
)
def nothing_unready_on_sale(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    return _of_findings(
        merchant, store, "nothing_unready_on_sale", SOLD_UNREADY, "New SKUs on sale, but not ready"
    )


def _of_findings(
    merchant: Merchant, store: Store, check: str, code: str, what: str
) -> dg.AssetCheckResult:
    words = wording(merchant.model())
    now = store.clock.now()
    with store.engine.connect() as connection:
        was_read = looked(connection, PRODUCTS) is not None
        sight = of_products(connection, "product", "products")
        found = open_findings(connection, [code])
    rows = (
        (
            row.subject.partition(":")[2],
            row.expected or "",
            row.actual or "",
            words.instant(row.opened_at),
            row.sentence,
        )
        for row in found[:SHOWN]
    )
    told = f"{what}: {len(found):,}." if was_read else "The products have not been compared yet."
    return verdict(
        check,
        passed=was_read and not found,
        horizon=seen(merchant.model(), now, sight),
        severity=dg.AssetCheckSeverity.WARN,
        description=told,
        metadata={"products": table(COLUMNS, rows), "findings": len(found)},
    )
