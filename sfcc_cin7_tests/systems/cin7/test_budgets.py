"""What a merchant's keys make of the call budget."""

import dagster as dg
import pytest

from sfcc_cin7.runtime.resources import Erp, Merchant, Store
from sfcc_cin7_tests.project import SANDBOX_MODEL


def slots_of_stock_alone(database_url, orders_key, model=SANDBOX_MODEL):
    """Which slots the stock lane has to itself, as the code location binds it."""
    with dg.build_resources(
        {
            "erp": Erp(
                url="http://erp.test",
                account_id="a",
                application_key="key",
                orders_application_key=orders_key,
                merchant=Merchant(path=str(model)),
                store=Store(database_url=database_url.render_as_string(hide_password=False)),
            )
        }
    ) as resources:
        return resources.erp.client("stock")._governor._own.get("stock", range(0))


@pytest.mark.parametrize(
    ("orders_key", "scope", "slots"),
    [
        ("key", "key", 4),
        ("key", "account", 4),
        ("orders-key", "account", 4),
        ("orders-key", "key", 0),
    ],
)
def test_slots_are_reserved_for_stock_wherever_orders_share_its_budget(
    database_url, tmp_path, orders_key, scope, slots
):
    model = tmp_path / "model.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + f"\ncalls: {{limit_scope: {scope}}}\n")
    assert len(slots_of_stock_alone(database_url, orders_key, model)) == slots


def test_two_keys_share_one_budget_until_somebody_says_otherwise(database_url):
    assert len(slots_of_stock_alone(database_url, "orders-key")) == 4


def test_the_merchant_decides_how_many(database_url, tmp_path):
    model = tmp_path / "model.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + "\ncalls: {reserved: {stock: 7}}\n")
    assert slots_of_stock_alone(database_url, "key", model) == range(53, 60)
