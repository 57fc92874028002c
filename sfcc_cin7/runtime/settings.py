"""The environment: addresses, secrets and where things live. Decisions are in the operating model.

A variable is the prefix of its settings and the name of a field, in capitals; an empty one counts
as not set. Commands and Dagster's resources read them here when they open what is named, so Dagster
keeps and shows none of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, SecretStr, ValidationError, ValidationInfo
from pydantic_settings import SettingsConfigDict

from sfcc_cin7.runtime.places import OURS, Settings, project
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.problems import ConfigurationError

UI_PORT = "SFCC_CIN7_PORT"
SANDBOX_PORT = "SFCC_CIN7_SANDBOX_PORT"
HOOKS_PORT = "SFCC_CIN7_HOOKS_PORT"
WATCH_PORT = "SFCC_CIN7_WATCH_PORT"
HOOKS_URL = "SFCC_CIN7_HOOKS_URL"
HOOKS_SECRET = "SFCC_CIN7_HOOKS_SECRET"  # noqa: S105 - the name of it
AGENT_TOKEN = "SFCC_CIN7_AGENT_TOKEN"  # noqa: S105 - the name of it
LINKS_SECRET = "SFCC_CIN7_LINKS_SECRET"  # noqa: S105 - the name of it
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


class NotSet(ConfigurationError):
    """Variables that are needed have no value; the message says where that of the first is found.

    `names` are all of them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        first = next(
            (variable for variable in REQUIRED if variable.name == names[0]),
            Variable(names[0], "of the staging instance", "as production's of that name"),
        )
        more = f" Also missing: {', '.join(names[1:])}." if names[1:] else ""
        super().__init__(f"{first.name} is not set: it is {first.meaning} ({first.where}).{more}")


class MerchantSettings(Settings):
    """Where the merchant's decisions are."""

    model_config = SettingsConfigDict(env_prefix=OURS)

    operating_model: Path


class SfccSettings(SfccConnection, Settings):
    """The storefront, and who asks it."""

    model_config = SettingsConfigDict(env_prefix="SFCC_")


class StagingSettings(SfccConnection, Settings):
    """The staging instance, where price books are told in the same pass as production's."""

    model_config = SettingsConfigDict(env_prefix="SFCC_STAGING_")


class Cin7Settings(Cin7Connection, Settings):
    """The ERP, and who asks it."""

    model_config = SettingsConfigDict(env_prefix="CIN7_")

    url: str = "https://inventory.dearsystems.com/ExternalApi/v2"


def _port(text: object, field: ValidationInfo) -> int:
    if not str(text).isdecimal() or not 0 < int(str(text)) < 65536:
        name = f"{OURS}{field.field_name}".upper()
        raise ConfigurationError(f"{name} is {text!r}: give a port number from 1 to 65535.")
    return int(str(text))


Port = Annotated[int, BeforeValidator(_port)]


class Ports(Settings):
    """Where the Dagster UI, the sandbox, the receiver of webhooks and the watcher listen.

    Reading them raises ConfigurationError if one is not a port number.
    """

    model_config = SettingsConfigDict(env_prefix=OURS)

    port: Port = 3000
    sandbox_port: Port = 8800
    hooks_port: Port = 8801
    watch_port: Port = 8802
    agent_port: Port = 8803


class HookSettings(Settings):
    """The receiver of webhooks; both are empty where there is none."""

    model_config = SettingsConfigDict(env_prefix="SFCC_CIN7_HOOKS_")

    url: str = ""
    secret: SecretStr = SecretStr("")


class AgentSettings(Settings):
    """What an agent over HTTP has to know; empty where none is served so."""

    model_config = SettingsConfigDict(env_prefix="SFCC_CIN7_AGENT_")

    token: SecretStr = SecretStr("")


class LinkSettings(Settings):
    """What signs the links of alerts; empty where letters have none."""

    model_config = SettingsConfigDict(env_prefix="SFCC_CIN7_LINKS_")

    secret: SecretStr = SecretStr("")


S = TypeVar("S", bound=Settings)


