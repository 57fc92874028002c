"""Product search of the Products API."""

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.shop import Shop

SEARCH = "Products API 1.2, searchProducts"
BY_ID = [{"field": "id", "sortOrder": "asc"}]


@SFCC.probe(
    "products.total",
    claim="A search tells the total, and it is the same on every page.",
    source=SEARCH,
    certainty="documented",
    expected="same",
    calls=2,
    changes="The SKU map may miss products of the last pages.",
)
def total(shop: Shop) -> str:
    pages = [shop.search(limit=2, offset=o).document("the product search") for o in (0, 2)]
    totals = [page.get("total") for page in pages]
    if totals[0] is None:
        return "not-told"
    return "same" if totals[0] == totals[1] else "moves"


@SFCC.probe(
    "products.sort-id",
    claim="Hits can be sorted by their id, so that pages do not overlap.",
    source=SEARCH,
    certainty="documented",
    expected="sorted",
    calls=2,
    changes="The SKU map may miss products while the catalogue is edited.",
    unworkable={"refused": "Reading products by slices of their creation dates."},
)
def sort_id(shop: Shop) -> str:
    first, second = (shop.search(limit=5, offset=offset, sorts=BY_ID) for offset in (0, 5))
    if not first.ok:
        return "refused"
    ids = [hit["id"] for page in (first, second) for hit in page.rows("hits", "the search")]
    return "sorted" if ids == sorted(set(ids)) else "unsorted"


@SFCC.probe(
    "products.offset-cap",
    claim="A search can be paged as far as one likes.",
    source="not documented",
    certainty="assumed",
    expected="no-cap",
    calls=1,
    changes="The SKU map misses products beyond the cap.",
    unworkable={
        "capped": "Reading products by slices of their ids or creation dates, for a catalogue that"
        " is larger than the cap."
    },
)
def offset_cap(shop: Shop) -> str:
    return "no-cap" if shop.search(limit=200, offset=100_000).ok else "capped"


@SFCC.probe(
    "products.sort-fields",
    claim="Hits cannot be sorted by their last change.",
    source=SEARCH,
    certainty="documented",
    expected="refused",
    calls=1,
    changes="Changed products could be read first.",
)
def sort_fields(shop: Shop) -> str:
    answer = shop.search(limit=1, sorts=[{"field": "lastModified", "sortOrder": "asc"}])
    return answer.said("served")


@SFCC.probe(
    "products.masters-marked",
    claim="A master is told apart by its type, so that only what can be ordered is mapped.",
    source=SEARCH,
    certainty="documented",
    expected="marked",
    calls=1,
    changes="Masters are reported as products that the ERP lacks.",
)
def masters_marked(shop: Shop) -> str:
    hits = shop.search(limit=200).rows("hits", "the product search")
    variants = [hit for hit in hits if (hit.get("type") or {}).get("variant")]
    if not variants:
        raise CannotProbe("the first 200 products have no variants")
    masters = {(hit.get("master") or {}).get("masterId") for hit in variants}
    known = [hit for hit in hits if hit["id"] in masters]
    if not known:
        raise CannotProbe("the first 200 products have no masters")
    return "marked" if all((hit["type"] or {}).get("master") for hit in known) else "not-marked"
