"""Pages, query keys and filters of Cin7's lists."""

from collections.abc import Callable

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe

PAGING = "Cin7 API reference, Pagination"
PRODUCT = "Cin7 API reference, Product"


@CIN7.probe(
    "query.unknown-key",
    claim="A query key that Cin7 does not know is ignored, and the whole list comes back.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=2,
    changes="Nothing: the product sends only documented keys and checks the rows again.",
)
def unknown_key(erp: Erp) -> str:
    whole = erp.get("ref/location").document("GET /ref/location")["Total"]
    answer = erp.get("ref/location", NoSuchKey="1")
    if not answer.ok:
        return "refused"
    return "ignored" if answer.document("GET /ref/location")["Total"] == whole else "filters"


@CIN7.probe(
    "query.key-case",
    claim="Query keys may be written in any case.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=1,
    changes="Pages would be cut to their default size: keys must be written as the reference does.",
)
def key_case(erp: Erp) -> str:
    return "ignored" if len(erp.rows("product", "Products", limit="1")) == 1 else "matters"


@CIN7.probe(
    "page.default-limit",
    claim="A list without Limit has 100 rows a page.",
    source=PAGING,
    certainty="documented",
    expected="100",
    calls=1,
    changes="Nothing: the product always states the size of a page.",
)
def default_limit(erp: Erp) -> str:
    answer = erp.get("product").document("GET /product")
    if answer["Total"] <= 100:
        raise CannotProbe("the account has no more than 100 products")
    return str(len(answer["Products"]))


@CIN7.probe(
    "page.largest",
    claim="A page of 1,000 rows is served.",
    source=PAGING,
    certainty="observed",
    expected="1000",
    calls=1,
    changes="Reading stock takes more calls, because pages are smaller.",
    unworkable={"refused": "A smaller page size in the Cin7 client."},
)
def largest_page(erp: Erp) -> str:
    answer = erp.get("product", Limit="1000")
    return "1000" if answer.ok else "refused"


@CIN7.probe(
    "page.above-largest",
    claim="A page of more than 1,000 rows is refused.",
    source=PAGING,
    certainty="assumed",
    expected="refused",
    calls=1,
    changes="Nothing: the product never asks for more than 1,000.",
)
def above_largest(erp: Erp) -> str:
    return said(erp.get("ref/tax", Limit="1001"))


@CIN7.probe(
    "page.zero",
    claim="Pages count from 1; page 0 is refused.",
    source=PAGING,
    certainty="assumed",
    expected="refused",
    calls=1,
    changes="Nothing: the product counts from 1.",
)
def page_zero(erp: Erp) -> str:
    return said(erp.get("ref/tax", Page="0"))


@CIN7.probe(
    "page.beyond-end",
    claim="A page after the last one is empty and keeps the Total.",
    source=PAGING,
    certainty="assumed",
    expected="empty",
    calls=2,
    changes="A pass over a list might not end where the list ends.",
)
def beyond_end(erp: Erp) -> str:
    first = erp.get("ref/tax", Limit="1000").document("GET /ref/tax")
    answer = erp.get("ref/tax", Page="100", Limit="1000")
    if not answer.ok:
        return "refused"
    last = answer.document("GET /ref/tax")
    if last["TaxRuleList"]:
        return "rows"
    return "empty" if last["Total"] == first["Total"] else "empty-without-total"


@CIN7.probe(
    "page.disjoint",
    claim="Two pages that follow each other share no row, and both say the same Total.",
    source=PAGING,
    certainty="documented",
    expected="disjoint",
    calls=2,
    changes="Rows are counted twice or missed; the product removes doubles by their ids.",
)
def disjoint(erp: Erp) -> str:
    pages = [
        erp.get("product", Page=page, Limit="2").document("GET /product") for page in ("1", "2")
    ]
    if not pages[1]["Products"]:
        raise CannotProbe("the account has fewer than three products")
    first, second = ({row["ID"] for row in page["Products"]} for page in pages)
    if first & second:
        return "overlapping"
    return "disjoint" if pages[0]["Total"] == pages[1]["Total"] else "total-moves"


@CIN7.probe(
    "price-tier.unpaged",
    claim="Price tiers come as one list of ten, without pages.",
    source="Cin7 API reference, Price tiers",
    certainty="documented",
    expected="unpaged",
    calls=1,
    changes="Price tiers beyond the first page would not be known.",
)
def price_tiers(erp: Erp) -> str:
    answer = erp.get("ref/priceTier").document("GET /ref/priceTier")
    return "paged" if "Total" in answer else "unpaged"


@CIN7.probe(
    "customer.name-filter",
    claim="The filter Name of customers finds those whose name starts with it.",
    source="Cin7 API reference, Customer",
    certainty="documented",
    expected="starts-with",
    calls=3,
    changes="`sfcc-cin7 check` might not find a customer that the operating model names.",
    by_value={"exact": "Nothing: the product asks for the whole name."},
)
def customer_name(erp: Erp) -> str:
    name = str(erp.customer["Name"])
    return prefix_filter(
        lambda text: any(
            row["Name"] == name for row in erp.rows("customer", "CustomerList", Name=text)
        ),
        name,
    )


@CIN7.probe(
    "product.name-filter",
    claim="The filter Name of products finds those whose name starts with it.",
    source=PRODUCT,
    certainty="documented",
    expected="starts-with",
    calls=3,
    changes="`conformance clean` might not find the products of an interrupted run by their names.",
)
def product_name(erp: Erp) -> str:
    product = erp.product
    return prefix_filter(
        lambda text: any(
            row["ID"] == product["ID"]
            for row in erp.rows("product", "Products", Name=text, Limit="1000")
        ),
        str(product["Name"]),
    )


@CIN7.probe(
    "product.modified-since",
    claim="ModifiedSince leaves out products that have not changed since.",
    source=PRODUCT,
    certainty="documented",
    expected="filters",
    calls=1,
    changes="The SKU map is read whole each time instead of what changed.",
)
def modified_since(erp: Erp) -> str:
    rows = erp.rows("product", "Products", ModifiedSince="2099-01-01T00:00:00Z", Limit="1")
    return "ignored" if rows else "filters"


@CIN7.probe(
    "location.bins-are-rows",
    claim="A bin is a row of the location list whose ParentID names its warehouse.",
    source="Cin7 API reference, Location",
    certainty="documented",
    expected="rows",
    calls=1,
    changes="Bins would be taken for warehouses, or not be known.",
)
def bins_are_rows(erp: Erp) -> str:
    rows = erp.rows("ref/location", "LocationList", Limit="1000")
    with_bins = [row for row in rows if row.get("Bins")]
    if not with_bins:
        raise CannotProbe("the account has no bins")
    names = {bin_row["Name"] for bin_row in with_bins[0]["Bins"]}
    children = {row["Name"] for row in rows if row.get("ParentID") == with_bins[0]["ID"]}
    return "rows" if names == children else "nested-only"


def prefix_filter(finds: Callable[[str], bool], text: str) -> str:
    """How a filter matches a name: exact, starts-with, contains or ignored."""
    half = len(text) // 2
    if half < 1:
        raise CannotProbe("the name is too short to be cut")
    if finds(f"{text}~"):
        return "ignored"
    if finds(text[half:]) and not text.lower().startswith(text[half:].lower()):
        return "contains"
    return "starts-with" if finds(text[:half]) else "exact"
