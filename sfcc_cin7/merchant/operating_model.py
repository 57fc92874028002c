"""The merchant's decisions, typed, read from one YAML file.

Secrets and addresses are not decisions: they come from the environment (see `settings`).
"""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import AwareDatetime, Field, ValidationError, model_validator

from sfcc_cin7.merchant.alerts import AlertsPolicy
from sfcc_cin7.merchant.catalogue import CataloguePolicy
from sfcc_cin7.merchant.consolidation import ConsolidationPolicy as ConsolidationPolicy
from sfcc_cin7.merchant.consolidation import NeutralAddress as NeutralAddress
from sfcc_cin7.merchant.currencies import CurrencyPolicy, one_rate
from sfcc_cin7.merchant.currencies import CurrencyRatesPolicy as CurrencyRatesPolicy
from sfcc_cin7.merchant.customers import ShopperCards as ShopperCards
from sfcc_cin7.merchant.fulfilment import FulfilmentPolicy, ShipmentsPolicy
from sfcc_cin7.merchant.ledger import LedgerPolicy
from sfcc_cin7.merchant.links import LinksPolicy
from sfcc_cin7.merchant.listed_sites import refuse_what_cannot_be_right
from sfcc_cin7.merchant.operations import OperationsPolicy, ReportPolicy
from sfcc_cin7.merchant.policy import Day, Name, Policy, TimeZone
from sfcc_cin7.merchant.prices import PricesPolicy
from sfcc_cin7.merchant.profile import load_profile, with_profile
from sfcc_cin7.merchant.stock import InventoryListPolicy, StockPolicy
from sfcc_cin7.merchant.tax_rules import Classes, checked
from sfcc_cin7.merchant.tax_rules import TaxMapping as TaxMapping
from sfcc_cin7.values.problems import ConfigurationError

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class ChargeNames(Policy):
    """Names of the Cin7 Service products that stand for what is not a product."""

    shipping: Name
    surcharge: Name
    gift_certificate: Name
    rounding: Name
    duties: Name | None = None
    """What the storefront states as tax of the freight and no tax rule holds: duties and import
    taxes, which are charged and are no tax of the sale. None: such orders wait in review."""


PersonalField = Literal[
    "name", "company", "email", "phone", "billing-address", "shipping-address", "gift-messages"
]


class PersonalDataPolicy(Policy):
    """Which of the shopper's personal data the ERP gets."""

    send: frozenset[PersonalField] = frozenset(get_args(PersonalField))
    """What is not sent is replaced by a reference to the storefront order; a country always goes,
    because tax depends on it."""


