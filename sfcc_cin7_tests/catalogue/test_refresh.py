"""Both catalogues of the sandbox, read over HTTP and kept side by side."""

from decimal import Decimal
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import select

from sfcc_cin7.catalogue.assets import sku_map as sku_map_asset
from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.catalogue.frames import UnusableCatalogue, sku_frame
from sfcc_cin7.catalogue.match import ErpSku, match
from sfcc_cin7.catalogue.refresh import EmptyCatalogue, refresh
from sfcc_cin7.db.schema import review_items
from sfcc_cin7.db.sku_map import is_filled, known_tax_rules, unknown_skus
from sfcc_cin7.merchant.operating_model import ChargeNames, OperatingModel, SitePolicy, TaxMapping
from sfcc_cin7_sandbox.merchant.catalogue import GHOST_SKU, MISSING_TAX_RULE
from sfcc_cin7_tests.contract.emulators import running

CHARGES = ChargeNames(
    shipping="Shipping",
    surcharge="Shipping Surcharge",
    gift_certificate="Gift Certificate",
    rounding="Rounding",
)


def japan(rule):
    site = SitePolicy(
        id="alpenglow-jp",
        currency="GBP",
        taxation="gross",
        country="JP",
        customer="Alpenglow JP Web",
        location="Osaka DC",
        tax_rules=[TaxMapping(country="JP", rate=Decimal("0.08"), rule=rule)],
        charges=CHARGES,
    )
    return OperatingModel(brand="alpenglow", base_currency="GBP", sites=[site])


@pytest.fixture
def systems(clock):
    with running(clock) as both:
        yield both


def open_subjects(engine):
    query = select(review_items.c.subject).where(review_items.c.closed_at.is_(None))
    with engine.connect() as connection:
        return set(connection.scalars(query))


def read(engine, systems, clock, rule=MISSING_TAX_RULE.name):
    return refresh(engine, systems.sfcc, systems.cin7, japan(rule), clock)


def test_the_ghost_and_the_missing_tax_rule_wait_for_a_person(engine, systems, clock):
    with engine.connect() as connection:
        assert not is_filled(connection)
        assert unknown_skus(connection, {GHOST_SKU}) == set()
        assert known_tax_rules(connection) is None

    catalogue = read(engine, systems, clock)

    assert catalogue.by_code == {"sku-unknown-in-erp": 1}
    assert open_subjects(engine) == {f"sku:{GHOST_SKU}", f"tax-rule:{MISSING_TAX_RULE.name}"}
    with engine.connect() as connection:
        assert unknown_skus(connection, {GHOST_SKU, systems.goods()}) == {GHOST_SKU}
        assert known_tax_rules(connection) == frozenset(
            rule.name for rule in systems.world.tax_rules
        )


def test_what_was_mended_is_closed_at_the_next_reading(engine, systems, clock):
    read(engine, systems, clock)
    ghost = next(sku for sku in systems.world.skus if sku.id == GHOST_SKU)
    systems.erp.create_product(GHOST_SKU, name="Ghost Lantern", barcode=ghost.ean)
    systems.erp.create_tax_rule(MISSING_TAX_RULE.name, MISSING_TAX_RULE.percent)

    read(engine, systems, clock)

    assert open_subjects(engine) == set()
    with engine.connect() as connection:
        assert unknown_skus(connection, {GHOST_SKU}) == set()


def test_reading_twice_changes_nothing(engine, systems, clock):
    read(engine, systems, clock)
    clock.sleep(600)
    read(engine, systems, clock)
    with engine.connect() as connection:
        items = connection.execute(select(review_items)).all()
    assert len(items) == 2
    assert all((clock.now() - item.opened_at).total_seconds() >= 600 for item in items)


def test_an_empty_answer_replaces_nothing(engine, systems, clock):
    empty: Any = _Plain(tax_rules=list, products=lambda include_deprecated: [])
    read(engine, systems, clock)
    with pytest.raises(EmptyCatalogue, match="application key"):
        refresh(engine, systems.sfcc, empty, japan("any"), clock)
    with engine.connect() as connection:
        assert is_filled(connection)


def test_a_row_that_cannot_be_used_is_named():
    rows = match([], [ErpSku("TENT-1", "Tent", "id-1"), ErpSku("ODD-1", "Odd", "id-2", kind="?")])
    with pytest.raises(UnusableCatalogue, match="ODD-1"):
        sku_frame(rows)


class _Plain:
    """Stands for a Dagster resource."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


def test_the_asset_shows_the_counts_and_its_check_names_the_ghost(engine, systems, clock):
    resources = {
        "merchant": _Plain(model=lambda: japan(MISSING_TAX_RULE.name)),
        "store": _Plain(engine=engine, clock=clock),
        "storefront": _Plain(client=systems.sfcc),
        "erp": _Plain(client=lambda purpose: systems.cin7),
    }
    result = dg.materialize([sku_map_asset, sku_divergence], resources=resources)
    [materialization] = result.asset_materializations_for_node("sku_map")
    assert materialization.metadata["SKUs that diverge"].value == 1
    [evaluation] = result.get_asset_check_evaluations()
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    table: Any = evaluation.metadata["SKUs"]
    [record] = table.records
    assert record.data["SKU"] == GHOST_SKU
