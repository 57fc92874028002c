"""Whether both systems sell the same things."""

import dagster as dg

from sfcc_cin7.catalogue.assets import sku_map
from sfcc_cin7.catalogue.match import SKU_CODES, UNKNOWN
from sfcc_cin7.db.sku_map import is_filled, open_findings
from sfcc_cin7.runtime.horizons import of_catalogues, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table

SHOWN = 50
COLUMNS = ("sku", "code", "storefront", "ERP", "since", "what to do")


@dg.asset_check(
    asset=sku_map,
    description=(
        "Every SKU that the storefront sells is one that the ERP knows, active, with the same EAN."
        " What to do: create the SKU in the ERP under exactly the storefront's product id, or take"
        " it offline; the table says which. Orders with an unknown SKU wait in review."
    ),
)
def sku_divergence(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    now = store.clock.now()
    with store.engine.connect() as connection:
        filled = is_filled(connection)
        skus = of_catalogues(connection, "SKU", "SKUs")
        found = open_findings(connection, SKU_CODES)
    unknown = sum(row.code == UNKNOWN for row in found)
    divergences = (
        (
            row.subject.removeprefix("sku:"),
            row.code,
            row.expected or "",
            row.actual or "",
            f"{row.opened_at:%Y-%m-%d %H:%M} UTC",
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
            "divergences": len(found),
            "unknown to the ERP": unknown,
            "SKUs": table(COLUMNS, divergences),
        },
    )


def _summary(filled: bool, found: int, unknown: int) -> str:
    if not filled:
        return "The catalogues have not been read yet: materialize sku_map."
    if not found:
        return "Both systems sell the same SKUs."
    return f"{found} SKUs diverge, {unknown} of them unknown to the ERP. See the table."
