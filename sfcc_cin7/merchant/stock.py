"""The merchant's decisions about stock: lists, what is held back, and kits."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy
from sfcc_cin7.values.money import ZERO

Units = Annotated[Decimal, Field(ge=0)]
Share = Annotated[Decimal, Field(gt=0, le=10)]


class ScopedRule(Policy):
    """A decision about some SKUs. One rule decides: the most specific of those that apply.

    A rule for SKUs comes before one for categories, that before one for lists, that before one for
    everything; of two alike, one with dates comes before one without, then the one that is written
    first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: Name
    """It is shown beside what it decided."""
    lists: list[Name] = []
    """Inventory lists; empty: all."""
    categories: list[Name] = []
    """The ERP's product categories; empty: all."""
    skus: list[Name] = []
    """Empty: all."""
    begins: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = None
    """The rule applies from `from` to before `until`."""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "ScopedRule":
        if self.begins and self.until and self.until <= self.begins:
            raise ValueError(f"rule {self.name}: until must come after from")
        return self


AnyRule = TypeVar("AnyRule", bound=ScopedRule)


class SafetyRule(ScopedRule):
    """What is held back of some SKUs. Without any rule the list's `buffer` is held back."""

    units: Units = ZERO
    """Units that are never offered."""
    percent: Annotated[Decimal, Field(ge=0, le=100)] = ZERO
    """Share of what there is that is never offered, in whole units rounded up; of `units` and
    `percent` the greater one counts."""
    hide_below: Units = ZERO
    """With fewer units left to offer, none is offered."""
    cap: Units | None = None
    """More is never offered at a time."""


class BackorderRule(ScopedRule):
    """Goods that are sold before they are there; docs/decisions/16-backorders.md explains.

    Without a rule nothing that is on its way is offered, and what somebody set in the storefront by
    hand is theirs. Where a rule applies, these fields of the record are ours.
    """

    handling: Literal["backorder", "preorder", "none"] = "backorder"
    """What the storefront calls it; `none` takes SKUs out of a wider rule. Omnichannel Inventory
    knows backorders only."""
    percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(100)
    """Share of what the ERP has on order that may be promised, in whole units rounded down."""
    keep: Units = ZERO
    """Units on order that are promised to nobody."""
    days: Annotated[int, Field(ge=0, le=90)] = 0
    """Days after the ERP's delivery date until goods can be sent: what shoppers are told."""
    within_days: Annotated[int, Field(ge=1, le=730)] = 180
    """Goods that are expected later are not offered yet."""


class KitPolicy(Policy):
    """A bundle of the storefront that the ERP books by its components and has no stock of."""

    components: Annotated[dict[Name, Annotated[Decimal, Field(gt=0)]], Field(min_length=1)]
    """Units of each SKU in one kit."""
    percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(50)
    """Of what may be offered of each component, how much is offered in this kit; by itself it is
    offered less that. The two never offer the same unit."""


class NotForSalePolicy(Policy):
    """What the ERP has available and nobody may sell. Names are patterns, in which `*` stands for
    anything; case is no matter. What is not named here counts, a third party's warehouse too."""

    bins: list[Name] = ["*quarantin*", "*damage*", "*defect*", "*scrap*", "*staging*", "*expired*"]
    """By the bin's own name, or as the ERP writes it in documents: `London DC: Q-01`."""
    batches: list[Name] = ["*quarantin*", "*damage*", "*recall*"]
    expires_within_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """A batch is for sale until so many days before its expiry date; 0: to the day before."""
    locations: list[Name] = ["*quarantin*", "*damage*", "*scrap*", "*staging*", "*in?transit*"]
    """A list that is fed by such a location is refused: it is a slip, or the pattern is wrong."""


class NotOursPolicy(Policy):
    """Goods that are sold without any stock of ours: nothing is published of them, and what their
    inventory records say is somebody else's. A change holds from the next reading of catalogues.

    What the ERP always ships from a supplier, or makes to order, and what is no Stock product
    there, is not ours by itself, and told.
    """

    skus: list[Name] = []
    """Patterns, in which `*` stands for anything; case is no matter."""
    categories: list[Name] = []
    """The ERP's product categories, as patterns too."""


def is_named(name: str, patterns: Collection[str]) -> bool:
    """Whether one of the patterns is meant by a name."""
    said = name.strip().casefold()
    return any(fnmatchcase(said, pattern.casefold()) for pattern in patterns)