class SitePolicy(Policy):
    """One storefront and the ERP that stands behind it."""

    id: Annotated[str, Field(min_length=1, max_length=32)]
    name: str = ""
    """How people call it; empty: by its id."""
    currency: Currency
    taxation: Literal["net", "gross"]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    customer: Name
    """The Cin7 customer that web orders are booked to."""
    shopper_cards: ShopperCards | None = None
    """A card for each shopper instead; `customer` is left with those who have no account."""
    location: Name
    """The Cin7 location that fulfils them."""
    tax_rules: list[TaxMapping]
    goods_classes: Classes = {}
    """Classes of goods that tax rules tell apart, each a list of SKUs; `*` stands for anything."""
    charges: ChargeNames
    options: dict[str, Name] = {}
    """Product option (`optionId:optionValueId`, or its product id) to the Cin7 Service product, or
    to the SKU where options are booked as SKUs."""
    option_booking: Literal["charge", "sku", "parent"] = "charge"
    """A priced option is an additional charge, a line of its own SKU, or part of its product's."""
    bundles: Literal["parent", "components"] = "parent"
    """Whether a bundle is booked under its own SKU or under those of what is in it."""
    component_prices: dict[str, Annotated[Decimal, Field(ge=0)]] = {}
    """What one unit of a SKU is worth in a bundle. A bundle's money is shared out by it where every
    component has one, else each unit counts the same."""
    several_shipments: Literal["one-sale", "review"] = "one-sale"
    """Whether an order with several shipments is one sale with ship-to notes, or a person's."""
    personal_data: PersonalDataPolicy = PersonalDataPolicy()
    payment_accounts: dict[str, str] = {}
    """SFCC payment method to the Cin7 account that receives it; empty: none are recorded."""
    prepayment: Literal["before-authorisation", "after-authorisation"] = "after-authorisation"
    currency_rate: Annotated[Decimal, Field(gt=0, decimal_places=5)] = Decimal(1)
    """Units of the ERP's base currency for one unit of the site's currency (five places)."""
    currency_rates: CurrencyRatesPolicy | None = None
    """A file of dated rates instead of one constant."""
    currencies: dict[Currency, CurrencyPolicy] = {}
    """Currencies that the site sells in beside its own."""
    line_total: Literal["net", "with-tax"] = "net"
    """What this Cin7 account expects in the Total of a line."""
    export_gate: Literal["ready", "not_exported"] = "ready"
    """The export status at which an order may be taken."""
    hold_minutes: Annotated[int, Field(ge=0)] = 0
    """How long an order waits after capture for edits and cancellations."""
    live_from: AwareDatetime | None = None
    """Orders created before this instant belong to whatever integration was there before."""
    keep_shopper_sequence: bool = False
    """Whether a shopper's later order waits while an earlier one is still to be posted."""
    dispatch_promises: dict[str, Annotated[float, Field(gt=0)]] = {}
    """SFCC shipping method id to hours from placing until the goods must be on their way; orders
    near their promise are posted first."""
    fulfilment: FulfilmentPolicy = FulfilmentPolicy()
    """How shoppers are told of what has left."""
    report_status: bool = True
    """Whether the ERP's order number or the review reason is written to the external status."""
    consolidation: ConsolidationPolicy | None = None
    """How small orders are posted together; None: each order is a sale of its own."""

    @model_validator(mode="after")
    def _one_answer_to_each_question(self) -> "SitePolicy":
        one_rate(self)
        if self.currency in self.currencies:
            raise ValueError(f"currencies: {self.currency} is the site's own")
        for rules in (self.tax_rules, *(each.tax_rules for each in self.currencies.values())):
            checked(rules or (), self.goods_classes)
        return self

    def in_currency(self, currency: str) -> "SitePolicy":
        """The policy for orders in one of the site's currencies; itself for any other."""
        other = self.currencies.get(currency)
        if other is None:
            return self
        own = {name: getattr(other, name) for name in ("tax_rules", "payment_accounts")}
        cards = self.shopper_cards
        if cards is not None:
            shoppers = f"{cards.customer_list or self.id}:{currency}"
            tier = other.price_tier or cards.price_tier
            cards = cards.model_copy(update={"customer_list": shoppers, "price_tier": tier})
        return self.model_copy(
            update={
                **{name: value for name, value in own.items() if value is not None},
                "currency": currency,
                "customer": other.customer,
                "currency_rate": other.currency_rate,
                "currency_rates": other.currency_rates,
                "shopper_cards": cards,
                "currencies": {},
            }
        )

    @property
    def in_each_currency(self) -> list["SitePolicy"]:
        """The policy in the site's own currency, then in each other one."""
        return [self, *map(self.in_currency, self.currencies)]


class PostingPolicy(Policy):
    """The rhythm of the order lane."""

    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    lease_seconds: Annotated[float, Field(ge=100, le=900)] = 120.0
    """How long a worker may hold an order: longer than a call waits for its slot and its answer."""
    near_promise_minutes: Annotated[float, Field(ge=0)] = 60.0
    """From when on before its promise an order is posted before others."""
    most_attempts: Annotated[int, Field(ge=3)] = 12
    """Attempts that an unavailable system may cost an order before a person has to look."""
    changes_seconds: Annotated[float, Field(gt=0)] = 15.0
    """How often posted orders are looked at for cancellations and edits."""
    workers: Annotated[int, Field(ge=1, le=16)] = 4
    """Orders that a run posts at the same time, so that an ERP that answers slowly does not keep it
    below the call budget."""
    stalled_after_seconds: Annotated[float, Field(gt=0)] = 120.0
    """An order that should have been posted and is older than this is a failing check."""


