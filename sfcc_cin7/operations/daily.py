"""The daily report as an asset: in the UI, and as a file."""

from pathlib import Path
from typing import Any

import dagster as dg

from sfcc_cin7.operations.assets import OWNER
from sfcc_cin7.operations.page import as_html, as_markdown
from sfcc_cin7.operations.report import report
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.resources import Merchant, Store

LATEST = "latest.html"


@brands.asset(
    group_name="operations",
    owners=[OWNER],
    kinds={"postgres"},
    deps=["cin7_calls", "cin7_sales", "order_ledger", "review_inbox", "sfcc_inventory"],
    description=(
        "The day on one page: orders in and out, backlog, latency, stock coverage and drift, breaks"
        " by class and age, calls by lane, and what needs a person today and who. It reads the"
        " store alone. Where the operating model names `report.folder`, the same is written there"
        " as one HTML file."
    ),
)
def operations_report(merchant: Merchant, store: Store) -> dg.MaterializeResult[Any]:
    model, now = merchant.model(), store.clock.now()
    told = report(store.engine, model, now)
    metadata: dict[str, Any] = {"report": dg.MetadataValue.md(as_markdown(told.page))}
    if model.report.folder is not None:
        file = write(model.report.folder, f"{now:%Y-%m-%d}.html", as_html(told.page))
        metadata["file"] = dg.MetadataValue.path(str(file))
    return dg.MaterializeResult(metadata=metadata | told.figures)


def write(folder: Path, name: str, text: str) -> Path:
    """Write the file of a day, and the same as the latest; whoever reads sees all or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for target in (folder / name, folder / LATEST):
        unfinished = target.with_suffix(".part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(target)
    return folder / name
