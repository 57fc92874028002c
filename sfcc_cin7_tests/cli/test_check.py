"""`sfcc-cin7 check` says what to mend, in one sentence each, and never shows a secret."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from sfcc_cin7.runtime.settings import REQUIRED
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.project import SANDBOX_MODEL

Environment = dict[str, str]
LISTED, RECORD = "/inventory_lists/*", "/inventory_lists/*/product_inventory_records/*"
WRITES = {LISTED: ("get",), RECORD: ("get", "put", "patch")}
SCOPES = ("sfcc.orders.rw", "sfcc.products")


def problem(result: Result) -> str:
    """The one line that tells what is wrong."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    told = ("failed", "Error:")
    [line] = [line for line in result.output.splitlines() if line.startswith(told)]
    return line


def test_says_what_it_looked_at_when_all_is_well(
    command: Command, environment: Environment
) -> None:
    result = command("check", environment)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "ok      operating model",
        "ok      database",
        "ok      Commerce Cloud",
        "ok      inventory lists",
        "ok      inventory writers",
        "ok      Cin7 Core (CIN7_APPLICATION_KEY)",
        "ok      Cin7 Core (CIN7_ORDERS_APPLICATION_KEY)",
        "ok      call limit of Cin7 Core",
        "ok      locations in Cin7 Core",
        "ok      customers in Cin7 Core",
    ]
    assert "orders of 3 sites and 3 inventory lists" in result.output


def test_a_mistyped_location_is_asked_about_before_anything_starts(
    command: Command, environment: Environment, tmp_path: Path
) -> None:
    model = tmp_path / "merchant.yaml"
    model.write_text(SANDBOX_MODEL.read_text().replace("London DC", "london dc"))

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    assert result.exit_code != 0
    assert "no location 'london dc'; did you mean 'London DC'" in result.output


@pytest.mark.parametrize(
    ("scope", "told"),
    [("account", "for both application keys together"), ("key", "for each application key")],
)
def test_what_the_second_cin7_application_is_worth_is_said(
    command: Command, environment: Environment, tmp_path: Path, scope: str, told: str
) -> None:
    model = tmp_path / "merchant.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + f"\ncalls: {{limit_scope: {scope}}}\n")

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    assert f"ok      call limit of Cin7 Core: holds {told}" in result.output


def test_a_merchant_with_one_cin7_application_is_asked_for_no_second(
    command: Command, environment: Environment
) -> None:
    del environment["CIN7_ORDERS_APPLICATION_KEY"]

    result = command("check", environment)

    assert result.exit_code == 0, result.output
    assert "CIN7_ORDERS_APPLICATION_KEY" not in result.output
    assert "call limit" not in result.output


@pytest.mark.parametrize("name", [variable.name for variable in REQUIRED])
def test_a_missing_variable_is_named_with_where_to_find_its_value(
    command: Command, environment: Environment, name: str
) -> None:
    result = command("check", environment | {name: ""})

    assert f"{name} is not set" in problem(result)


def test_an_unknown_key_in_the_operating_model_is_named(
    command: Command, environment: Environment, tmp_path: Path
) -> None:
    model = tmp_path / "merchant.yaml"
    known = (SANDBOX_MODEL).read_text()
    model.write_text(known + "\ncolour: blue\n")

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    assert "colour" in problem(result)
    assert str(model) in problem(result)


def test_an_operating_model_that_is_not_there_is_named(
    command: Command, environment: Environment
) -> None:
    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": "nowhere.yaml"})

    assert "nowhere.yaml" in problem(result)
    assert "Commerce Cloud" not in result.output


@pytest.mark.parametrize("name", ["check", "migrate"])
def test_a_database_that_does_not_answer_is_named_without_its_password(
    command: Command, environment: Environment, name: str
) -> None:
    url = "postgresql://merchant:hunter2@127.0.0.1:1/books"

    result = command(name, environment | {"SFCC_CIN7_DATABASE_URL": url})

    assert "127.0.0.1:1/books" in problem(result)
    assert "SFCC_CIN7_DATABASE_URL" in problem(result)
    assert "hunter2" not in result.output


def test_a_database_of_another_kind_is_refused(command: Command, environment: Environment) -> None:
    result = command("check", environment | {"SFCC_CIN7_DATABASE_URL": "mysql://localhost/books"})

    assert "only PostgreSQL is supported" in problem(result)


def test_wrong_storefront_credentials_name_the_pair_to_check(
    command: Command, environment: Environment
) -> None:
    result = command("check", environment | {"SFCC_CLIENT_SECRET": "not-the-password"})

    assert "does not accept the SFCC client id and secret" in problem(result)
    assert "not-the-password" not in result.output


@pytest.mark.parametrize("name", ["CIN7_APPLICATION_KEY", "CIN7_ORDERS_APPLICATION_KEY"])
def test_a_wrong_cin7_key_is_named(command: Command, environment: Environment, name: str) -> None:
    result = command("check", environment | {name: "not-the-key"})

    assert f"check CIN7_ACCOUNT_ID and {name}" in problem(result)
    assert "not-the-key" not in result.output


CARDS = """    location: London DC
    shopper_cards:
      payment_term: Paid online
      account_receivable: "610"
      revenue_account: "200"
      tax_rule: 20% (VAT on Income)
      price_tier: UK Retail
"""


