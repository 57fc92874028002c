"""Money of all currencies is weighed in one, with the rates that finance maintains."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import (
    CurrencyRatesPolicy,
    OperatingModel,
    load_operating_model,
)
from sfcc_cin7_tests.project import SANDBOX_MODEL

DAY = date(2026, 3, 1)


@pytest.fixture
def rates(tmp_path: Path) -> Path:
    file = tmp_path / "rates.csv"
    file.write_text("date,currency,rate\n2026-01-01,JPY,0.006\n2026-02-01,JPY,0.005\n")
    return file


@pytest.fixture
def dated(rates: Path) -> OperatingModel:
    """The sandbox's merchant, whose Japanese shop has a file of rates."""
    model = load_operating_model(SANDBOX_MODEL)
    sites = [
        site.model_copy(
            update={
                "currency_rate": Decimal(1),
                "currency_rates": CurrencyRatesPolicy(file=rates, max_age_days=60),
            }
        )
        if site.currency == "JPY"
        else site
        for site in model.sites
    ]
    return model.model_copy(update={"sites": sites})


def test_a_constant_rate_weighs() -> None:
    model = load_operating_model(SANDBOX_MODEL)
    [japan] = [site for site in model.sites if site.currency == "JPY"]
    weight = BaseCurrency(model, DAY).weight(Decimal(10_000), "JPY")
    assert weight == 10_000 * japan.currency_rate < 100


def test_dated_rates_weigh_with_the_newest_of_the_day(dated: OperatingModel) -> None:
    assert BaseCurrency(dated, DAY).weight(Decimal(10_000), "JPY") == 50
    assert BaseCurrency(dated, date(2026, 1, 31)).weight(Decimal(10_000), "JPY") == 60


def test_a_currency_without_a_rate_weighs_as_it_stands(dated: OperatingModel, rates: Path) -> None:
    assert BaseCurrency(dated, date(2025, 1, 1)).weight(Decimal(7), "JPY") == 7
    assert BaseCurrency(dated, DAY).weight(Decimal(7), "CHF") == 7
    rates.unlink()
    assert BaseCurrency(dated, DAY).weight(Decimal(7), "JPY") == 7


def test_nothing_weighs_nothing(dated: OperatingModel) -> None:
    assert BaseCurrency(dated, DAY).weight(None, None) == 0
