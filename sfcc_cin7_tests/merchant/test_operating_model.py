"""What a merchant may write down about a site, and what contradicts itself."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from sfcc_cin7.merchant.operating_model import OperatingModel, PersonalField, load_operating_model
from sfcc_cin7.values.problems import ConfigurationError

SITE: dict[str, Any] = {
    "id": "shop",
    "currency": "USD",
    "taxation": "net",
    "country": "US",
    "customer": "Shop Web",
    "location": "Reno DC",
    "tax_rules": [{"country": "US", "rate": 0.0825, "rule": "TX 8.25%"}],
    "charges": {
        "shipping": "Shipping",
        "surcharge": "Surcharge",
        "gift_certificate": "Gift Certificate",
        "rounding": "Rounding",
    },
}


def loaded(folder: Path, base_currency: str = "USD", **changes: Any) -> OperatingModel:
    path = folder / "model.yaml"
    content = {"brand": "brand", "base_currency": base_currency, "sites": [SITE | changes]}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_operating_model(path)


def complaint(folder: Path, **changes: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, **changes)
    return str(caught.value)


def test_what_nobody_decided_is_as_it_always_was(tmp_path: Path) -> None:
    [site] = loaded(tmp_path).sites

    assert (site.bundles, site.option_booking, site.several_shipments) == (
        "parent",
        "charge",
        "one-sale",
    )
    assert site.personal_data.send == set(get_args(PersonalField))
    assert site.currency_rate == 1
    assert site.currency_rates is None


def test_the_gate_asks_for_the_base_books_of_a_site_unless_the_merchant_names_others(
    tmp_path: Path,
) -> None:
    unpriced = loaded(tmp_path)
    usual = {"tier": 1, "currency": "USD", "sites": ["shop"], "prices": "net"}
    dates = {"from": "2026-06-01T00:00:00Z", "until": "2026-07-01T00:00:00Z"}
    sale = usual | dates | {"id": "usd-sale", "kind": "sale"}
    content = {
        "brand": "brand",
        "base_currency": "USD",
        "sites": [SITE],
        "prices": {"books": [usual | {"id": "usd-list"}, sale]},
    }
    named = content | {"catalogue": {"gate": {"price_books": {"shop": ["usd-club"]}}}}

    assert unpriced.gate_books("shop") == []
    assert OperatingModel.model_validate(content).gate_books("shop") == ["usd-list"]
    assert OperatingModel.model_validate(named).gate_books("shop") == ["usd-club"]
    assert OperatingModel.model_validate(named).gate_books("another") == []


@pytest.mark.parametrize("content", [b"brand: [", b"brand: caf\xe9"], ids=repr)
def test_a_file_that_is_no_yaml_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"model.yaml is not valid YAML: ") as caught:
        load_operating_model(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "26-01-01"])
def test_a_first_day_that_is_in_no_calendar_is_refused(tmp_path: Path, day: str) -> None:
    path = tmp_path / "model.yaml"
    content = {"brand": "brand", "base_currency": "USD", "first_day": day, "sites": [SITE]}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"model.yaml: first_day: "):
        load_operating_model(path)


def test_a_rates_file_is_looked_for_beside_the_operating_model(tmp_path: Path) -> None:
    kept = {"file": "finance/rates.csv", "max_age_days": 5}
    [site] = loaded(tmp_path, base_currency="GBP", currency_rates=kept).sites

    assert site.currency_rates is not None
    assert site.currency_rates.file == tmp_path / "finance" / "rates.csv"


def test_a_rates_file_may_be_anywhere(tmp_path: Path) -> None:
    kept = {"file": "/srv/finance/rates.csv", "max_age_days": 5}
    [site] = loaded(tmp_path, base_currency="GBP", currency_rates=kept).sites

    assert site.currency_rates is not None
    assert site.currency_rates.file == Path("/srv/finance/rates.csv")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_currency": "GBP"}, "currency_rate or currency_rates is needed"),
        (
            {
                "base_currency": "GBP",
                "currency_rate": 0.74,
                "currency_rates": {"file": "rates.csv", "max_age_days": 5},
            },
            "only one of them may be given",
        ),
        ({"currency_rate": 0.74}, "USD is the base currency, so its rate is 1"),
        (
            {"currency_rates": {"file": "rates.csv", "max_age_days": 5}},
            "USD is the base currency, so its rate is 1",
        ),
        ({"base_currency": "GBP", "currency_rate": 0.741235}, "no more than 5 decimal places"),
        ({"tax_rules": SITE["tax_rules"] * 2}, "US has two rules for the rate 0.0825"),
        ({"personal_data": {"send": ["shoe-size"]}}, "personal_data.send"),
        ({"bundles": "both"}, "bundles"),
        ({"component_prices": {"TENT": -1}}, "component_prices.TENT"),
        ({"options": {"wrap:gift": ""}}, "options.wrap:gift"),
        ({"currencies": {"EUR": {"customer": "Shop EUR"}}}, "currency_rate or currency_rates"),
        ({"currencies": {"USD": {"customer": "Shop"}}}, "USD is the site's own"),
        ({"currencies": {"EUR": {}}}, "currencies.EUR.customer"),
    ],
)
def test_decisions_that_contradict_each_other_are_told(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert message in complaint(tmp_path, **changes)