@pytest.mark.parametrize(
    ("setting", "wrong", "sentence"),
    [
        ("Paid online", "Next year", "no active payment term 'Next year'"),
        ('"610"', '"200"', "'200' is no accounts receivable account"),
        ('"200"', '"1200"', "'1200' is no revenue account"),
        ("tax_rule: 20% (VAT on Income)", "tax_rule: VAT", "no active sale tax rule 'VAT'"),
        ("price_tier: UK Retail", "price_tier: VIP", "no price tier 'VIP'"),
        ("customer: Alpenglow UK Web", "customer: Nobody", "no customer 'Nobody'"),
        ("customer: Alpenglow UK Web", "customer: Alpenglow US Web", "has currency USD"),
        ("brand:", "brand:", None),
    ],
)
def test_what_the_erp_lacks_for_customers_is_told_before_the_first_order(
    command: Command,
    environment: Environment,
    tmp_path: Path,
    setting: str,
    wrong: str,
    sentence: str | None,
) -> None:
    model = tmp_path / "merchant.yaml"
    known = (SANDBOX_MODEL).read_text()
    known = known.replace("    location: London DC\n", CARDS)
    assert setting in known
    model.write_text(known.replace(setting, wrong, 1))

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    if sentence is None:
        assert "1 give shoppers cards of their own" in result.output
    else:
        assert sentence in problem(result)
        assert "alpenglow-uk" in problem(result)


def test_a_site_that_the_storefront_does_not_have_is_a_sentence(
    command: Command, environment: Environment, tmp_path: Path
) -> None:
    model = tmp_path / "merchant.yaml"
    known = (SANDBOX_MODEL).read_text()
    model.write_text(known.replace("alpenglow-uk", "alpenglow-mars"))

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    assert "Commerce Cloud" in problem(result)


def test_an_organization_id_of_another_form_is_explained(
    command: Command, environment: Environment
) -> None:
    result = command("check", environment | {"SFCC_ORGANIZATION_ID": "Alpenglow Ltd"})

    assert "f_ecom_abcd_prd" in problem(result)


LISTS = "inventory_lists:\n  - {id: inventory-uk, "
FEED = "writer: {feed: {job: import-inventory, folder: stock}}, "
OCI = "writer: {mode: oci}, "


@pytest.mark.parametrize(
    ("settings", "writer", "sentence"),
    [
        ({}, FEED, None),
        ({}, FEED.replace("import-inventory", "nightly"), "There is no job nightly"),
        ({"webdav_permissions": ()}, FEED, "WebDAV Client Permissions"),
        ({"data_rights": {}}, "", "Commerce Cloud"),
        ({"data_rights": {LISTED: ("get",)}}, "", "grant get, put and patch"),
        ({"data_rights": {LISTED: ("get",), RECORD: ("get",)}}, "", "grant put and patch"),
        ({"data_rights": WRITES}, FEED, "grant post on /jobs/*/executions"),
        ({"inventory_mode": "oci"}, "", "set `writer: {mode: oci}`"),
        ({"inventory_mode": "oci"}, OCI, None),
        ({}, OCI, "External Reference"),
        ({"inventory_mode": "oci", "allowed_scopes": SCOPES}, OCI, "sfcc.inventory.availability"),
    ],
)
def test_what_a_way_of_writing_stock_lacks_is_told_before_the_first_figure(
    command: Command,
    environment: Environment,
    tmp_path: Path,
    settings: dict[str, Any],
    writer: str,
    sentence: str | None,
) -> None:
    known = (SANDBOX_MODEL).read_text()
    others = known.index("  - {id: inventory-us")
    end = known.index("\n\nowners:")
    only_uk = (known[:others] + known[end:]).replace(LISTS, LISTS + writer)
    model = tmp_path / "merchant.yaml"
    model.write_text(only_uk)
    with running_sandbox(skus=150, sfcc=SfccSettings(**settings)) as running:
        result = command(
            "check",
            environment
            | {"SFCC_CIN7_OPERATING_MODEL": str(model)}
            | {"SFCC_TENANT_GROUP_ID": "zzal_001_group"}
            | {"SFCC_API_URL": running.url, "SFCC_INSTANCE_URL": running.url}
            | {"SFCC_ACCOUNT_MANAGER_URL": running.url},
        )

    if sentence is None:
        assert result.exit_code == 0, result.output
    else:
        assert sentence in problem(result)
    assert "sandbox-secret" not in result.output


def test_omnichannel_inventory_without_its_tenant_group_is_named(
    command: Command, environment: Environment, tmp_path: Path
) -> None:
    known = (SANDBOX_MODEL).read_text()
    model = tmp_path / "merchant.yaml"
    model.write_text(known.replace(LISTS, LISTS + OCI))

    result = command("check", environment | {"SFCC_CIN7_OPERATING_MODEL": str(model)})

    assert "SFCC_TENANT_GROUP_ID is not set" in problem(result)


def test_migrating_twice_is_as_good_as_once(command: Command, environment: Environment) -> None:
    for _ in range(2):
        result = command("migrate", environment)
        assert result.exit_code == 0, result.output
        assert result.output.startswith("Up to date")
