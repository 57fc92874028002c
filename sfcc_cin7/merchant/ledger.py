"""The merchant's decisions about the books: gateways, grace and owners."""

import re
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from sfcc_cin7.merchant.books import BooksPolicy
from sfcc_cin7.merchant.policy import Name, Policy
from sfcc_cin7.values.money import ZERO

BreakClass = Literal[
    "missing-erp",
    "missing-shop",
    "missing-payout",
    "amount",
    "tax",
    "currency",
    "fee",
    "duplicate",
    "timing",
    "state",
]
"""What can be wrong between two legs of an order, in the order in which one class is chosen."""

GoodsClass = Literal[
    "shipped-not-invoiced",
    "invoiced-not-shipped",
    "restocked-not-credited",
    "refund-without-return",
    "return-without-refund",
]
"""What can be wrong between the goods of a sale and its invoices and credit notes."""

MovementKind = Literal[
    "charge",
    "refund",
    "chargeback",
    "fee",
    "adjustment",
    "conversion",
    "balance",
    "payment",
    "payout",
    "ignore",
]
"""What a row of a settlement report moves: `balance` is a reserve, a hold or a transfer between
accounts, `payment` what the merchant paid to somebody, `payout` what went to the bank."""

BANK_FOLDER = "bank"
"""Where the bank's statements lie, beside the folders of gateways."""

LineField = Literal[
    "key",
    "kind",
    "payment_reference",
    "merchant_reference",
    "currency",
    "gross",
    "settled_currency",
    "fee",
    "net",
    "occurred_at",
    "payout_id",
]
"""The fields of a settlement line."""

TimeField = Literal["time", "zone"]
"""Beside the day in `occurred_at`: its time and the zone of it, if a file has columns of them."""


class GatewayPolicy(Policy):
    """One payment gateway: what it settles, in which report, how soon and at what price."""

    report: Literal["stripe", "adyen", "paypal", "normalised", "columns"]
    """The form of its settlement report; any other gateway's is read by its `columns`, or brought
    into `normalised`."""
    columns: dict[LineField | TimeField, Name] = {}
    """Of the form `columns`: the header under which each field stands in the gateway's CSV."""
    kinds: dict[str, MovementKind] = {}
    """Of the form `columns`: what each value of its column `kind` is; "" is that of rows without
    one. What is to `ignore` may be rows of any length: headers, trailers and totals."""
    ignored: dict[Name, list[str]] = {}
    """Of the form `columns`: values of a column whose rows moved no money and are passed over, as
    `Status: [Pending, Denied]`; they are compared without regard to case."""
    order_columns: list[Name] = []
    """Columns that are looked at before the usual one for the order's number."""
    order_pattern: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """A regular expression whose group is the order's number in those columns."""
    dates: Literal["day", "month"] | None = None
    """What stands first in dates like 05/12/2025; such dates are refused where nobody says it."""
    signs: Literal["stated", "by-kind"] | None = None
    """Of the form `columns`: `stated`, amounts have signs, and a refund without a minus came back;
    `by-kind`, they have none, and the kind says what goes out. Where nobody says it, a file in
    which that matters is refused."""
    reference_columns: list[Name] = []
    """Columns that name the payment beside the usual ones, where the storefront keeps another of
    the gateway's references."""
    time_zone: str = "UTC"
    """The zone of times that name none, like Europe/Berlin."""
    methods: Annotated[list[Name], Field(min_length=1)]
    """SFCC payment methods that it settles."""
    sites: list[str] = []
    """Only for these sites; empty: for all."""
    late_after_days: Annotated[float, Field(gt=0)] = 4.0
    """A payment that is not settled this long after the order is late."""
    missing_after_days: Annotated[float, Field(gt=0)] = 10.0
    """And this long after, missing."""
    most_fee_share: Annotated[Decimal, Field(ge=0, lt=1)] | None = None
    """The highest fee that was agreed on, as a share of the payment; None: fees are not checked."""
    most_fee_fixed: Annotated[Decimal, Field(ge=0)] = ZERO
    """And so much for each payment on top, in its currency."""
    bank_names: list[Name] = []
    """How the bank's statement calls it, as STRIPE PAYMENTS UK; its own name always counts."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name} is no time zone of the IANA database")
        return name

    @field_validator("order_pattern")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        try:
            groups = re.compile(pattern or "").groups
        except re.error as error:
            raise ValueError(f"order_pattern is no regular expression: {error}") from None
        if groups > 1:
            raise ValueError("order_pattern has more than one group")
        return pattern

    @model_validator(mode="after")
    def _map_is_whole(self) -> "GatewayPolicy":
        if (self.report == "columns") != bool(self.columns):
            raise ValueError("columns belong to the report `columns`, which needs them")
        lacking = [name for name in ("currency", "occurred_at") if name not in self.columns]
        if self.columns and (lacking or not self.columns.keys() & {"gross", "net"}):
            raise ValueError("columns must name currency, occurred_at, and gross or net")
        if self.ignored and not self.columns:
            raise ValueError("ignored belongs to the report `columns`")
        if ("kind" in self.columns) != bool(self.kinds):
            raise ValueError("kinds and the column kind belong together")
        return self

    @model_validator(mode="after")
    def _late_before_missing(self) -> "GatewayPolicy":
        if self.missing_after_days < self.late_after_days:
            raise ValueError("missing_after_days must not be below late_after_days")
        return self


BankField = Literal["day", "amount", "credit", "debit", "account", "currency", "reference", "party"]
"""The fields of a line of a bank statement; `credit` is what came in, `debit` what went out."""


class BankPolicy(Policy):
    """The bank that gateways send to; its statements lie in the folder `bank` beside theirs."""

    columns: dict[BankField, Name] = {}
    """Of a CSV: the header of each field. CAMT.053 and MT940 need none."""
    account: str = ""
    """Of a CSV that names no account: whose it is."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    """Of a CSV that names no currency: the account's."""
    late_after_days: Annotated[int, Field(ge=1, le=60)] = 5
    """A transfer that is on no statement so many days after the gateway sent it has not arrived."""

    @model_validator(mode="after")
    def _map_is_whole(self) -> "BankPolicy":
        named = self.columns.keys()
        if named and (
            "day" not in named or not ({"amount"} <= named or {"credit", "debit"} <= named)
        ):
            raise ValueError("columns must name day, and amount or both credit and debit")
        return self


