"""The environment: addresses, secrets and where things live. Decisions are in the operating model.

Dagster reads the same variables through `EnvVar`, so that it shows their names, never their values.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from sfcc_cin7.values.problems import ConfigurationError

UI_PORT = "SFCC_CIN7_PORT"
SANDBOX_PORT = "SFCC_CIN7_SANDBOX_PORT"
HOOKS_PORT = "SFCC_CIN7_HOOKS_PORT"
HOOKS_URL = "SFCC_CIN7_HOOKS_URL"
HOOKS_SECRET = "SFCC_CIN7_HOOKS_SECRET"  # noqa: S105 - the name of it
SHORTEST_SECRET = 24
OPERATING_MODEL = "SFCC_CIN7_OPERATING_MODEL"
PAYOUTS = "SFCC_CIN7_PAYOUTS"
"""A folder, or an address, with a folder of settlement reports for each payment gateway."""

ACCOUNT_MANAGER = "Account Manager > API Client"
CIN7_API = "Cin7 Core > Integrations > Cin7 Core API"


@dataclass(frozen=True)
class Variable:
    """One environment variable: what it is for, and where its value is found."""

    name: str
    meaning: str
    where: str


REQUIRED = (
    Variable(OPERATING_MODEL, "the operating model", "a YAML file; config/sandbox.yaml shows one"),
    Variable(
        "SFCC_API_URL",
        "the Commerce API",
        "https://<short code>.api.commercecloud.salesforce.com; the code is in Business Manager >"
        " Administration > Site Development > Salesforce Commerce API Settings",
    ),
    Variable(
        "SFCC_INSTANCE_URL", "the instance, for OCAPI", "https://<host of your Business Manager>"
    ),
    Variable(
        "SFCC_ORGANIZATION_ID",
        "the organization",
        "Business Manager > Administration > Site Development > Salesforce Commerce API Settings",
    ),
    Variable("SFCC_CLIENT_ID", "the API client", ACCOUNT_MANAGER),
    Variable("SFCC_CLIENT_SECRET", "the API client's password", ACCOUNT_MANAGER),
    Variable("CIN7_ACCOUNT_ID", "the Cin7 Core account", CIN7_API),
    Variable("CIN7_APPLICATION_KEY", "the key of the API application", CIN7_API),
)
"""What has no sensible default."""

DEFAULTS = {
    "SFCC_ACCOUNT_MANAGER_URL": "https://account.demandware.com",
    "CIN7_URL": "https://inventory.dearsystems.com/ExternalApi/v2",
    "SFCC_TENANT_GROUP_ID": "",  # only Omnichannel Inventory has one
}


def require(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What both systems need to be reached, complete: given values, and defaults for the rest.

    Without a key of their own, orders share the one of everything else.

    Raises:
        ConfigurationError: a variable is missing; the message says where its value is found.
    """
    given = os.environ if environment is None else environment
    missing = [variable for variable in REQUIRED if not given.get(variable.name)]
    if missing:
        first, others = missing[0], [variable.name for variable in missing[1:]]
        more = f" Also missing: {', '.join(others)}." if others else ""
        raise ConfigurationError(
            f"{first.name} is not set: it is {first.meaning} ({first.where}).{more}"
        )
    values = {variable.name: given[variable.name] for variable in REQUIRED}
    values |= {name: given.get(name) or value for name, value in DEFAULTS.items()}
    orders_key = given.get("CIN7_ORDERS_APPLICATION_KEY") or values["CIN7_APPLICATION_KEY"]
    return values | {"CIN7_ORDERS_APPLICATION_KEY": orders_key}


@dataclass(frozen=True)
class Hooks:
    """Where Cin7 reaches our receiver, and the secret that it sends along."""

    url: str
    secret: SecretStr


def hooks(environment: Mapping[str, str] | None = None) -> Hooks | None:
    """The receiver of webhooks as the environment names it; None where there is none.

    Raises:
        ConfigurationError: only one of both variables is set, or the secret is short.
    """
    given = os.environ if environment is None else environment
    url, secret = given.get(HOOKS_URL, ""), given.get(HOOKS_SECRET, "")
    if not url and not secret:
        return None
    if not url or not secret:
        missing = HOOKS_SECRET if url else HOOKS_URL
        raise ConfigurationError(
            f"{missing} is not set: webhooks need {HOOKS_URL}, the address under which Cin7 reaches"
            f" `sfcc-cin7 hooks serve`, and {HOOKS_SECRET}, a random text of your own."
        )
    if len(secret) < SHORTEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ConfigurationError(
            f"{HOOKS_SECRET} is too easy to guess: give {SHORTEST_SECRET} random letters and digits"
            " or more."
        )
    return Hooks(url, SecretStr(secret))


def port(name: str, default: int) -> int:
    """A port number from the environment.

    Raises:
        ConfigurationError: it is not a port number.
    """
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"{name} is {text!r}: give a port number from 1 to 65535.")
    return int(text)
