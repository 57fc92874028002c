"""Journals that went to the merchant's accounting system."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.ledger.books import books
from sfcc_cin7.ledger.payout_assets import OWNER, payouts
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.places import state_folder
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.values.wording import counted

if TYPE_CHECKING:
    from sfcc_cin7.ledger.passes.journals import Exported

FOLDER = "journals"
COLUMNS = ("left out", "because")


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres", "csv"},
    deps=[books, payouts],
    metadata=kept_in(schema.journal_entries),
    description=(
        "Journal entries for the accounting system that the operating model names (`ledger.books`):"
        " sales of a day, settlements by payout or by day, write-offs. Each run writes what did not"
        " go out yet, of days that are over; what went out never changes, and where the ledger"
        " holds something else now the difference follows as an entry of its own. Materialize it"
        " when you want the files; repeating it writes nothing twice."
    ),
)
def journal_exports(merchant: Merchant, store: Store) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=export(merchant.model(), store))


def export(model: OperatingModel, store: Store) -> dict[str, Any]:
    """Write what is to go out; what is shown of that."""
    from sfcc_cin7.ledger.passes.journals import NO_BOOKS, export_journals

    if model.ledger.books is None:
        return {"note": NO_BOOKS}
    told = export_journals(store.engine, store.clock, model, state_folder() / FOLDER)
    return shown(told)


def shown(told: "Exported") -> dict[str, Any]:
    """What is shown of an export."""
    files = "\n".join(f"- {path}" for path in told.files)
    return {
        "entries": told.entries,
        "files": dg.MetadataValue.md(files or "None: there is nothing new."),
        "left out": table(
            COLUMNS,
            ((counted(times, "entry", "entries"), why) for why, times in told.left_out.items()),
        ),
        **({"note": " ".join(told.notes)} if told.notes else {}),
    }
