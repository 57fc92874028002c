"""Whether what a person has set up can be used: one proof for each thing, in one sentence each."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr, ValidationError
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from sfcc_cin7.conformance.contradictions import contradictions, unworkable
from sfcc_cin7.db.database import connect, database_url, unreachable
from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.merchant.currency_rates import load_currency_rates
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.profile import load_profile
from sfcc_cin7.preflight.customers import customer_problems
from sfcc_cin7.preflight.writers import writer_problems
from sfcc_cin7.runtime.settings import OPERATING_MODEL, require
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection, Lane
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.errors import ApiError, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7.values.problems import ConfigurationError

KEYS: tuple[tuple[Lane, str], ...] = (
    ("stock", "CIN7_APPLICATION_KEY"),
    ("orders", "CIN7_ORDERS_APPLICATION_KEY"),
)
"""A lane that uses each application key."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it can be used, and what was found or has to be mended."""

    what: str
    good: bool
    sentence: str


def findings() -> Iterator[Finding]:
    """Everything in turn; what needs a thing that cannot be used is not looked at.

    Raises:
        ConfigurationError: the environment is incomplete.
    """
    values = require()
    model = _find("operating model", lambda: _operating_model(values))
    yield model
    if model.good:
        yield from _profile(values)
    database = _find("database", _database)
    yield database
    if model.good:
        storefront = _find("Commerce Cloud", lambda: _storefront(values))
        yield storefront
        if storefront.good:
            yield _find("inventory writers", lambda: _writers(values))
    if not database.good:
        return
    keys = []
    for lane, variable in KEYS:
        if lane == "stock" or values[variable] != values["CIN7_APPLICATION_KEY"]:
            keys.append(_find(f"Cin7 Core ({variable})", partial(_erp, values, lane)))
            yield keys[-1]
    if model.good and all(key.good for key in keys):
        yield _find("customers in Cin7 Core", lambda: _customers(values))


def _find(what: str, prove: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, prove())
    except (ConfigurationError, ApiError) as error:
        return Finding(what, False, str(error))


def _operating_model(values: dict[str, str]) -> str:
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    for site in model.sites:
        if site.currency_rates is not None:
            load_currency_rates(site.currency_rates.file)
    sites = ", ".join(site.id for site in model.sites)
    return f"brand {model.brand}, sites {sites}"


def _profile(values: dict[str, str]) -> Iterator[Finding]:
    """Each decision that the profile contradicts, and each behaviour we cannot live with."""
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    if model.profile is None:
        return
    profile = load_profile(model.profile)
    problems = [*contradictions(model, profile), *unworkable(profile)]
    for sentence in problems:
        yield Finding("profile", False, sentence)
    if not problems:
        count = len(profile.behaviours)
        yield Finding("profile", True, f"{count} behaviours of a {profile.account} account agree")


def _database() -> str:
    engine = connect(database_url())
    try:
        if not inspect(engine).has_table("call_slots", schema=SCHEMA):
            raise ConfigurationError("The database has no tables yet: run `sfcc-cin7 migrate`.")
    except OperationalError as error:
        raise ConfigurationError(unreachable(engine.url, error)) from None
    return engine.url.render_as_string(hide_password=True)


def _storefront(values: dict[str, str]) -> str:
    """A token, and a page of one order from every site of the operating model."""
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    clock = SystemClock()
    with SfccClient(storefront_connection(values), clock) as client:
        for site in model.sites:
            client.orders(site.id, created_from=clock.now() - timedelta(days=1), limit=1)
        for stock_list in model.inventory_lists:
            client.inventory_list(stock_list.id)
    return (
        f"token accepted, orders of {len(model.sites)} sites and"
        f" {len(model.inventory_lists)} inventory lists can be read"
    )


def _writers(values: dict[str, str]) -> str:
    """Everything that the inventory lists' ways of writing need."""
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    with SfccClient(storefront_connection(values), SystemClock()) as client:
        problems = list(writer_problems(client, model, values["SFCC_TENANT_GROUP_ID"]))
    if problems:
        raise ConfigurationError(" ".join(problems))
    modes = Counter(stock_list.writer.mode for stock_list in model.inventory_lists)
    return ", ".join(f"{count} lists by {mode}" for mode, count in modes.items()) or "no lists"


def storefront_connection(values: dict[str, str]) -> SfccConnection:
    try:
        return SfccConnection(
            api_url=values["SFCC_API_URL"],
            instance_url=values["SFCC_INSTANCE_URL"],
            account_manager_url=values["SFCC_ACCOUNT_MANAGER_URL"],
            organization_id=values["SFCC_ORGANIZATION_ID"],
            client_id=values["SFCC_CLIENT_ID"],
            client_secret=SecretStr(values["SFCC_CLIENT_SECRET"]),
            tenant_group_id=values["SFCC_TENANT_GROUP_ID"],
        )
    except ValidationError:
        raise ConfigurationError(
            "SFCC_ORGANIZATION_ID is not an organization id: it looks like f_ecom_abcd_prd."
        ) from None


def _erp(values: dict[str, str], lane: Lane) -> str:
    """GET /me, through the call budget that everything else shares."""
    with _erp_client(values, lane) as client:
        try:
            company = client.me()
        except Refused as error:
            if error.status in (401, 403):
                raise ConfigurationError(
                    "Cin7 Core does not accept the account id and the application key: check"
                    f" CIN7_ACCOUNT_ID and {dict(KEYS)[lane]}."
                ) from None
            raise
    return f"company {company.company}"


def _customers(values: dict[str, str]) -> str:
    """Every site's customer, and what new cards of shoppers name."""
    model = load_operating_model(Path(values[OPERATING_MODEL]))
    with _erp_client(values, "stock") as client:
        problems = list(customer_problems(client, model))
    if problems:
        raise ConfigurationError(" ".join(problems))
    with_cards = sum(site.shopper_cards is not None for site in model.sites)
    return f"{len(model.sites)} sites have theirs, {with_cards} give shoppers cards of their own"


def _erp_client(values: dict[str, str], lane: Lane) -> Cin7Client:
    connection = Cin7Connection(
        url=values["CIN7_URL"],
        account_id=values["CIN7_ACCOUNT_ID"],
        application_key=SecretStr(values["CIN7_APPLICATION_KEY"]),
        orders_application_key=SecretStr(values["CIN7_ORDERS_APPLICATION_KEY"]),
    )
    clock = SystemClock()
    return Cin7Client(connection, Governor(connect(database_url()), clock), lane, clock)
