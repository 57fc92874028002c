"""A profile decides what the merchant left open, and contradicts what the merchant got wrong."""

from pathlib import Path

import pytest
import yaml

from sfcc_cin7.conformance.against_model import contradictions, unworkable
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.profile import (
    AVAILABILITY_AGE,
    LIMIT_SCOPE,
    LINE_TOTAL,
    LIST_LAG,
    PREPAYMENT,
    READY,
    TAX_HANDLING,
    Profile,
    load_profile,
)
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL


def profile_file(folder: Path, **behaviours: str) -> Path:
    """A profile in which `order_line_total="net"` stands for the behaviour of that id."""
    path = folder / "profile.yaml"
    seen = {
        name: {"value": value, "observed": "2026-11-24", "probe": name}
        for name, value in behaviours.items()
    }
    path.write_text(yaml.safe_dump({"account": "trial", "behaviours": seen}))
    return path


def model_file(folder: Path, profile: str = "profile.yaml", text: str | None = None) -> Path:
    path = folder / "merchant.yaml"
    path.write_text((text or SANDBOX_MODEL.read_text()) + f"\nprofile: {profile}\n")
    return path


CONTRARY = {
    LINE_TOTAL: "with-tax",
    PREPAYMENT: "before",
    READY: "never-set",
    LIST_LAG: "within-60-s",
    LIMIT_SCOPE: "key",
}


def test_a_profile_decides_what_is_left_out(tmp_path: Path) -> None:
    profile_file(tmp_path, **CONTRARY)
    model = load_operating_model(model_file(tmp_path))

    assert {site.line_total for site in model.sites} == {"with-tax"}
    assert {site.prepayment for site in model.sites} == {"before-authorisation"}
    assert {site.export_gate for site in model.sites} == {"not_exported"}
    assert model.stock.settle_seconds == 120
    assert model.calls.limit_scope == "key"
    assert model.calls.reserved == {"stock": 4, "changes": 4}
    assert contradictions(model, load_profile(tmp_path / "profile.yaml")) == []


def test_without_a_profile_the_defaults_are_what_is_believed() -> None:
    model = load_operating_model(SANDBOX_MODEL)

    assert {site.line_total for site in model.sites} == {"net"}
    assert model.calls.limit_scope == "account"
    assert model.profile is None


@pytest.mark.parametrize(
    ("seen", "written", "told"),
    [("account", "key", 1), ("key", "account", 0), ("key", "key", 0), ("unclear", "key", 0)],
)
def test_only_a_scope_that_is_too_narrow_contradicts_the_profile(
    tmp_path: Path, seen: str, written: str, told: int
) -> None:
    """A merchant may be more careful than the account asks."""
    profile = load_profile(profile_file(tmp_path, **{LIMIT_SCOPE: seen}))
    text = SANDBOX_MODEL.read_text() + f"\ncalls: {{limit_scope: {written}}}\n"
    model = load_operating_model(model_file(tmp_path, text=text))

    assert model.calls.limit_scope == written
    found = contradictions(model, profile)
    assert len(found) == told
    assert all("share one limit: it must be account" in sentence for sentence in found)


def test_what_the_merchant_wrote_down_is_kept_and_contradicted(tmp_path: Path) -> None:
    profile_file(tmp_path, **CONTRARY)
    text = SANDBOX_MODEL.read_text().replace(
        "    taxation: net\n", "    taxation: net\n    line_total: net\n"
    )
    model = load_operating_model(model_file(tmp_path, text=text + "\nstock: {settle_seconds: 30}"))

    assert [site.line_total for site in model.sites] == ["with-tax", "net", "with-tax"]
    assert contradictions(model, load_profile(tmp_path / "profile.yaml")) == [
        "site alpenglow-us: line_total is net, but the profile saw that it must be with-tax",
        "stock.settle_seconds is 30, but the profile saw that order lists lag: at least 120",
    ]


LISTS = {
    "cin7.stock-documents.purchases-since": "filters",
    "cin7.stock-documents.adjustments-order": "oldest-first",
    "cin7.stock-documents.transfers-order": "newest-first",
}