def read(settings: type[S], file: Path | None = None) -> S:
    """Settings as the environment, or below it a file of variables, gives them.

    Raises:
        NotSet: a variable is missing.
        ConfigurationError: the organization id is none.
    """
    try:
        return settings(_env_file=file)
    except ValidationError as error:
        prefix = settings.model_config["env_prefix"]
        found = error.errors(include_input=False)
        missing = [
            f"{prefix}{each['loc'][0]}".upper() for each in found if each["type"] == "missing"
        ]
        if missing:
            raise NotSet(missing) from None
        raise ConfigurationError(
            "SFCC_ORGANIZATION_ID is not an organization id: it looks like f_ecom_abcd_prd."
        ) from None


def read_if_named(settings: type[S], file: Path | None = None) -> S | None:
    """Settings as `read` gives them; None where no variable that they need is set."""
    try:
        return read(settings, file)
    except NotSet as error:
        needed = [field for field in settings.model_fields.values() if field.is_required()]
        if len(error.names) == len(needed):
            return None
        raise


def operating_model() -> Path:
    """The merchant's operating model: the file that the environment names, else the project's
    config/merchant.yaml, else its config/sandbox.yaml, which is that of the demo.

    Raises:
        NotSet: none is named, and there is none of these.
    """
    if (named := read_if_named(MerchantSettings)) is not None:
        return named.operating_model
    for usual in ("merchant.yaml", "sandbox.yaml"):
        if (path := project() / "config" / usual).is_file():
            return path
    raise NotSet([OPERATING_MODEL])


def require() -> None:
    """Returns if every variable is set that both systems need to be reached.

    Raises:
        NotSet: one is missing; all are named.
    """
    missing: list[str] = []
    for settings in (MerchantSettings, SfccSettings, Cin7Settings):
        try:
            read(settings)
        except NotSet as error:
            missing += error.names
        except ConfigurationError:
            continue  # it has a value: what is wrong with it is told where it is used
    if missing:
        raise NotSet(missing)


def variables(sfcc: SfccConnection, cin7: Cin7Connection) -> dict[str, str]:
    """Both systems as environment variables, complete: none is left to what a shell has set."""
    named = {f"SFCC_{name}".upper(): value for name, value in sfcc}
    named |= {f"CIN7_{name}".upper(): value for name, value in cin7}
    named["CIN7_ORDERS_APPLICATION_KEY"] = cin7.key("orders")
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in named.items()
    }


@dataclass(frozen=True)
class Hooks:
    """Where our receiver is reached, and the secret that Cin7 sends along or that signs links."""

    url: str
    secret: SecretStr


def hooks() -> Hooks | None:
    """The receiver of webhooks as the environment names it; None where there is none.

    Raises:
        ConfigurationError: only one of both variables is set, or the secret is short.
    """
    given = HookSettings()
    secret = given.secret.get_secret_value()
    if not given.url and not secret:
        return None
    if not given.url or not secret:
        missing = HOOKS_SECRET if given.url else HOOKS_URL
        raise ConfigurationError(
            f"{missing} is not set: webhooks need {HOOKS_URL}, the address under which Cin7 reaches"
            f" `sfcc-cin7 hooks serve`, and {HOOKS_SECRET}, a random text of your own."
        )
    _require_strong(HOOKS_SECRET, secret)
    return Hooks(given.url, given.secret)


def links() -> Hooks | None:
    """The public address that alerts are taken on at, and the secret that signs the links there;
    None where letters have no links. The receiver answers at that address.

    Raises:
        ConfigurationError: the secret is short, or there is no receiver; as `hooks`.
    """
    secret, receiver = LinkSettings().secret, hooks()
    if not secret.get_secret_value():
        return None
    if receiver is None:
        raise ConfigurationError(
            f"{LINKS_SECRET} needs {HOOKS_URL} and {HOOKS_SECRET}: the receiver behind that address"
            " answers the links of alerts."
        )
    _require_strong(LINKS_SECRET, secret.get_secret_value())
    return Hooks(receiver.url, secret)


def agent_token() -> str:
    """What an agent that is served over HTTP has to know. Raises ConfigurationError."""
    token = AgentSettings().token.get_secret_value()
    if not token:
        raise ConfigurationError(f"{AGENT_TOKEN} is not set: see docs/agent.md.")
    _require_strong(AGENT_TOKEN, token)
    return token


def _require_strong(name: str, secret: str) -> None:
    if len(secret) < SHORTEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ConfigurationError(
            f"{name} is too easy to guess: give {SHORTEST_SECRET} random letters and digits or"
            " more."
        )