class CallPolicy(Policy):
    """How the ERP's call budget is shared, beyond the order of the lanes."""

    reserved: dict[
        Literal["stock-now", "stock", "stock-up", "changes"], Annotated[int, Field(ge=0, le=20)]
    ] = {"stock": 4, "changes": 4}
    """Of 60 calls a minute, those that a lane has to itself where orders share its budget: while a
    backlog of orders uses up the rest, stock is read at that pace, and what people changed in the
    ERP. A lane that is not named has none."""
    limit_scope: Literal["key", "account"] = "account"
    """Whether Cin7 counts the calls of each application key, or of all keys together."""


class PrivacyPolicy(Policy):
    """What is kept of shoppers, and for how long."""

    keep_documents_days: Annotated[int, Field(ge=1)] | None = None
    """Days after an order is settled until names, addresses and the like leave its stored document,
    and after the bank booked a line until who paid and what for leave it; without a number they
    stay."""


class ReviewPolicy(Policy):
    """When the inbox of what needs a person is a warning, and when it is an alarm."""

    warn_hours: Annotated[float, Field(gt=0)] = 4.0
    """Age of the oldest item."""
    alarm_hours: Annotated[float, Field(gt=0)] = 24.0
    warn_money: Annotated[Decimal, Field(gt=0)] = Decimal(1_000)
    """Money at risk altogether, in the base currency."""
    alarm_money: Annotated[Decimal, Field(gt=0)] = Decimal(10_000)

    @model_validator(mode="after")
    def _an_alarm_follows_a_warning(self) -> "ReviewPolicy":
        if self.alarm_hours < self.warn_hours or self.alarm_money < self.warn_money:
            raise ValueError("an alarm cannot come before its warning")
        return self


class Owners(Policy):
    """Who is asked first."""

    orders: Name = "team:order-desk"
    stock: Name = "team:supply"
    fulfilment: Name = "team:warehouse"
    catalogue: Name = "team:merchandising"
    finance: Name = "team:finance"


