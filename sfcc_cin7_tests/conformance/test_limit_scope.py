"""What the call limit holds for is told only where it was seen beyond doubt."""

from collections.abc import Callable

import httpx
import pytest

from sfcc_cin7.conformance.accounts import Accounts
from sfcc_cin7.conformance.registry import BY_ID
from sfcc_cin7.conformance.results import Result
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.conformance import bench
from sfcc_cin7_tests.conformance.bench import Account

SCOPE = BY_ID["cin7.limit.scope"]


def asked(account: Account) -> Result:
    with account.kit() as kit:
        return kit.ask(SCOPE)


def slow(account: Account, seconds: float) -> Account:
    """Every call takes so long."""

    def between(
        request: httpx.Request, serve: Callable[[httpx.Request], httpx.Response]
    ) -> httpx.Response:
        account.clock.sleep(seconds)
        return serve(request)

    account.transport.between = between
    return account


@pytest.mark.parametrize("scope", ["account", "key"])
@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.8])
def test_it_is_seen_at_any_pace_that_meets_the_limit_in_time(scope: str, seconds: float) -> None:
    settings = Cin7Settings(call_limit_scope="account" if scope == "account" else "key")
    assert asked(slow(Account(settings, orders=0), seconds)).observed == scope


@pytest.mark.parametrize("seconds", [0.95, 0.96, 0.97, 0.98, 0.99, 1.5])
def test_calls_so_slow_that_the_first_leaves_the_window_meanwhile_never_prove_a_limit_of_each_key(
    seconds: float,
) -> None:
    assert asked(slow(Account(orders=0), seconds)).observed in (None, "account")


def test_a_second_key_that_is_wrong_proves_nothing() -> None:
    account = Account(Cin7Settings(application_keys=("sandbox-key",)), orders=0)
    result = asked(account)
    assert (result.outcome, result.observed) == ("open", None)
    assert "the second key was not answered" in result.why


def test_without_a_second_key_it_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    erp = bench.ACCOUNTS.cin7
    assert erp is not None
    one = erp.model_copy(update={"orders_application_key": None})
    monkeypatch.setattr(bench, "ACCOUNTS", Accounts(one, bench.ACCOUNTS.sfcc))
    result = asked(Account(orders=0))
    assert (result.outcome, result.observed) == ("open", None)
    assert "there is no second key" in result.why
