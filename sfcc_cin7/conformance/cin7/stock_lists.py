"""Lists of stock documents, and how old availability is: what the document trail depends on."""

from sfcc_cin7.conformance.cin7.access import CLIENTS
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe

FAR = "2099-01-01T00:00:00Z"
WITHOUT_TRAIL = "Documents are not followed: movements are found by readings of all stock."
BETWEEN_LOOKS, LONGEST = 10.0, 1200.0
ONE_UNIT = "A marked sale of one unit, authorised"
GIVEN_BACK = "The sale is voided."


@CIN7.probe(
    "stock-documents.purchases-since",
    claim="purchaseList can be asked for what changed since an instant.",
    source=f"Cin7 API reference, Purchase List; {CLIENTS}",
    certainty="observed",
    expected="filters",
    calls=2,
    changes=WITHOUT_TRAIL,
)
def purchases_since(erp: Erp) -> str:
    if not erp.rows("purchaseList", "PurchaseList", Limit="1"):
        raise CannotProbe("the account has no purchase")
    answer = erp.get("purchaseList", UpdatedSince=FAR, Limit="1")
    if not answer.ok:
        return "refused"
    return "ignored" if answer.rows("PurchaseList", "the list") else "filters"


@CIN7.probe(
    "stock-documents.transfers-order",
    claim="stockTransferList has the newest transfer first.",
    source=CLIENTS,
    certainty="observed",
    expected="newest-first",
    calls=1,
    changes=WITHOUT_TRAIL,
)
def transfers_order(erp: Erp) -> str:
    return _order(erp, "stockTransferList", "StockTransferList", "Number", "transfers")


@CIN7.probe(
    "stock-documents.adjustments-order",
    claim="stockadjustmentList has the oldest adjustment first.",
    source=CLIENTS,
    certainty="observed",
    expected="oldest-first",
    calls=1,
    changes=WITHOUT_TRAIL,
)
def adjustments_order(erp: Erp) -> str:
    key = "StockAdjustmentList"
    return _order(erp, "stockadjustmentList", key, "StocktakeNumber", "adjustments")


@CIN7.probe(
    "stock-documents.assemblies-order",
    claim="finishedGoodsList has the oldest assembly first.",
    source=CLIENTS,
    certainty="observed",
    expected="oldest-first",
    calls=1,
    changes=WITHOUT_TRAIL,
)
def assemblies_order(erp: Erp) -> str:
    return _order(erp, "finishedGoodsList", "FinishedGoods", "AssemblyNumber", "assemblies")


def _order(erp: Erp, path: str, key: str, number: str, what: str) -> str:
    """How the first rows of a list stand to each other, by the number that each was given."""
    rows = erp.rows(path, key, Page="1", Limit="100")
    numbers = [_digits(str(row.get(number) or "")) for row in rows]
    if len(set(numbers)) < 2:
        raise CannotProbe(f"the account has fewer than two {what}")
    if numbers == sorted(numbers):
        return "oldest-first"
    return "newest-first" if numbers == sorted(numbers, reverse=True) else "other"


def _digits(number: str) -> int:
    return int("".join(letter for letter in number if letter.isdecimal()) or 0)


@CIN7.probe(
    "stock.availability-age",
    claim="Availability shows at once what was authorised.",
    source="one client project saw the list stand still for 10 to 15 minutes at times",
    certainty="assumed",
    expected="at-once",
    calls=6,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="Orders and documents are deducted, and rises wait, for as long as it takes.",
    unworkable={"longer": "A longer `stock.availability_age` than an hour, and stock that old."},
)
def availability_age(erp: Erp) -> str:
    product = str(erp.product["ID"])

    def available() -> object:
        rows = erp.stock_rows(ID=product)
        mine = (row for row in rows if (row["SKU"], row["Location"]) == erp.goods)
        return sum(row["Available"] for row in mine)

    before = available()
    erp.authorised()
    began = erp.clock.now()
    while available() == before:
        if (erp.clock.now() - began).total_seconds() > LONGEST:
            return "longer"
        erp.clock.sleep(BETWEEN_LOOKS)
    seconds = (erp.clock.now() - began).total_seconds()
    if seconds < BETWEEN_LOOKS:
        return "at-once"
    return "within-60-s" if seconds <= 60 else "within-1200-s"
