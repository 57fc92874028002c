"""Nobody but the one reader asks the ERP what was touched."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sfcc_cin7_tests.project import PROJECT

PRODUCT = PROJECT / "sfcc_cin7"
LISTS = (
    "saleList",
    "saleCreditNoteList",
    "purchaseList",
    "purchaseCreditNoteList",
    "stockTransferList",
    "stockadjustmentList",
    "stockTakeList",
    "inventoryWriteOffList",
    "finishedGoodsList",
    "disassemblyList",
)
CLIENT, KINDS = "systems/cin7/client.py", "systems/cin7/kinds.py"


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the product; the conformance kit has a client and a limiter of its own, and
    asks an account what it does before anything of the product runs."""
    for path in PRODUCT.rglob("*.py"):
        name = path.relative_to(PRODUCT).as_posix()
        if not name.startswith("conformance/"):
            yield name, ast.parse(Path(path).read_text(encoding="utf-8"))


def test_a_list_of_the_erp_is_named_by_the_client_and_the_kinds_alone() -> None:
    naming = {
        name
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and node.value in (*LISTS, "UpdatedSince")
    }
    assert naming == {CLIENT, KINDS}


def test_what_was_touched_and_the_detail_of_it_is_asked_by_the_reader_alone() -> None:
    asking = {
        name
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("touched", "document", "listed_page")
        if isinstance(node.value, ast.Name) and node.value.id in ("erp", "client", "_erp")
    }
    assert asking == {"systems/cin7/changes/reader.py", "systems/cin7/changes/newest.py"}