class FeedPolicy(Policy):
    """A job of Business Manager with the step ImportInventoryLists that imports our files.

    Its import mode must be MERGE: REPLACE would delete every record that did not change.
    """

    job: Name
    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")] = "inventory"
    """The job's working folder, below Impex/src; it should be nobody else's."""
    from_records: Annotated[int, Field(ge=2)] = 5_000
    """From how many changes on a file is written instead of batches."""
    file_parameter: Name | None = None
    """The job parameter that takes the name of the file; without one the job imports its folder."""
    give_up_minutes: Annotated[float, Field(gt=0, le=8)] = 5.0
    """After how long a job is not waited for any more."""


class WriterPolicy(Policy):
    """How an inventory list is told its stock; docs/decisions/13-inventory-writers.md explains."""

    mode: Literal["ocapi", "oci"] = "ocapi"
    """Whether the list is kept by itself, or mirrors a location of Omnichannel Inventory."""
    batch_from: Annotated[int, Field(ge=1)] = 9
    """From how many changes on records are written by fifties instead of one by one (ocapi)."""
    feed: FeedPolicy | None = None
    """The import job for large changes (ocapi); None: there is none, and batches do it."""
    file_from: Annotated[int, Field(ge=1)] = 1_000
    """From how many changes on an import file is written instead of calls by the hundred (oci)."""

    @model_validator(mode="after")
    def _a_feed_is_for_lists_that_take_one(self) -> "WriterPolicy":
        if self.mode == "oci" and self.feed is not None:
            raise ValueError("feed: records in XML are skipped where mode is oci")
        return self


class InventoryListPolicy(Policy):
    """One SFCC inventory list, what feeds it and what is deliberately held back."""

    id: Name
    locations: Annotated[list[Name], Field(min_length=1)]
    sites: Annotated[list[str], Field(min_length=1)]
    buffer: Units = ZERO
    """Units of each SKU that are never offered, where no rule says otherwise."""
    writer: WriterPolicy = WriterPolicy()
    """How its figures get there."""
    on_order: bool | None = None
    """Whether the list has on-order inventory. Stated, it is compared with the storefront's; else
    what the storefront says counts."""
    publish_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    """Seconds at least between two passes over this list; 0: after every full reading. More spares
    the storefront's API where the stock moves all the time, and what falls in between is offered
    that much longer. SKUs that are read by themselves are published at once all the same."""


class MassChangePolicy(Policy):
    """From when on a change is held until a person looked at it, whatever the readings say.

    What we change of a list within an hour counts, by every way; what shoppers buy does not. Shares
    are of what the list had for sale before.
    """

    emptied_share: Share = Decimal("0.1")
    """SKUs that would be sold out."""
    fallen_share: Share = Decimal("0.25")
    """Units that would be taken away."""
    multiplied_share: Share = Decimal("0.25")
    """SKUs of which at least twice as many would be for sale, those that come back included."""
    risen_share: Share = Decimal("0.5")
    """Units that would be added; 1 is as many as there were."""
    least_skus: Annotated[int, Field(ge=1)] = 10
    """With fewer SKUs it is no mass change; in a list of fewer than twice as many, half of them."""


