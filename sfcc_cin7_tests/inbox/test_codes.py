"""The register: nothing can wait for a person without an owner, a page, a way out and an end."""

import re
from dataclasses import fields
from typing import get_args

from sfcc_cin7.catalogue import match
from sfcc_cin7.catalogue.agreeing import FIELD_DIFFERS
from sfcc_cin7.catalogue.gatekeeping import SOLD_UNREADY
from sfcc_cin7.catalogue.refresh import TAX_RULE_UNKNOWN
from sfcc_cin7.inbox.codes import CODES, FOLDER, PAGE, VERBS, known, owner_of
from sfcc_cin7.ledger.breaks.break_classes import CLASSES, GOODS_BREAKS, Leg
from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.orders.intake.unreadable import CODE as UNREADABLE
from sfcc_cin7.orders.posting.rechecking import SEEN_FROM_HERE
from sfcc_cin7.review import CORRECTED_BY
from sfcc_cin7.stock.publishing.publish import REFUSED
from sfcc_cin7.stock.reading.vanished import DEPRECATED_WITH_STOCK
from sfcc_cin7_tests.project import PROJECT
from sfcc_cin7_tests.test_docs import reason_codes

FILED = {*match.SKU_CODES, TAX_RULE_UNKNOWN, UNREADABLE, REFUSED, DEPRECATED_WITH_STOCK}
FILED |= {FIELD_DIFFERS, SOLD_UNREADY}
SOURCES = PROJECT / "sfcc_cin7" / "inbox" / "sources.py"


def test_every_reason_finding_and_break_has_a_row() -> None:
    legs = {"erp": "books", "gateway": "payout"}
    assert set(get_args(Leg)) == {*legs, "goods", "bank"}
    breaks = {f"{leg}-{kind}" for leg in legs.values() for kind in CLASSES}
    breaks |= {f"goods-{kind}" for kind in GOODS_BREAKS}
    looked_up = set(re.findall(r'code="([a-z-]+)"', SOURCES.read_text(encoding="utf-8")))
    assert len(looked_up) > 4
    assert {*reason_codes(), *FILED, *breaks, *looked_up, "stock-drift", "stock-lag"} <= set(CODES)


def test_every_row_says_whose_it_is_what_to_do_on_which_page_and_when_it_goes() -> None:
    for row in CODES.values():
        assert row.owner in set(Owners.model_fields)
        assert all(getattr(row, each.name) for each in fields(row)), row.code
        assert set(row.verbs) <= set(VERBS)
        page = (PROJECT / FOLDER / f"{row.page}.md").read_text(encoding="utf-8")
        if row.page == PAGE:
            assert f'<a id="{row.code}"></a>' in page, row.code


def test_every_code_of_the_page_of_review_codes_has_a_row() -> None:
    page = (PROJECT / FOLDER / f"{PAGE}.md").read_text(encoding="utf-8")
    assert set(re.findall(r'<a id="([^"]+)"></a>', page)) == {
        row.code for row in CODES.values() if row.page == PAGE
    }


def test_the_verbs_are_what_the_desk_does_with_a_code() -> None:
    by_itself = {row.code for row in CODES.values() if row.verbs[0] != "retry"}
    assert by_itself >= SEEN_FROM_HERE, "what goes on by itself is not retried"
    assert {row.code for row in CODES.values() if "correct" in row.verbs} == set(CORRECTED_BY)


def test_a_page_names_no_other_verb_than_the_register() -> None:
    page = (PROJECT / FOLDER / f"{PAGE}.md").read_text(encoding="utf-8")
    for line in page.splitlines():
        codes = re.findall(r'<a id="([^"]+)"></a>', line)
        if any(known(code).verbs[0] != "retry" for code in codes):
            assert "retry" not in line, codes


def test_a_code_that_nobody_registered_is_still_somebodys() -> None:
    assert owner_of("never-heard-of", Owners(orders="team:desk")) == "team:desk"
    assert known("erp-total-gone").cause == "ERP total gone"
