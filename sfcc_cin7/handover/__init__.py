"""The house handed over: the story of each thing, its manual, its drills."""

from sfcc_cin7.handover.drills.holding import Holder
from sfcc_cin7.handover.drills.registry import DRILLS, without_drill
from sfcc_cin7.handover.drills.sandbox import Hands, hands
from sfcc_cin7.handover.manual.manual import operations_manual
from sfcc_cin7.handover.stories.explaining import explain
from sfcc_cin7.handover.stories.story import Story
from sfcc_cin7.operations.page import as_html, as_markdown

__all__ = [
    "DRILLS",
    "Hands",
    "Holder",
    "Story",
    "as_html",
    "as_markdown",
    "explain",
    "hands",
    "operations_manual",
    "without_drill",
]