class StockPolicy(Policy):
    """What the stock lane believes, how it corrects, and what it holds back."""

    settle_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """How far before the reading an allocation is dated: longer than the storefront's index lag."""
    full_pass_seconds: Annotated[int, Field(ge=15, le=3600)] = 45
    """Seconds from the start of one reading of everything to the next. It costs one call for each
    1,000 rows of Cin7's availability, out of 60 a minute: 50,000 rows take almost the whole budget
    of a key every minute. More leaves calls to the other lanes; a movement that no webhook told of
    is then seen that much later."""
    touched_seconds: Annotated[int, Field(ge=0, le=3600)] = 20
    """Seconds after an order was authorised until its SKUs are read by themselves, unless all stock
    was read since: time for Cin7 to show what it allocated. It finds what else moved them (another
    channel, a component, a shortage); the order itself is accounted for without it."""
    rise_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    """Seconds at least between two readings of a SKU that agree on a rise. Longer than Cin7 may
    take to show an order that it has authorised; rises are offered that much later, falls at
    once."""
    targeted_calls: Annotated[int, Field(ge=0, le=40)] = 20
    """Calls a minute for SKUs that are read by themselves, out of 60; when more wait, everything is
    read instead, at 1,000 rows for a call. 0: nothing is read by itself."""
    availability_age: Annotated[int, Field(ge=0, le=3600)] = 0
    """How old Cin7's availability may be, in seconds, when it is read. Orders and documents of that
    time are deducted as if a reading lacked them, and a rise takes as much longer. An account's
    property; a profile decides it where it is left out."""
    trail: bool = False
    """Whether documents of the ERP are followed: what they took is off sale within seconds, and
    they say which SKUs to read. Only where an account's lists were seen to tell of documents as
    expected; a profile decides it where it is left out (docs/decisions/28-document-trail.md)."""
    keep_history_days: Annotated[int, Field(ge=1)] | None = None
    """Days for which the levels of any instant can be told; without a number for ever."""
    shrink_guard: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.1")
    """A snapshot that lost more than this share of its rows is not believed."""
    mass_changes: MassChangePolicy = MassChangePolicy()
    """What is never published by itself, however many readings agree on it."""
    order_scope: Literal["location", "all"] = "location"
    """Whose stock Cin7 lets a sale allocate: that of its own location, or of every location. An
    account's setting; a profile decides it where it is left out."""
    read_back_sample: Annotated[int, Field(ge=0, le=1000)] = 50
    """SKUs that a whole turn did not show and that a pass asks for, one call each."""
    read_back_pages: Annotated[int, Field(ge=0, le=500)] = 10
    """Pages of 200 records of a list that are compared in every pass, one call each. Where more are
    due, after an outage for instance, a pass reads 250 at most, and the next passes the others."""
    read_back_hours: Annotated[float, Field(gt=0, le=24)] = 24
    """Within which every record is compared: more pages are read where that takes more."""
    decide_all_minutes: Annotated[int, Field(gt=0, le=1440)] = 60
    """How often every SKU is decided about anew; in between those that something happened to."""
    drift_minutes: Annotated[int, Field(gt=0)] = 30
    """How long a corrected drift stays visible in the check."""
    drift_units: Units = Decimal(10)
    """Units offered too much from which on a drift is an error, even where it was put right."""
    lag_minutes: Annotated[int, Field(gt=0, le=1440)] = 15
    """For how long a difference is no drift that orders on their way explain, or a movement in the
    ERP that is not published yet."""
    top_sellers: Annotated[int, Field(ge=0)] = 100
    """A drift is an error for the SKUs that sold most in the last seven days, so many of them,
    however few units it is about."""
    oversell_days: Annotated[int, Field(gt=0, le=90)] = 7
    """How long an oversold order stays visible in the check."""
    not_for_sale: NotForSalePolicy = NotForSalePolicy()
    """What is there and does not count; docs/decisions/14-safety-stock.md."""
    not_ours: NotOursPolicy = NotOursPolicy()
    """Drop-shipped goods, vouchers and the like."""
    rules: list[SafetyRule] = []
    backorders: list[BackorderRule] = []
    """What may be sold before it is there; empty: nothing."""
    backorders_shown: Literal["apart", "as-allocated"] = "apart"
    """Where Cin7 shows units that it has backordered: in the order's lines alone, or as allocated
    too, so that availability falls below 0. Not published; with `apart` both are deducted from what
    is on order, which offers too little on an account of the other kind, never too much."""
    kits: dict[Name, KitPolicy] = {}
    assembled_percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(50)
    """Of what is free of the components of products that the ERP assembles at an order, packs for
    instance: how much may be used for them; by themselves components are offered less that."""

    @model_validator(mode="after")
    def _kits_share_what_there_is(self) -> "StockPolicy":
        for name, rules in (("rules", self.rules), ("backorders", self.backorders)):
            if twice := _twice([rule.name for rule in rules]):
                raise ValueError(f"{name}: {twice} is there twice")
        if sold := {sku for rule in self.backorders for sku in rule.skus} & set(self.kits):
            raise ValueError(f"backorders: {min(sold)} is a kit, which is made of what is there")
        if nested := {sku for kit in self.kits.values() for sku in kit.components} & set(self.kits):
            raise ValueError(f"kits: {min(nested)} is a kit and cannot be a component")
        shares: dict[str, Decimal] = {}
        for kit in self.kits.values():
            for sku in kit.components:
                shares[sku] = shares.get(sku, ZERO) + kit.percent
        for sku, percent in shares.items():
            if percent > 100:
                raise ValueError(f"kits: they take {percent} percent of {sku} together")
        return self


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)
