"""Which decisions of the merchant differ between two operating models. Pure."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from sfcc_cin7.merchant.operating_model import OperatingModel

ABSENT, NOTHING = "(not there)", "(nothing)"
UNSET: tuple[object, ...] = (None, "", [], {})
"""What is left out of a row; 0 and false are decisions."""


@dataclass(frozen=True)
class Change:
    """A setting by its place in the file, rows of a list by their id, and what it says in each."""

    place: str
    before: str
    after: str


def changed_settings(before: OperatingModel, after: OperatingModel) -> list[Change]:
    """Every setting that differs, defaults filled in, by place."""
    old, new = dict(_settings(before)), dict(_settings(after))
    return [
        Change(place, old.get(place, ABSENT), new.get(place, ABSENT))
        for place in sorted({*old, *new})
        if old.get(place) != new.get(place)
    ]


def _settings(model: OperatingModel) -> Iterator[tuple[str, str]]:
    yield from _flat(model.model_dump(), "")


def _flat(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _flat(each, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list) and value and all(_id(each) for each in value):
        for each in value:
            yield from _flat(each, f"{place}[{_id(each)}]")
    else:
        yield place, _words(value)


def _words(value: Any) -> str:
    """A value on one line; the sequence of a list may decide something, that of a set does not."""
    if isinstance(value, Mapping):
        given = [f"{key}: {_words(each)}" for key, each in value.items() if each not in UNSET]
        return f"({', '.join(given)})"
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or NOTHING
    if isinstance(value, Set):
        return ", ".join(sorted(map(_words, value))) or NOTHING
    return str(value) or NOTHING


def _id(value: Any) -> str:
    """What a row of a list is known by; empty where it has nothing of the kind."""
    return str(value.get("id", "")) if isinstance(value, Mapping) else ""
