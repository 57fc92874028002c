"""Whether both systems sell the same things."""

import dagster as dg

from sfcc_cin7.catalogue.assets import sku_map
from sfcc_cin7.catalogue.match import SKU_CODES, UNKNOWN
from sfcc_cin7.db.sku_map import is_filled, open_findings
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import of_catalogues, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table

SHOWN = 50
COLUMNS = ("SKU", "what", "storefront", "ERP", "since", "what to do")


@dg.asset_check(
    asset=sku_map,
    description=(
        "Every SKU that the storefront sells is one that the ERP knows, active, with the same EAN."
        " What to do: create the SKU in the ERP under exactly the storefront's product id, or take"
        " it offline; the table says which. Orders with an unknown SKU wait in review."
    ),
)
def sku_divergence(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    words = wording(merchant.model())
    now = store.clock.now()
    with store.engine.connect() as connection:
        filled = is_filled(connection)
        skus = of_catalogues(connection, "SKU", "SKUs")
        found = open_findings(connection, SKU_CODES)
    unknown = sum(row.code == UNKNOWN for row in found)
    divergences = (
        (
            row.subject.removeprefix("sku:"),
            known(row.code).cause,
            row.expected or "",
            row.actual or "",
            words.instant(row.opened_at),
            row.sentence,
        )
        for row in found[:SHOWN]
    )
    return verdict(
        "sku_divergence",
        passed=filled and not found,
        horizon=seen(merchant.model(), now, skus),
        severity=dg.AssetCheckSeverity.ERROR if unknown else dg.AssetCheckSeverity.WARN,
        description=_summary(filled, len(found), unknown),
        metadata={
            "SKUs": table(COLUMNS, divergences),
            "divergences": len(found),
            "unknown to the ERP": unknown,
        },
    )


def _summary(filled: bool, found: int, unknown: int) -> str:
    if not filled:
        return "The catalogues have not been read yet: materialize sku_map."
    if not found:
        return "Both systems sell the same SKUs."
    return f"SKUs that diverge: {found:,}; of them unknown to the ERP: {unknown:,}."