class MarginPolicy(Policy):
    """Where a line's price book is told, and which margins somebody should look at."""

    price_book_attribute: Annotated[str, Field(pattern="^c_[A-Za-z0-9_]{1,250}$")] | None = None
    """The custom attribute of order lines in which your cartridge keeps the price book's id: the
    Orders API names none, but in a discount of the type `price_book_price`."""
    price_books: dict[str, Name] = {}
    """The price book of lines that state none, by site; a site that is not here has none."""
    recent_days: Annotated[int, Field(ge=1, le=90)] = 2
    """The days that are judged, today included."""
    history_days: Annotated[int, Field(ge=1, le=366)] = 60
    """The days before them that they are compared with."""
    least_units: Annotated[int, Field(ge=1)] = 5
    """Fewer units than these, then or now, are compared with nothing; a loss is always told."""
    far: Annotated[Decimal, Field(gt=0, lt=1)] = Decimal("0.15")
    """How far the margin's share of revenue may be from that of the days before: 0.15 is 15
    points."""
    error_from: Annotated[Decimal, Field(ge=0)] = Decimal(100)
    """Money at risk (in the base currency, all rows together) from which the check is an error."""
    most_unknown: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.2")
    """The share of a currency's recent revenue whose cost may be unknown without a warning."""


class LedgerPolicy(Policy):
    """How the legs of an order are held against each other."""

    gateways: dict[Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")], GatewayPolicy] = {}
    """By a name of yours, which is also the folder of its reports; empty: there is no third leg."""
    grace_minutes: dict[BreakClass | GoodsClass, Annotated[float, Field(ge=0)]] = {}
    """How long a difference may stand before it is a break; missing-erp and missing-shop are given
    ten minutes, differences of goods 3 to 30 days, and the rest none, where nothing is said.
    Gateways have their own days."""
    error_from: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    """Money at risk (in the base currency, all open breaks that a check looks at together) from
    which the check is an error; less is a warning."""
    error_after_hours: Annotated[float, Field(ge=0)] = 24.0
    """A break that stands for so long is an error, whatever its money."""
    bank: BankPolicy = BankPolicy()
    margin: MarginPolicy = MarginPolicy()
    books: BooksPolicy | None = None
    """Where journals go; None: nothing is exported."""
    limits: dict[Name, Annotated[Decimal, Field(ge=0)]] = {}
    """By the name that a person gives (`by`): the money of a break, in the base currency, up to
    which this person may accept it or write it off. Who is not here may do neither."""
    owners: dict[BreakClass | GoodsClass, Name] = {}
    """Who is asked about a class; else missing orders, duplicates and states are the order desk's,
    what was invoiced and did not leave is the warehouse's, and money is finance's."""

    @field_validator("gateways")
    @classmethod
    def _the_bank_is_no_gateway(cls, named: dict[str, GatewayPolicy]) -> dict[str, GatewayPolicy]:
        if BANK_FOLDER in named:
            raise ValueError(f"no gateway is called {BANK_FOLDER}: the bank's statements lie there")
        return named
