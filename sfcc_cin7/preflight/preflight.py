"""Whether what a person has set up can be used: one proof for each thing, in one sentence each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from sfcc_cin7.conformance import contradictions, unworkable
from sfcc_cin7.db.brands import brand_of, schema_of
from sfcc_cin7.db.database import unreachable
from sfcc_cin7.merchant.currency_rates import load_currency_rates
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.profile import load_profile
from sfcc_cin7.preflight.customers import customer_problems
from sfcc_cin7.preflight.writers import writer_problems
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require
from sfcc_cin7.stock import Place, endless, list_disagreements, location_disagreements
from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.http.errors import ApiError, Refused
from sfcc_cin7.values.problems import ConfigurationError

KEYS: tuple[tuple[Purpose, str], ...] = (
    ("stock", "CIN7_APPLICATION_KEY"),
    ("orders", "CIN7_ORDERS_APPLICATION_KEY"),
)
"""A purpose that uses each application key."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it can be used, and what was found or has to be mended."""

    what: str
    good: bool
    sentence: str
    problems: tuple[str, ...] = ()
    """Each thing that has to be mended, by itself; empty where all is good."""


class Problems(ConfigurationError):
    """Several things that one proof found, a sentence each."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


def findings() -> Iterator[Finding]:
    """Everything in turn; what needs a thing that cannot be used is not looked at.

    Raises:
        ConfigurationError: the environment is incomplete.
    """
    require()
    with Deployment() as deployment:
        yield from findings_of(deployment)


def findings_of(deployment: Deployment, *, writers: bool = True) -> Iterator[Finding]:
    """The same of a deployment. Without `writers` no call is made that could write: what the rights
    to write are then stays open, because only a write that changes nothing shows them."""
    model = _find("operating model", partial(_operating_model, deployment))
    yield model
    if model.good:
        yield from _profile(deployment.model)
    database = _find("database", partial(_database, deployment))
    yield database
    if model.good:
        storefront = _find("Commerce Cloud", partial(_storefront, deployment))
        yield storefront
        if storefront.good:
            yield _find("inventory lists", partial(_lists, deployment))
            if writers:
                yield _find("inventory writers", partial(_writers, deployment))
    if not database.good:
        return
    keys = []
    for purpose, variable in KEYS:
        if purpose == "stock" or deployment.cin7.two_keys:
            keys.append(_find(f"Cin7 Core ({variable})", partial(_erp, deployment, purpose)))
            yield keys[-1]
    if model.good and deployment.cin7.two_keys:
        yield _call_limit(deployment.model)
    if model.good and keys[0].good:
        yield _find("locations in Cin7 Core", partial(_locations, deployment))
    if model.good and all(key.good for key in keys):
        yield _find("customers in Cin7 Core", partial(_customers, deployment))


def _find(what: str, prove: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, prove())
    except Problems as error:
        return Finding(what, False, str(error), error.sentences)
    except (ConfigurationError, ApiError) as error:
        return Finding(what, False, str(error), (str(error),))


def _operating_model(deployment: Deployment) -> str:
    model = deployment.model
    for site in (each for every in model.sites for each in every.in_each_currency):
        if site.currency_rates is not None:
            load_currency_rates(site.currency_rates.file)
    sites = ", ".join(site.id for site in model.sites)
    return f"brand {model.brand}, sites {sites}"


def _profile(model: OperatingModel) -> Iterator[Finding]:
    """Each decision that the profile contradicts, and each behaviour we cannot live with."""
    if model.profile is None:
        return
    profile = load_profile(model.profile)
    problems = [*contradictions(model, profile), *unworkable(profile)]
    for sentence in problems:
        yield Finding("profile", False, sentence, (sentence,))
    if not problems:
        count = len(profile.behaviours)
        yield Finding("profile", True, f"{count} behaviours of a {profile.account} account agree")


def _database(deployment: Deployment) -> str:
    engine = deployment.engine
    try:
        if not inspect(engine).has_table("orders", schema=schema_of(brand_of(engine))):
            raise ConfigurationError("The database has no tables yet: run `sfcc-cin7 migrate`.")
    except OperationalError as error:
        raise ConfigurationError(unreachable(engine.url, error)) from None
    return engine.url.render_as_string(hide_password=True)


def _storefront(deployment: Deployment) -> str:
    """A token, and a page of one order from every site of the operating model."""
    model, client = deployment.model, deployment.storefront
    yesterday = deployment.clock.now() - timedelta(days=1)
    for site in model.sites:
        client.orders(site.id, created_from=yesterday, limit=1)
    for stock_list in model.inventory_lists:
        client.inventory_list(stock_list.id)
    return (
        f"token accepted, orders of {len(model.sites)} sites and"
        f" {len(model.inventory_lists)} inventory lists can be read"
    )


def _lists(deployment: Deployment) -> str:
    """Sites and flags of every list, as Business Manager has them."""
    problems = []
    for policy in deployment.model.inventory_lists:
        described = deployment.storefront.inventory_list(policy.id)
        problems += [*list_disagreements(policy, described)]
        problems += [sentence for sentence in [endless(described)] if sentence]
    if problems:
        raise Problems(problems)
    return "their sites and flags are those of the operating model"


def _locations(deployment: Deployment) -> str:
    """Every location that a site or a list names, to the letter."""
    model = deployment.model
    places = [
        Place(place.id, place.name, place.name)
        for place in deployment.erp("stock").locations()
        if place.parent_id is None and not place.deprecated
    ]
    problems = [
        sentence
        for policy in model.inventory_lists
        for sentence in location_disagreements(policy, places)
    ]
    names = {place.name for place in places}
    problems += [
        f"site {site.id}: the ERP has no location {site.location!r}."
        for site in model.sites
        if site.location not in names
    ]
    if problems:
        raise Problems(problems)
    return f"{len(places)}, and all that the operating model names are among them"


def _writers(deployment: Deployment) -> str:
    """Everything that the inventory lists' ways of writing need."""
    model, tenant_group = deployment.model, deployment.sfcc.tenant_group_id
    problems = list(writer_problems(deployment.storefront, model, tenant_group))
    if problems:
        raise Problems(problems)
    modes = Counter(stock_list.writer.mode for stock_list in model.inventory_lists)
    return ", ".join(f"{count} lists by {mode}" for mode, count in modes.items()) or "no lists"


def _erp(deployment: Deployment, purpose: Purpose) -> str:
    """GET /me, through the call budget that everything else shares."""
    try:
        company = deployment.erp(purpose).me()
    except Refused as error:
        if error.status in (401, 403):
            raise ConfigurationError(
                "Cin7 Core does not accept the account id and the application key: check"
                f" CIN7_ACCOUNT_ID and {dict(KEYS)[purpose]}."
            ) from None
        raise
    return f"company {company.company}"


def _call_limit(model: OperatingModel) -> Finding:
    """What two keys are worth to orders."""
    worth = {
        "key": "holds for each application key: orders have 60 calls a minute of their own",
        "account": (
            "holds for both application keys together, so that the second one gives orders nothing,"
            " unless calls.limit_scope or a profile says that it holds for each"
        ),
    }
    return Finding("call limit of Cin7 Core", True, worth[model.calls.limit_scope])


def _customers(deployment: Deployment) -> str:
    """Every site's customer, and what new cards of shoppers name."""
    model = deployment.model
    problems = list(customer_problems(deployment.erp("stock"), model))
    if problems:
        raise Problems(problems)
    with_cards = sum(site.shopper_cards is not None for site in model.sites)
    return f"{len(model.sites)} sites have theirs, {with_cards} give shoppers cards of their own"