@pytest.mark.parametrize(
    ("seen", "followed"),
    [
        (LISTS, True),
        (LISTS | {"cin7.stock-documents.assemblies-order": "newest-first"}, False),
        (LISTS | {"cin7.stock-documents.purchases-since": "ignored"}, False),
        ({"cin7.stock-documents.purchases-since": "filters"}, False),
        ({}, False),
    ],
)
def test_documents_are_followed_where_every_list_was_seen_to_tell_of_them(
    tmp_path: Path, seen: dict[str, str], followed: bool
) -> None:
    """An account without transfers or assemblies has nothing to see there."""
    profile_file(tmp_path, **seen)
    assert load_operating_model(model_file(tmp_path)).stock.trail is followed


@pytest.mark.parametrize(
    ("seen", "age"), [("at-once", 0), ("within-60-s", 60), ("within-1200-s", 1200)]
)
def test_availability_is_as_old_as_it_was_seen_to_be(tmp_path: Path, seen: str, age: int) -> None:
    profile = load_profile(profile_file(tmp_path, **{AVAILABILITY_AGE: seen}))
    assert load_operating_model(model_file(tmp_path)).stock.availability_age == age
    young = load_operating_model(SANDBOX_MODEL)
    assert len(contradictions(young, profile)) == (1 if age else 0)


def test_following_lists_that_do_not_tell_contradicts_the_profile(tmp_path: Path) -> None:
    deaf = LISTS | {"cin7.stock-documents.purchases-since": "ignored"}
    profile = load_profile(profile_file(tmp_path, **deaf))
    text = SANDBOX_MODEL.read_text() + "\nstock: {trail: true}\n"
    [sentence] = contradictions(load_operating_model(model_file(tmp_path, text=text)), profile)
    assert "it must be off" in sentence


def test_an_account_that_takes_either_leaves_it_to_the_merchant(tmp_path: Path) -> None:
    profile = load_profile(profile_file(tmp_path, **{LINE_TOTAL: "either", PREPAYMENT: "either"}))

    assert profile.site_decisions() == {}


def test_a_time_of_payment_matters_only_where_payments_are_booked(tmp_path: Path) -> None:
    profile = load_profile(profile_file(tmp_path, **{PREPAYMENT: "before"}))
    model = load_operating_model(SANDBOX_MODEL)

    assert [text.split(":")[0] for text in contradictions(model, profile)] == ["site alpenglow-us"]


@pytest.mark.parametrize(("handling", "told"), [("as-sent", 0), ("recomputed", 5)])
def test_carriers_are_refused_where_the_account_computes_tax_from_the_rule(
    tmp_path: Path, handling: str, told: int
) -> None:
    profile = load_profile(profile_file(tmp_path, **{TAX_HANDLING: handling}))
    model = load_operating_model(PROJECT / "config" / "us-tax-service.yaml")

    found = contradictions(model, profile)

    assert len(found) == told
    assert all("is a carrier, but" in sentence for sentence in found)


def test_what_the_product_cannot_live_with_is_said_by_name(tmp_path: Path) -> None:
    path = profile_file(tmp_path, **{"cin7.sale-list.lag": "longer", LINE_TOTAL: "with-tax"})

    [sentence] = unworkable(load_profile(path))
    assert sentence.startswith("cin7.sale-list.lag is longer; it would take: A longer wait")


def test_values_that_yaml_reads_as_numbers_and_dates_are_text(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(
        "account: live\nbehaviours:\n"
        "  cin7.limit.calls: {value: 60, observed: 2026-11-24, probe: cin7.limit.calls}\n"
        "  cin7.me.lock-date: {value: 2025-12-31, observed: 2026-11-24, probe: cin7.me.lock-date}\n"
    )
    profile = load_profile(path)

    assert profile.value("cin7.limit.calls") == "60"
    assert profile.value("cin7.me.lock-date") == "2025-12-31"


def test_a_profile_survives_being_written_and_read(tmp_path: Path) -> None:
    profile = load_profile(profile_file(tmp_path, **CONTRARY))
    (tmp_path / "again.yaml").write_text(profile.as_yaml())

    assert load_profile(tmp_path / "again.yaml") == profile
    assert isinstance(profile, Profile)


@pytest.mark.parametrize(
    ("content", "told"),
    [("behaviours: [", "not valid YAML"), ("account: mine\nbehaviours: {}", "account")],
)
def test_a_file_that_is_no_profile_is_named(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "profile.yaml").write_text(content)

    with pytest.raises(ConfigurationError, match=told):
        load_operating_model(model_file(tmp_path))


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="conformance run"):
        load_operating_model(model_file(tmp_path, "nowhere.yaml"))
