"""saleList: how an order's sale is found again, and how soon."""

from sfcc_cin7.conformance.cin7.access import CLIENTS
from sfcc_cin7.conformance.cin7.erp import LONGEST_LAG, Erp
from sfcc_cin7.conformance.cin7.headers import ONE_SALE, VOIDED
from sfcc_cin7.conformance.probe import CIN7, CannotProbe

LIST = "Cin7 API reference, Sale List"
ANOTHER_KEY = "Finding sales by CustomerReference (Search) instead of by ExternalID."


@CIN7.probe(
    "sale-list.lag",
    claim="A new sale can be found by its ExternalID at once.",
    source="not published; one client project's round trip worked",
    certainty="assumed",
    expected="at-once",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: before a sale is made again the product waits three minutes for it to show.",
    unworkable={
        "longer": "A longer wait before a lost sale is made again (it is three minutes now), or"
        " orders could be booked twice."
    },
)
def lag(erp: Erp) -> str:
    sale = erp.sale()
    try:
        _, seconds = erp.listed(sale)
    except CannotProbe:
        return "longer"
    if seconds < 2:
        return "at-once"
    for most, name in ((60, "within-a-minute"), (180, "within-three-minutes")):
        if seconds <= most:
            return name
    return "longer"


@CIN7.probe(
    "sale-list.external-id",
    claim="The filter ExternalID finds the sales with exactly this value, and no others.",
    source=f"{LIST}; {CLIENTS}",
    certainty="observed",
    expected="exact",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="A look-up reads more rows than it needs: each is compared exactly again.",
    by_value={"ignored": "Every look-up reads the whole list of sales, which uses up the calls."},
    unworkable={"finds-nothing": ANOTHER_KEY},
)
def external_id(erp: Erp) -> str:
    sale, other = erp.landmark, erp.scratch
    own = str(sale["ExternalID"])
    longer = erp.sale(ExternalID=f"{own}-longer")
    erp.listed(longer, lambda: erp.sale_rows(Search=erp.marker))
    rows = erp.sale_rows(ExternalID=own)
    found = {row["SaleID"] for row in rows}
    if other["ID"] in found:
        return "ignored"
    if sale["ID"] not in found:
        return "finds-nothing"
    return "exact" if found == {sale["ID"]} else "contains"


@CIN7.probe(
    "sale-list.external-id-case",
    claim="The filter ExternalID tells upper and lower case apart.",
    source="not documented",
    certainty="assumed",
    expected="told-apart",
    calls=2,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: rows are compared exactly again.",
)
def external_id_case(erp: Erp) -> str:
    row = erp.landmark_row
    rows = erp.sale_rows(ExternalID=str(erp.landmark["ExternalID"]).swapcase())
    return "ignored" if any(r["SaleID"] == row["SaleID"] for r in rows) else "told-apart"


@CIN7.probe(
    "sale-list.external-id-unique",
    claim="Two sales may have the same ExternalID.",
    source="not documented; no source says that it is unique",
    certainty="assumed",
    expected="not-unique",
    calls=5,
    writes="Two marked sales without lines",
    cleans="Both are voided.",
    changes="Nothing is posted twice whatever happens; an order whose sale was voided is refused.",
)
def external_id_unique(erp: Erp) -> str:
    same = f"{erp.marker}-twice"
    erp.sale(ExternalID=same)
    answer = erp.post_sale(erp.header(ExternalID=same))
    return "not-unique" if answer.ok else "unique"


@CIN7.probe(
    "sale-list.search",
    claim="Search finds a sale by a part of its CustomerReference.",
    source=LIST,
    certainty="documented",
    expected="contains",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="`conformance clean` may not find what an interrupted run left behind.",
)
def search(erp: Erp) -> str:
    listed = erp.landmark_row
    whole = str(erp.landmark["CustomerReference"])
    for part, name in (("needle-in", "contains"), (whole, "whole")):
        if any(row["SaleID"] == listed["SaleID"] for row in erp.sale_rows(Search=part)):
            return name
    return "finds-nothing"


@CIN7.probe(
    "sale-list.order",
    claim="Sales are listed by ascending order number.",
    source=CLIENTS,
    certainty="observed",
    expected="ascending",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: the product reads every page of a look-up.",
)
def order(erp: Erp) -> str:
    first, second = erp.landmark, erp.sale()
    erp.listed(second, lambda: erp.sale_rows(Search=erp.marker))
    listed = [row["SaleID"] for row in erp.sale_rows(Search=erp.marker)]
    if not {first["ID"], second["ID"]} <= set(listed):
        raise CannotProbe("the sales are not listed")
    return "ascending" if listed.index(first["ID"]) < listed.index(second["ID"]) else "descending"


@CIN7.probe(
    "sale-list.status-filter",
    claim="The filter Status finds only sales in that status.",
    source=LIST,
    certainty="documented",
    expected="filters",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: the product does not filter by status.",
)
def status_filter(erp: Erp) -> str:
    return _filtering(erp, Status="VOIDED")


@CIN7.probe(
    "sale-list.updated-since",
    claim="UpdatedSince leaves out sales that have not changed since.",
    source=LIST,
    certainty="documented",
    expected="filters",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="The books read all sales instead of the changed ones, which uses up the calls.",
)
def updated_since(erp: Erp) -> str:
    return _filtering(erp, UpdatedSince="2099-01-01T00:00:00Z")


@CIN7.probe(
    "sale-list.updated-moves",
    claim="Updated moves when the order of a sale is saved.",
    source=CLIENTS,
    certainty="observed",
    expected="moves",
    calls=6,
    writes="A marked sale with a line",
    cleans=VOIDED,
    changes="The books would not see that a sale was changed by hand.",
    unworkable={"stays": "Reading every open sale in each pass of the books."},
)
def updated_moves(erp: Erp) -> str:
    sale = erp.sale()
    before, _ = erp.listed(sale)
    erp.clock.sleep(2)
    if not erp.save_order(sale, [erp.line()]).ok:
        raise CannotProbe("the lines were not accepted")
    waited = 0
    while waited < LONGEST_LAG:
        after, _ = erp.listed(sale)
        if after["Updated"] > before["Updated"]:
            return "moves"
        erp.clock.sleep(10)
        waited += 10
    return "stays"


@CIN7.probe(
    "sale-list.voided-stays",
    claim="A voided sale stays in the list, with the status VOIDED.",
    source=CLIENTS,
    certainty="observed",
    expected="VOIDED",
    calls=6,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: a voided sale counts as none.",
    unworkable={
        "not-told": "Reading each sale that is found, because its row does not say it is void."
    },
)
def voided_stays(erp: Erp) -> str:
    sale = erp.sale()
    erp.listed(sale)
    if not erp.void(str(sale["ID"])).ok:
        raise CannotProbe("the sale could not be voided")
    if erp.get("sale", ID=str(sale["ID"])).document("GET /sale")["Status"] != "VOIDED":
        raise CannotProbe("the sale was not voided")
    rows = erp.sale_rows(ExternalID=str(sale["ExternalID"]))
    own = [row for row in rows if row["SaleID"] == sale["ID"]]
    if not own:
        return "vanishes"
    return "VOIDED" if own[0]["Status"] == "VOIDED" else "not-told"


def _filtering(erp: Erp, **query: str) -> str:
    """Whether a filter that leaves a listed sale out does so."""
    listed = erp.landmark_row
    rows = erp.sale_rows(Search=erp.marker, **query)
    return "ignored" if any(row["SaleID"] == listed["SaleID"] for row in rows) else "filters"
