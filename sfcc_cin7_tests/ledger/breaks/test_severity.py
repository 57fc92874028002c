"""A cent is told in amber, money and patience that run out in red."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.ledger.breaks.severity import Scales
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7_tests.project import SANDBOX_MODEL

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Open:
    amount: Decimal | None
    currency: str | None = "GBP"
    opened_at: datetime = NOW


@pytest.fixture
def model() -> OperatingModel:
    return load_operating_model(SANDBOX_MODEL)


def with_ledger(model: OperatingModel, **changes: object) -> OperatingModel:
    return model.model_copy(update={"ledger": model.ledger.model_copy(update=changes)})


def test_a_cent_that_is_off_since_an_hour_is_a_warning(model: OperatingModel) -> None:
    cent = Open(Decimal("0.01"), opened_at=NOW - timedelta(hours=1))
    assert not Scales(model, NOW).is_error([cent])


def test_a_cent_that_nobody_minded_for_a_day_is_an_error(model: OperatingModel) -> None:
    cent = Open(Decimal("0.01"), opened_at=NOW - timedelta(hours=24))
    assert Scales(model, NOW).is_error([cent])


def test_a_hundred_cents_of_a_hundred_orders_are_an_error(model: OperatingModel) -> None:
    cents = [Open(Decimal("0.01"))] * 100
    assert not Scales(model, NOW).is_error(cents[1:])
    assert Scales(model, NOW).is_error(cents)


@pytest.mark.parametrize("currency", [None, "GBP"])
def test_what_nobody_knows_the_money_of_is_an_error(
    model: OperatingModel, currency: str | None
) -> None:
    assert Scales(model, NOW).is_error([Open(None, currency)])


def test_nothing_open_is_no_error_even_where_every_cent_counts(model: OperatingModel) -> None:
    strict = with_ledger(model, error_from=Decimal(0))
    assert not Scales(strict, NOW).is_error([])
    assert Scales(strict, NOW).is_error([Open(Decimal(0))])


def test_money_weighs_by_its_rate(model: OperatingModel) -> None:
    yen = Open(Decimal(100), "JPY")
    pounds = Open(Decimal("0.90"))
    scales = Scales(model, NOW)
    assert not scales.is_error([yen])
    assert scales.worst_first([yen, pounds]) == [pounds, yen]


def test_of_equal_money_the_oldest_comes_first_and_what_has_no_figure_last(
    model: OperatingModel,
) -> None:
    older = Open(Decimal(5), opened_at=NOW - timedelta(hours=2))
    newer = Open(Decimal(5))
    unknown = Open(None, None, NOW - timedelta(days=2))
    assert Scales(model, NOW).worst_first([unknown, newer, older]) == [older, newer, unknown]
