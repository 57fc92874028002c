"""A run waits until the storefront's list shows the orders that were placed for it."""

import pytest

from sfcc_cin7.conformance.registry import BY_ID
from sfcc_cin7.conformance.sfcc.calls import Order
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.conformance.bench import SITES, Account


def placed_now(account: Account) -> list[Order]:
    """A fresh order of each shop; none of them is listed yet."""
    placed = [account.sandbox.shoppers.place(site, "several-units") for site, _ in SITES]
    return [(str(order["siteId"]), str(order["orderNo"])) for order in placed]


@pytest.mark.parametrize("lag", [0, 0.5, 20, 100])
def test_it_waits_as_long_as_the_list_lags_and_hardly_longer(lag: float) -> None:
    account = Account(sfcc=SfccSettings(index_lag=lag), orders=0)
    orders = placed_now(account)
    with account.kit() as kit:
        assert kit.shop is not None
        began = account.clock.now()
        assert kit.shop.wait_until_listed(orders) == []

        assert lag <= (account.clock.now() - began).total_seconds() <= lag + 2
        assert kit.ask(BY_ID["sfcc.orders.ready"]).observed == "set"


def test_a_list_that_lags_for_longer_is_not_waited_for_for_ever() -> None:
    account = Account(sfcc=SfccSettings(index_lag=600), orders=0)
    orders = placed_now(account)
    with account.kit() as kit:
        assert kit.shop is not None
        assert kit.shop.wait_until_listed(orders) == orders


def test_an_order_that_does_not_exist_is_not_waited_for() -> None:
    account = Account(orders=0)
    began = account.clock.now()
    with account.kit() as kit:
        assert kit.shop is not None
        assert kit.shop.wait_until_listed([(SITES[0][0], "99999999")]) == []
    assert account.clock.now() == began
