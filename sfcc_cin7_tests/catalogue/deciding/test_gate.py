"""The gate: nothing that lacks something goes on sale by us, whatever happens in between."""

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.catalogue.deciding.gate import OWNER, Candidate, ErpFacts, ShopFacts, lacks, step
from sfcc_cin7.merchant.catalogue import GatePolicy, Need
from sfcc_cin7_tests.depth import EXAMPLES

NEEDS = frozenset(get_args(Need))
PRICES = st.sampled_from(["proved", "unproved", "held", "absent"])
CANDIDATES = st.builds(
    Candidate,
    st.just("TENT"),
    st.just("uk"),
    st.none()
    | st.builds(
        ErpFacts,
        st.sampled_from(["Active", "ACTIVE", "Deprecated", ""]),
        st.sampled_from(["Stock", "Service"]),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "4006381333931", "4006381333932"]),
    ),
    st.none() | st.builds(ShopFacts, st.booleans(), st.booleans(), st.booleans()),
    st.dictionaries(st.sampled_from(["list", "member"]), PRICES),
    st.booleans(),
    st.booleans(),
)
READY = Candidate(
    "TENT",
    "uk",
    ErpFacts("ACTIVE", "Stock", True, True, "4006381333931"),
    ShopFacts(True, True, True),
    {"list": "proved"},
    has_stock_record=True,
    barcode_is_shared=False,
)


def test_every_need_has_an_owner_and_a_sku_that_has_all_lacks_nothing() -> None:
    assert set(OWNER) == NEEDS
    assert lacks(READY, NEEDS) == ()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(CANDIDATES, st.sampled_from(["", "on", "off"])), max_size=12), st.data())
def test_we_never_put_online_what_lacks_something_and_a_persons_offline_stays(
    course: list[tuple[Candidate, str]], data: st.DataObject
) -> None:
    opening = data.draw(st.sampled_from(["report", "open"]))
    closing = data.draw(st.sampled_from(["report", "close"]))
    policy = GatePolicy(opening=opening, closing=closing)
    online = opened = taken_off = False
    for candidate, person in course:
        if person:
            taken_off = opened and person == "off"
            online = person == "on"
        missing = lacks(candidate, NEEDS)
        decided = step(policy, missing, is_online=online, was_opened=opened)
        if decided == "open":
            assert opening == "open"
            assert not missing
            assert not taken_off, "somebody took it offline"
            assert candidate.erp is not None
            assert set(candidate.prices.values()) == {"proved"}
            online = opened = True
        if decided == "close":
            assert (closing, opened, bool(missing)) == ("close", True, True)
            online = opened = False
        assert online or decided not in ("on-sale", "failing")
        if missing and online:
            assert decided == "failing"
