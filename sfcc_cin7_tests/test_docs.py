"""The documents keep up with the code."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfcc_cin7_tests.project import PROJECT

MAKES_A_REASON = ("Reason", "MalformedOrder", "refuse", "_differs")


def reason_codes() -> Iterator[str]:
    """The code of every reason that an order's document or the order room gives."""
    rooms = [PROJECT / "sfcc_cin7" / name for name in ("order_document", "orders")]
    for module in sorted(path for room in rooms for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0]
                if name in MAKES_A_REASON and isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_review_code_has_its_advice() -> None:
    page = (PROJECT / "sfcc_cin7" / "runbooks" / "review-codes.md").read_text(encoding="utf-8")

    codes = set(reason_codes())
    assert len(codes) > 40
    assert {code for code in codes if f"`{code}`" not in page} == set()
    # the inbox leads to the very row
    assert {code for code in codes if f'<a id="{code}"></a>' not in page} == set()


def test_every_dependency_has_its_reason() -> None:
    page = (PROJECT / "docs" / "decisions" / "02-dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split("[<>=]", each)[0] for each in wanted}

    unexplained = {name for name in names if name not in page and not name.startswith("types-")}
    assert unexplained == set()


PAGES = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
RUNBOOKS = (PROJECT / "sfcc_cin7" / "runbooks").glob("*.md")


@pytest.mark.parametrize("page", [*PAGES, *RUNBOOKS], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))

    missing = [each for each in targets if not (page.parent / each).exists()]
    assert missing == [] or missing == ["docs/pictures/lineage.png"]


@pytest.mark.parametrize(
    "page", [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")], ids=lambda page: page.name
)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    names = re.findall(r"`([\w/]+\.py)`", page.read_text(encoding="utf-8"))

    there = [f"/{path.relative_to(PROJECT)}" for path in PROJECT.glob("[!.]*/**/*.py")]
    assert [name for name in names if not any(f"/{name}" in path for path in there)] == []
