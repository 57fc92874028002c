"""Texts that fit into Cin7's fields: cut where somebody can see it, never inside a character."""

import unicodedata

_ELLIPSIS = "…"


def fit(text: str, limit: int) -> str:
    """The text within `limit` characters; what was cut is marked by an ellipsis.

    Counts UTF-16 units, as Cin7's column lengths do, so an emoji counts as two. Control characters
    and broken surrogates, which JSON can carry and databases refuse, become spaces.
    """
    clean = "".join(_printable(character) for character in text).strip()
    if _length(clean) <= limit:
        return clean
    kept = clean[: limit - 1]
    while _length(kept) > limit - 1 or _splits(kept, clean):
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def _printable(character: str) -> str:
    if character == "\n":
        return character
    return " " if unicodedata.category(character) in ("Cc", "Cs") else character


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _splits(kept: str, whole: str) -> bool:
    """Whether the cut leaves an accent or a joined part of a character behind."""
    following = whole[len(kept)]
    joined = unicodedata.combining(following) or following in "\u200d\ufe0f"
    return bool(kept) and bool(joined or kept[-1] == "\u200d")
