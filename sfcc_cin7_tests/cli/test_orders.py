"""`sfcc-cin7 orders try` tells on the first day what would become of a merchant's past orders."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.cli.conftest import Command

UK, JP = "alpenglow-uk", "alpenglow-jp"
READS = ("GET ", "POST /dwsso/oauth2/access_token", "POST /product/")


@pytest.fixture(scope="module")
def systems() -> Iterator[RunningSandbox]:
    """A shop whose order list shows at once what was placed."""
    with running_sandbox(skus=150, sfcc=SfccSettings(index_lag=0)) as running:
        yield running


@pytest.fixture
def past_orders(environment: dict[str, str], systems: RunningSandbox) -> dict[str, str]:
    """Of nine orders two lack a tax rule and one a SKU."""
    for site, shape, count in (
        (UK, "plain", 6),
        (UK, "unknown-sku", 1),
        (JP, "missing-tax-rule", 2),
    ):
        for _ in range(count):
            systems.sandbox.shoppers.place(site, shape)
    return environment


def calls(systems: RunningSandbox) -> list[str]:
    made = systems.sandbox.calls.summary(2000)["recent"]
    return [f"{call['method']} {call['path']}" for call in made if call["system"] != "sandbox"]


def test_past_orders_are_tried_on_the_first_day_and_nothing_is_written(
    command: Command, past_orders: dict[str, str], systems: RunningSandbox, engine: Engine
) -> None:
    result = command(["orders", "try", "--days", "7"], past_orders)

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert f"{UK}: 7 orders tried, 6 would be posted (85.7%), 1 would wait for a person." in lines
    assert "all: 9 orders tried, 6 would be posted (66.7%), 3 would wait for a person." in lines
    begin = lines.index(next(each for each in lines if "What to add" in each)) + 1
    first, whose, second = lines[begin:][:3]
    assert first.split()[0] == "2"
    assert "Create it there, or name another one under `tax_rules`." in first
    assert f"lacking in 2, such as {JP}/0000" in whose
    assert "The ERP has no product" in second
    assert "Both catalogues are read first." in result.stderr
    made = calls(systems)
    assert made
    assert [call for call in made if not call.startswith(READS)] == []
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(orders)) == 0
        about = connection.scalars(select(review_items.c.subject)).all()
    assert [each for each in about if each.startswith("alpenglow:")] == []


def test_one_site_is_tried_alone_and_one_that_is_not_there_is_told(
    command: Command, past_orders: dict[str, str]
) -> None:
    alone = command(["orders", "try", "--site", JP], past_orders)
    wrong = command(["orders", "try", "--site", "nowhere"], past_orders)

    assert alone.stdout.splitlines()[0].startswith(f"{JP}: 2 orders tried, 0 would be posted")
    assert wrong.exit_code == 1
    assert "no site 'nowhere'" in wrong.output