class OperatingModel(Policy):
    """Everything the merchant decided."""

    brand: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
    base_currency: Currency
    first_day: Day = "2026-01-01"
    """The first day of the order and ledger partitions."""
    time_zone: TimeZone = "UTC"
    """The zone in which instants are shown to people, as `Europe/London`; days of partitions, and
    whatever is stored, are UTC."""
    sites: Annotated[list[SitePolicy], Field(min_length=1)]
    inventory_lists: list[InventoryListPolicy] = []
    posting: PostingPolicy = PostingPolicy()
    calls: CallPolicy = CallPolicy()
    shipments: ShipmentsPolicy = ShipmentsPolicy()
    catalogue: CataloguePolicy = CataloguePolicy()
    stock: StockPolicy = StockPolicy()
    prices: PricesPolicy = PricesPolicy()
    privacy: PrivacyPolicy = PrivacyPolicy()
    ledger: LedgerPolicy = LedgerPolicy()
    review: ReviewPolicy = ReviewPolicy()
    alerts: AlertsPolicy = AlertsPolicy()
    report: ReportPolicy = ReportPolicy()
    links: LinksPolicy = LinksPolicy()
    operations: OperationsPolicy = OperationsPolicy()
    owners: Owners = Owners()
    profile: Path | None = None
    """What the accounts were seen to do (`sfcc-cin7 conformance run`), beside this file: it decides
    line_total, prepayment, export_gate, stock.settle_seconds, stock.order_scope and
    calls.limit_scope where they are
    left out."""

    @model_validator(mode="after")
    def _one_gateway_settles_a_payment(self) -> "OperatingModel":
        settles: dict[tuple[str, str], str] = {}
        for name, gateway in self.ledger.gateways.items():
            if unknown := set(gateway.sites) - {site.id for site in self.sites}:
                raise ValueError(f"gateway {name}: unknown site {min(unknown)}")
            for site in gateway.sites or [site.id for site in self.sites]:
                for method in gateway.methods:
                    if settles.setdefault((site, method), name) != name:
                        raise ValueError(
                            f"gateways {settles[site, method]} and {name} both settle {method} of"
                            f" {site}"
                        )
        return self

    @model_validator(mode="after")
    def _a_book_is_in_a_currency_of_its_sites(self) -> "OperatingModel":
        for book in self.prices.books:
            for site_id in book.sites:
                site = next((each for each in self.sites if each.id == site_id), None)
                if site is None:
                    raise ValueError(f"price book {book.id}: unknown site {site_id}")
                sold_in = site.in_currency(book.currency)
                if sold_in.currency != book.currency:
                    raise ValueError(
                        f"price book {book.id}: {site_id} does not sell in {book.currency}"
                    )
                if site.taxation != book.prices:
                    raise ValueError(
                        f"price book {book.id}: {site_id} is {site.taxation}, so its prices are"
                    )
        return self

    @model_validator(mode="after")
    def _nothing_is_offered_twice(self) -> "OperatingModel":
        sites = [site.id for site in self.sites]
        if len(set(sites)) < len(sites):
            raise ValueError("sites: each id may appear once")
        feeds: dict[str, str] = {}
        for stock_list in self.inventory_lists:
            if unknown := set(stock_list.sites) - set(sites):
                raise ValueError(f"inventory list {stock_list.id}: unknown site {min(unknown)}")
            for location in stock_list.locations:
                if location in feeds:
                    raise ValueError(
                        f"location {location!r} feeds {feeds[location]} and {stock_list.id}:"
                        " its stock would be offered twice"
                    )
                feeds[location] = stock_list.id
        refuse_what_cannot_be_right(self.inventory_lists, self.sites, self.stock)
        for site in (each for every in self.sites for each in every.in_each_currency):
            foreign = site.currency != self.base_currency
            if foreign and site.currency_rate == 1 and site.currency_rates is None:
                raise ValueError(
                    f"site {site.id}: currency_rate or currency_rates is needed, because"
                    f" {site.currency} is not the base currency {self.base_currency}"
                )
            if not foreign and (site.currency_rate != 1 or site.currency_rates is not None):
                raise ValueError(
                    f"site {site.id}: {site.currency} is the base currency, so its rate is 1"
                )
        self._a_shopper_has_one_currency()
        return self

    def _a_shopper_has_one_currency(self) -> None:
        currencies: dict[str, str] = {}
        for site in self.sites:
            if site.shopper_cards is None:
                continue
            shoppers = site.shopper_cards.customer_list or site.id
            if currencies.setdefault(shoppers, site.currency) != site.currency:
                raise ValueError(
                    f"customer list {shoppers}: its sites sell in {currencies[shoppers]} and"
                    f" {site.currency}, but a card has one currency: give each a customer_list"
                )

    @property
    def follows_shipments(self) -> bool:
        """Whether it matters to anybody what has left: a storefront is told, it was promised, or
        refunds are asked for."""
        return any(
            site.fulfilment.told_by != "nothing"
            or site.dispatch_promises
            or site.fulfilment.refunds_asked_attribute
            for site in self.sites
        )

    def gate_books(self, site_id: str) -> list[str]:
        """The price books that must hold a price of a SKU before it goes on sale on a site.

        Those of `catalogue.gate.price_books`; where that is empty, the site's base books of
        `prices.books`.
        """
        if named := self.catalogue.gate.price_books:
            return named.get(site_id, [])
        books = self.prices.books
        return [book.id for book in books if book.kind == "base" and site_id in book.sites]

    def site(self, site_id: str) -> SitePolicy:
        """The policy of one site.

        Raises:
            ConfigurationError: the operating model does not know the site.
        """
        for site in self.sites:
            if site.id == site_id:
                return site
        raise ConfigurationError(f"The operating model has no site {site_id!r}: add it to `sites`.")


def load_operating_model(path: Path) -> OperatingModel:
    """The operating model in a YAML file.

    Raises:
        ConfigurationError: the file is missing, is not YAML, or a value is not allowed; the
            message names the file, the place in it and what to write instead.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the operating model {path}: {error.strerror}. Set"
            " SFCC_CIN7_OPERATING_MODEL to a YAML file (config/sandbox.yaml is an example)."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        cause = " ".join(str(error).split())
        raise ConfigurationError(f"{path} is not valid YAML: {cause}") from None
    if isinstance(content, dict) and isinstance(content.get("profile"), str):
        profile = (path.parent / content["profile"]).resolve()
        content = with_profile(content, load_profile(profile)) | {"profile": str(profile)}
    try:
        return OperatingModel.model_validate(content, context={"folder": path.parent})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole file"
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ConfigurationError(
            f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}{more}"
        ) from None
