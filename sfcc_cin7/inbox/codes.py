"""The register of everything that can wait for a person: one row for each code.

Whoever files a finding, or lets a difference stand, gives it a code of this register: whose it is,
what the cause is called, which page says what to do, with which verb, and when the row closes. A
code without a row fails a test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sfcc_cin7.inbox.price_codes import PRICE_CODES
from sfcc_cin7.merchant.operating_model import Owners

FOLDER = "sfcc_cin7/runbooks"
PAGE = "review-codes"
Room = Literal["orders", "stock", "fulfilment", "catalogue", "finance"]
Verb = Literal["mend", "retry", "correct", "decline", "decide", "waive"]
VERBS: dict[Verb, str] = {
    "mend": "mend the cause: it closes by itself",
    "retry": "mend the cause, then retry",
    "correct": "correct what the order is booked as",
    "decline": "decline the order: nobody posts it",
    "decide": "accept the break, write it off, or match its line",
    "waive": "waive it until a day",
}
"""What a person does; all but `mend` are jobs of the desk, and commands of `sfcc-cin7 review` and
`sfcc-cin7 breaks`."""


@dataclass(frozen=True)
class Code:
    """One cause. `verbs` are its ways out, the usual one first; `closes` says when its row goes;
    `page` is a runbook of `FOLDER`, where that of the review codes has a row for each."""

    code: str
    cause: str
    owner: Room
    verbs: tuple[Verb, ...]
    closes: str
    page: str = PAGE

    @property
    def runbook(self) -> str:
        """Page, and anchor where the page has many, as a path of the project."""
        anchor = f"#{self.code}" if self.page == PAGE else ""
        return f"{FOLDER}/{self.page}.md{anchor}"

    @property
    def what_to_do(self) -> str:
        """The usual way out, in words."""
        return VERBS[self.verbs[0]]


BOOKED = "when the order is booked and proved"
SEEN = "when the cause is gone from catalogue, operating model or rates, and the order is booked"
AGREES = "when the legs agree again, or a person decided about it"
READ_AGAIN = "when the catalogues were read and the SKU agrees"


def _family(
    owner: Room, verbs: tuple[Verb, ...], closes: str, codes: str, page: str = PAGE
) -> Iterator[Code]:
    """Codes that are alike but for their names, which are what their causes are called too."""
    for code in codes.split():
        yield Code(code, _in_words(code), owner, verbs, closes, page)


def _in_words(code: str) -> str:
    words = code.replace("-", " ")
    for short, long in (("sku", "SKU"), ("ean", "EAN"), ("erp", "ERP")):
        words = " ".join(long if word == short else word for word in words.split())
    return words[0].upper() + words[1:]


_MEND: tuple[Verb, ...] = ("mend", "decline", "waive")
_MEND_OR_CORRECT: tuple[Verb, ...] = ("mend", "correct", "decline", "waive")
_RETRY: tuple[Verb, ...] = ("retry", "decline", "waive")
_RETRY_OR_CORRECT: tuple[Verb, ...] = ("retry", "correct", "decline", "waive")
_WAIVABLE: tuple[Verb, ...] = ("mend", "waive")
_BREAKS: tuple[tuple[str, str, str, Room], ...] = (
    ("missing-erp", "Missing in the ERP", "nothing_missing_or_doubled", "orders"),
    ("missing-shop", "A sale without an order", "nothing_missing_or_doubled", "orders"),
    ("missing-payout", "Not credited", "totals_and_tax_agree", "finance"),
    ("amount", "Another total in the ERP", "totals_and_tax_agree", "finance"),
    ("tax", "Another tax in the ERP", "totals_and_tax_agree", "finance"),
    ("currency", "Another currency in the ERP", "totals_and_tax_agree", "finance"),
    ("fee", "A fee in the ERP", "totals_and_tax_agree", "finance"),
    ("duplicate", "Twice in the ERP", "nothing_missing_or_doubled", "orders"),
    ("timing", "Late in the ERP", "totals_and_tax_agree", "finance"),
    ("state", "Booked, but not valid", "nothing_missing_or_doubled", "orders"),
)
_PAYOUT_BREAKS = (
    ("missing-erp", "Not in the ERP, but settled"),
    ("missing-shop", "Settled without an order"),
    ("missing-payout", "Not paid out"),
    ("amount", "Settled with another amount"),
    ("tax", "Settled with another tax"),
    ("currency", "Settled in another currency"),
    ("fee", "A fee above the agreed one"),
    ("duplicate", "Charged twice"),
    ("timing", "Paid out late"),
    ("state", "Given back, or kept, without a reason"),
)

_GOODS_BREAKS: tuple[tuple[str, str, Room], ...] = (
    ("shipped-not-invoiced", "Shipped, but not invoiced", "finance"),
    ("invoiced-not-shipped", "Invoiced, but not shipped", "fulfilment"),
    ("restocked-not-credited", "Back in stock, but not credited", "finance"),
    ("refund-without-return", "Credited, but the goods did not come back", "finance"),
    ("return-without-refund", "The goods came back, but nothing is credited", "finance"),
)
_BANK_BREAKS = (
    ("missing-payout", "A transfer did not reach the bank"),
    ("missing-shop", "The bank received what no report states"),
    ("amount", "The bank received another amount"),
    ("state", "A bank statement is missing"),
)


_ALONE: tuple[tuple[Room, str, str, str], ...] = (
    ("fulfilment", "when the ERP shows again what the shopper was told", "shipment-undone", PAGE),
    ("finance", "when the ERP has the credit note", "refund-asked refund-unclear", PAGE),
    ("stock", "when it is taken, or stock is told again", "stock-refused stock-deprecated", PAGE),
    ("catalogue", "when both products agree again", "field-differs", "fields_agree"),
    ("catalogue", "when it is ready, or offline", "sku-sold-unready", "nothing_unready_on_sale"),
)


def _codes() -> Iterator[Code]:
    # The ERP or the operating model lacks something that orders need
    yield from _family("catalogue", _MEND_OR_CORRECT, SEEN, "sku-unknown option-unmapped")
    yield from _family(
        "finance",
        _MEND_OR_CORRECT,
        SEEN,
        "tax-rule-unknown tax-rule-unmapped payment-method-unmapped price-inexact"
        " currency-rate-stale",
    )
    yield from _family(
        "finance",
        _MEND,
        SEEN,
        "tax-rules-differ currency-rate-missing currency-unmapped taxation-mismatch",
    )
    yield from _family(
        "orders", _MEND_OR_CORRECT, SEEN, "several-shipments address-missing payments-mismatch"
    )
    yield from _family("orders", _MEND, SEEN, "site-unknown tax-not-attributable")
    yield from _family("finance", _RETRY, BOOKED, "currency-unknown payment-refused")
    yield from _family(
        "orders",
        _RETRY,
        BOOKED,
        "customer-refused customer-deprecated customer-currency-mismatch duplicate-customer"
        " site-mismatch",
    )
    # The order's own figures contradict each other
    yield from _family(
        "orders",
        _RETRY,
        BOOKED,
        "gross-mismatch line-price-mismatch line-discount-mismatch option-price-mismatch"
        " shipping-discount-mismatch product-sub-total-mismatch product-total-mismatch"
        " proration-mismatch merchandise-tax-mismatch shipping-tax-mismatch tax-total-mismatch"
        " shipping-total-mismatch order-total-mismatch shipment-total-mismatch"
        " shipment-tax-mismatch item-duplicated shipment-duplicated"
        " shipment-unknown bundle-quantity-unclear negative-amount amount-too-precise",
    )
    # It does not fit into a sale of Cin7
    yield from _family(
        "orders",
        _RETRY,
        BOOKED,
        "sale-unbalanced quantity-not-positive quantity-too-precise"
        " reference-too-long too-many-lines reference-unreadable",
    )
    yield from _family(
        "orders", _RETRY_OR_CORRECT, BOOKED, "sku-too-long sku-unreadable erp-refused"
    )
    yield from _family("catalogue", _RETRY_OR_CORRECT, BOOKED, "sku-case-clash")
    yield from _family(
        "finance",
        _MEND_OR_CORRECT,
        SEEN,
        "payment-amount-missing payment-too-precise payment-reference-unusable payment-duplicated"
        " payment-rate-too-small",
    )
    # It is not in a state to be posted
    yield from _family(
        "orders",
        _RETRY,
        BOOKED,
        "order-not-placed order-cancelled order-empty missing-in-storefront exported-without-sale"
        " perhaps-consolidated"
        " not-released field-missing field-type field-range field-choice",
    )
    yield from _family(
        "orders", _WAIVABLE, "when the day can be read from the storefront", "order-unreadable"
    )
    # The ERP answered otherwise, or the sale is there already
    yield from _family(
        "orders",
        _RETRY,
        BOOKED,
        "erp-line-count-mismatch erp-line-missing erp-charge-unexpected"
        " erp-quantity-mismatch erp-total-mismatch erp-tax-mismatch erp-total-before-tax-mismatch"
        " erp-currency-mismatch order-not-authorised changed-after-posting"
        " address-changed-after-posting void-refused fulfilment-begun duplicate-sale sale-voided"
        " refused keeps-failing internal-error cancelled-in-consolidated-sale"
        " changed-in-consolidated-sale",
    )
    # What has left is not told, or not as it is
    yield from _family(
        "fulfilment",
        _WAIVABLE,
        "when the storefront was told",
        "shipment-refused attribute-undefined shipped-though-cancelled",
    )
    # Not about one order
    yield from _family(
        "catalogue",
        _WAIVABLE,
        READ_AGAIN,
        "sku-unknown-in-erp sku-deprecated-in-erp sku-case-differs ean-differs"
        " sku-spelling-differs sku-under-another-name ean-on-two-skus sku-without-stock-in-erp",
    )
    for code, cause, closes in PRICE_CODES:
        yield Code(code, cause, "catalogue", _WAIVABLE, closes)
    for room, closes, code, page in _ALONE:
        yield from _family(room, _WAIVABLE, closes, code, page)
    yield Code(
        "stock-endless",
        "A list sells without end what has no record",
        "stock",
        ("mend", "waive"),
        "when the list is not in stock by default any more",
    )
    yield Code(
        "clock-wrong",
        "Our clock and a system's differ by more than a minute",
        "stock",
        ("mend",),
        "when the clocks agree again",
    )
    yield Code(
        "stock-held",
        "A list is held, because too much of it would change or the systems disagree about it",
        "stock",
        ("mend",),
        "when the list goes on, mended or released by `sfcc-cin7 stock release`",
    )
    # Differences that are looked up where they stand, not filed
    for kind, cause, page, owner in _BREAKS:
        yield Code(f"books-{kind}", cause, owner, ("mend", "decide"), AGREES, page)
    for kind, cause in _PAYOUT_BREAKS:
        verbs: tuple[Verb, ...] = ("mend", "decide")
        yield Code(f"payout-{kind}", cause, "finance", verbs, AGREES, "payouts_agree")
    for kind, cause, owner in _GOODS_BREAKS:
        yield Code(f"goods-{kind}", cause, owner, ("mend", "decide"), AGREES, "goods_agree")
    for kind, cause in _BANK_BREAKS:
        yield Code(f"bank-{kind}", cause, "finance", ("mend",), AGREES, "bank_agrees")
    yield Code(
        "statement-unreadable",
        "A bank statement cannot be read",
        "finance",
        ("mend",),
        "when the statement can be read",
        "bank_agrees",
    )
    yield Code(
        "stock-drift",
        "The storefront offers another stock than it was told",
        "stock",
        ("mend",),
        "when the storefront shows what it was told",
        "inventory_drift",
    )
    yield Code(
        "list-unpublished",
        "A list of stock is not published",
        "stock",
        ("mend",),
        "when the list was published again",
        "inventory_drift",
    )
    yield Code(
        "stock-lag",
        "The storefront follows the ERP too slowly",
        "stock",
        ("mend",),
        "when both know of the same stock and orders",
        "inventory_drift",
    )
    yield Code(
        "reading-doubted",
        "The last reading of stock is not believed",
        "stock",
        ("mend",),
        "when a reading is believed",
        "snapshot_believed",
    )
    yield Code(
        "report-unreadable",
        "A settlement report cannot be read",
        "finance",
        ("mend",),
        "when the report can be read",
        "payouts_agree",
    )
    yield Code(
        "report-not-final",
        "A settlement report is not complete, or nobody vouched for it",
        "finance",
        ("mend",),
        "when its payout is stated, or its sum confirmed",
        "payouts_agree",
    )
    yield Code(
        "oversold",
        "Sold, but the ERP has to backorder it",
        "stock",
        ("mend",),
        "after `stock.oversell_days`",
        "nothing_oversold",
    )
    yield Code(
        "shipment-untold",
        "The storefront does not know what has left",
        "fulfilment",
        ("mend",),
        "when the storefront was told",
        "shipments_told",
    )
    yield Code(
        "promise-broken",
        "An order is not on its way as it was promised",
        "fulfilment",
        ("mend",),
        "when all of it has left, with its numbers",
        "shipped_on_time",
    )
    yield Code(
        "posting-stalled",
        "Orders wait too long to be posted",
        "orders",
        ("mend",),
        "when they are posted",
        "stalled_posting",
    )
    yield from _of_the_house()
    yield Code(
        "lane-late",
        "A lane stands still",
        "orders",
        _WAIVABLE,
        "when the lane has succeeded again",
        "lanes_on_time",
    )


_HOUSE: tuple[tuple[str, str, str, str], ...] = (
    ("database-away", "The database does not answer", "when it answers", "database_answers"),
    ("watcher-failed", "The watcher cannot look", "when a look succeeds", "database_answers"),
    ("model-unreadable", "The operating model cannot be read", "when it can", "database_answers"),
    ("dagster-dead", "Dagster's daemon is dead", "when each part gives a sign", "dagster_daemon"),
    ("dagster-blind", "No sensor looks any more", "when one has looked", "dagster_daemon"),
    ("run-queue", "Runs do not start", "when the first has started", "dagster_daemon"),
    ("lane-dead", "Nobody works in a lane", "when its live run leads again", "dagster_daemon"),
    ("lane-fails", "A lane is tried in vain", "when it has succeeded", "lanes_on_time"),
    ("system-down", "An outside system is down", "when it has answered", "stalled_posting"),
    ("key-refused", "Our credentials are refused", "when they are taken", "stalled_posting"),
    ("reading-late", "The reading of stock is old", "when one is young", "snapshot_believed"),
    ("calls-refused", "Cin7 refuses calls", "15 minutes after the last", "call_budget"),
    ("check-fails", "A check fails", "when it passes", "lanes_on_time"),
    ("webhook-off", "Cin7's webhook is off", "when it is on", "stock_webhook_active"),
    ("channel-fails", "A channel takes no letters", "when it takes one", "alerts"),
    ("not-known", "Something cannot be looked at", "when it can", "database_answers"),
)
"""Of the house itself: code, cause, when it closes, page. They are told, not filed."""


def _of_the_house() -> Iterator[Code]:
    for code, cause, closes, page in _HOUSE:
        yield Code(code, cause, "orders", ("mend",), closes, page)


CODES: dict[str, Code] = {each.code: each for each in _codes()}


def known(code: str) -> Code:
    """A code's row. What has none is the order desk's, because somebody has to see it."""
    return CODES.get(code) or Code(code, _in_words(code), "orders", _RETRY, BOOKED)


def owner_of(code: str, owners: Owners) -> str:
    """Who is asked first about a code."""
    return str(getattr(owners, known(code).owner))
