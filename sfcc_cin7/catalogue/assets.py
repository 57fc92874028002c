"""The SKU map: what can be sold, and whether the ERP can supply it."""

from datetime import timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import CIN7_CORE, COMMERCE_CLOUD
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient

OWNER = "team:merchandising"


@brands.asset(
    group_name="catalogue",
    owners=[OWNER],
    kinds={"salesforce", "cin7", "pandas"},
    deps=[COMMERCE_CLOUD, CIN7_CORE],
    freshness_policy=fresh_within(timedelta(minutes=30)),
    metadata=kept_in(schema.sku_map),
    description=(
        "Every SKU of the storefront beside the same SKU of the ERP, matched to the letter, with"
        " the ERP's tax rules. Orders are held against it before they are posted and stock before"
        " it is published, so that one product that only one system knows stops nothing else."
    ),
)
def sku_map(
    merchant: Merchant, store: Store, storefront: Storefront, erp: Erp
) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(
        metadata=read_both(merchant.model(), store, storefront.client, erp.client("catalogue"))
    )


def read_both(
    model: OperatingModel, store: Store, shop: SfccClient, erp: Cin7Client
) -> dict[str, Any]:
    """Read both catalogues and match them; what is shown of that.

    Raises:
        ApiError: one of the two does not answer.
    """
    from sfcc_cin7.catalogue.refresh import refresh

    catalogue = refresh(store.engine, shop, erp, model, store.clock)
    matches = catalogue.matches
    kinds = [(known(code).cause, count) for code, count in catalogue.by_code.most_common()]
    return {
        "divergences by kind": table(("kind", "SKUs"), kinds),
        "which tax rules the ERP lacks": ", ".join(catalogue.unknown_tax_rules) or "none",
        "SKUs in the storefront": sum(row.in_shop for row in matches),
        "SKUs in the ERP": sum(row.in_erp for row in matches),
        "SKUs in both": sum(row.in_shop and row.in_erp for row in matches),
        "SKUs that diverge": len({found.sku for found in catalogue.divergences}),
        "tax rules in the ERP": len(catalogue.tax_rules),
        "tax rules that the ERP lacks": len(catalogue.unknown_tax_rules),
    }
