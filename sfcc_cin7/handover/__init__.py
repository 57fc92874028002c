"""The house handed over: the story of each thing, its manual, its drills."""

from sfcc_cin7.handover.stories.explaining import explain
from sfcc_cin7.handover.stories.story import Story

__all__ = ["Story", "explain"]
