"""Texts that fit into Cin7's fields: cut where somebody can see it, never inside a character."""

import unicodedata
from collections.abc import Sequence

_ELLIPSIS = "…"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_JAMO = range(0x1160, 0x1200)
_REGIONAL = range(0x1F1E6, 0x1F200)


def fit(text: str, limit: int) -> str:
    """The text on one line within `limit` characters; what was cut is marked by an ellipsis.

    Counts as `length` does. Control characters and broken surrogates, which JSON can carry and
    databases refuse, become spaces; so do line ends, because a shopper's text must not look like a
    line of ours.
    """
    clean = "".join(_printable(character) for character in text).strip()
    if length(clean) <= limit:
        return clean
    kept = clean[: limit - 1]
    while length(kept) > limit - 1 or _splits(kept, clean):
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def listed(parts: Sequence[str], limit: int, separator: str) -> str:
    """The parts within `limit` characters, each whole or left out: no SKU or amount is ever torn.

    What was left out is counted where it stood, as in `2 x MUG, … (3 more)`.
    """
    clean = [part for part in (fit(part, 2 * len(part) + 1) for part in parts) if part]
    for kept in range(min(len(clean), limit), -1, -1):
        left_out = len(clean) - kept
        shown = clean[:kept] + ([f"{_ELLIPSIS} ({left_out} more)"] if left_out else [])
        text = separator.join(shown)
        if length(text) <= limit:
            return text
    return _ELLIPSIS


def is_plain(text: str) -> bool:
    """Whether a text can be sent and stored as it is, which a name that is compared has to be."""
    return bool(text) and text == "".join(_printable(each) for each in text).strip()


def length(text: str) -> int:
    """UTF-16 units, which is what Cin7's column lengths count: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _printable(character: str) -> str:
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character


def _splits(kept: str, whole: str) -> bool:
    """Whether the cut leaves an accent or a joined part of a character behind.

    Not all of Unicode's rules for grapheme clusters (UAX #29), but those that names and emoji use.
    """
    if not kept:
        return False
    following = whole[len(kept)]
    if unicodedata.category(following) in ("Mn", "Mc", "Me"):
        return True
    if following == _JOINER or kept[-1] == _JOINER:
        return True
    if any(ord(following) in block for block in (_SKIN_TONES, _TAGS, _JAMO)):
        return True
    return ord(following) in _REGIONAL and _flags_at_end(kept) % 2 == 1


def _flags_at_end(text: str) -> int:
    """Regional indicators at the end of a text; two of them are one flag."""
    return len(text) - len(text.rstrip("".join(map(chr, _REGIONAL))))
