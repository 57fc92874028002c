"""config/sandbox.yaml decides everything that the sandbox's shoppers can ask for."""

from decimal import Decimal

import pytest

from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy, load_operating_model
from sfcc_cin7_sandbox.merchant.catalogue import BRAND, MISSING_TAX_RULE, build_world
from sfcc_cin7_sandbox.merchant.world import Site
from sfcc_cin7_sandbox.shoppers.draft import METHODS
from sfcc_cin7_tests.project import SANDBOX_MODEL

WORLD = build_world()
SITES = pytest.mark.parametrize("site", WORLD.sites, ids=lambda site: str(site.id))


@pytest.fixture(scope="module")
def model() -> OperatingModel:
    return load_operating_model(SANDBOX_MODEL)


def test_it_is_the_sandbox_merchant(model: OperatingModel) -> None:
    assert model.brand == BRAND
    assert model.base_currency == WORLD.base_currency
    assert [site.id for site in model.sites] == [site.id for site in WORLD.sites]


@SITES
def test_a_site_is_what_the_storefront_says_it_is(model: OperatingModel, site: Site) -> None:
    policy = model.site(site.id)

    assert (policy.currency, policy.taxation) == (site.currency, site.taxation)
    assert (policy.country, policy.customer) == (site.country, site.customer)
    assert policy.location == site.location


@SITES
def test_every_rate_that_a_shopper_can_be_charged_is_mapped(
    model: OperatingModel, site: Site
) -> None:
    charged = {rate for rates in site.rates.values() for rate in rates.values()} | {Decimal(0)}
    mapped = {each.own_rate: each.rule for each in model.site(site.id).tax_rules}
    assert set(mapped) == charged

    percent = {rule.name: rule.percent for rule in WORLD.tax_rules}
    percent[MISSING_TAX_RULE.name] = MISSING_TAX_RULE.percent
    assert all(percent[rule] == rate * 100 for rate, rule in mapped.items())


def test_one_mapped_tax_rule_is_missing_in_the_erp(model: OperatingModel) -> None:
    mapped = {each.rule for site in model.sites for each in site.tax_rules}

    assert mapped - {rule.name for rule in WORLD.tax_rules} == {MISSING_TAX_RULE.name}


@SITES
def test_every_option_and_charge_is_a_service_of_the_erp(model: OperatingModel, site: Site) -> None:
    policy = model.site(site.id)
    options = {sku.id: sku.name for sku in WORLD.skus if sku.kind == "option"}
    services = {sku.name for sku in WORLD.skus if sku.kind == "service"}

    assert policy.options == options
    assert set(policy.charges.model_dump(exclude_none=True).values()) == services


def test_the_us_site_books_every_means_of_payment_and_the_others_none(
    model: OperatingModel,
) -> None:
    used = {payment.method for payment in METHODS} | {"GIFT_CERTIFICATE"}
    accounts = {code for code, _ in WORLD.bank_accounts}

    booked = {site.id: site.payment_accounts for site in model.sites}
    assert set(booked["alpenglow-us"]) == used
    assert set(booked["alpenglow-us"].values()) <= accounts
    assert booked["alpenglow-uk"] == booked["alpenglow-jp"] == {}


def test_every_inventory_list_is_fed_by_its_site_with_one_unit_held_back(
    model: OperatingModel,
) -> None:
    def fed(policy: SitePolicy) -> tuple[str, list[str]]:
        [stock_list] = [each for each in model.inventory_lists if policy.id in each.sites]
        assert stock_list.buffer == 1
        return stock_list.id, stock_list.locations

    for site in WORLD.sites:
        assert fed(model.site(site.id)) == (site.inventory_list, [site.location])
