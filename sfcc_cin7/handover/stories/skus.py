"""The story of a SKU: both catalogues, the shelves, what each list was told, what is on its way.
Pure."""

from collections.abc import Iterator
from datetime import datetime

from sfcc_cin7.handover.stories.facts import SkuFacts
from sfcc_cin7.handover.stories.story import Story, items_told, story, waits_told
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.wording import Wording, counted, plain


def sku_story(facts: SkuFacts, now: datetime, words: Wording) -> Story:
    """Everything that is known of a SKU at an instant. How a list's figure is decided anew, with
    what the storefront shows right now, is `sfcc-cin7 stock explain`."""
    return story(
        f"SKU {facts.sku}",
        _verdict(facts),
        ("What waits for a person, and what did", items_told(facts.items, now, words)),
        ("On the shelves of the ERP", _levels(facts, words)),
        (
            "What changed there last",
            (
                f"{words.second(at)}  {location}: {plain(available)} available"
                for at, location, available in facts.changes
            ),
        ),
        (
            "Orders whose units the reading may not know of",
            (
                f"{plain(units)} in {words.subject(key)}, {state}"
                for key, state, units in facts.in_flight
            ),
        ),
        ("What the storefront was told", _told(facts, now, words)),
        (
            "What it was told before",
            (
                f"{words.second(at)}  {list_id}: {plain(allocation)}"
                for at, list_id, allocation in facts.publications
            ),
        ),
        ("Where it showed something else", _drifts(facts, words)),
    )


def _verdict(facts: SkuFacts) -> str:
    if not facts.is_known:
        return "Nothing is known of it: neither catalogue named it when both were read last."
    where = {
        (True, True): "Sold by the storefront and known to the ERP",
        (True, False): "Sold by the storefront, but the ERP does not know it",
        (False, True): "Known to the ERP, but not sold by the storefront",
        (False, False): "In neither catalogue any more",
    }[facts.in_shop, facts.in_erp]
    available = sum((each.available for each in facts.levels), ZERO)
    offered = sum((each.allocation for each in facts.told), ZERO)
    figures = ""
    if facts.levels or facts.told:
        figures = (
            f" The ERP has {plain(available)} available in all locations; the storefront was told"
            f" {plain(offered)} in {counted(len(facts.told), 'list')}."
        )
    return f"{where}.{figures}{waits_told(facts.items)}"


def _levels(facts: SkuFacts, words: Wording) -> Iterator[str]:
    for each in facts.levels:
        coming = f", {plain(each.on_order)} on order" if each.on_order else ""
        yield (
            f"{each.location}: {plain(each.available)} available ({plain(each.on_hand)} on hand,"
            f" {plain(each.allocated)} allocated){coming}"
        )
    if facts.read_at is not None:
        yield f"as of {words.second(facts.read_at)}, the last reading that was believed"


def _told(facts: SkuFacts, now: datetime, words: Wording) -> Iterator[str]:
    for each in facts.told:
        rule = f" ({each.rule})" if each.rule else ""
        yield (
            f"{each.list_id}: {plain(each.allocation)} {words.second(each.published_at)}, true at"
            f" {words.second(each.reset_at)}{rule}"
        )
        if each.waiting_since is not None:
            wanted = "a rise" if each.wanted is None else plain(each.wanted)
            age = age_in_words(now - each.waiting_since, seconds=True)
            yield f"    {wanted} waits to be published, for {age}"
        yield f"    decided anew: sfcc-cin7 stock explain {each.list_id} {facts.sku}"


def _drifts(facts: SkuFacts, words: Wording) -> Iterator[str]:
    for at, list_id, expected, shown, corrected in facts.drifts:
        end = f"put right {words.second(corrected)}" if corrected else "not put right"
        yield f"{words.second(at)}  {list_id}: {plain(shown)} instead of {plain(expected)}, {end}"
