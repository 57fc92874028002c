"""OCAPI property selection: `select=(count,data.(product_id,allocation.(**)))` (OCAPI, "Property
selection"). `**` takes everything below, `*` everything on its level."""

import re
from typing import Any

Tree = dict[str, "Tree"]

_TOKENS = re.compile(r"\*\*|\*|[A-Za-z_][\w-]*|[().,]")


def parse_select(text: str) -> Tree:
    """Names to keep, as a tree; an empty branch keeps the whole value. Raises ValueError."""
    tokens = _TOKENS.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise ValueError(f"Not a property selector: {text}")
    tokens.reverse()
    tree = _group(tokens)
    if tokens:
        raise ValueError(f"Not a property selector: {text}")
    return tree


def select(value: Any, tree: Tree) -> Any:
    """What the selector keeps; names that start with `_` always stay."""
    if not tree or "**" in tree:
        return value
    if isinstance(value, list):
        return [select(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name.startswith("_"):
            kept[name] = inner
        elif name in tree or "*" in tree:
            kept[name] = select(inner, tree.get(name, {}))
    return kept


def _group(tokens: list[str]) -> Tree:
    _expect(tokens, "(")
    tree: Tree = {}
    while True:
        name = tokens.pop() if tokens else ""
        if not name or name in "().,":
            raise ValueError("A property selector names properties between its parentheses")
        tree[name] = {}
        if tokens and tokens[-1] == ".":
            tokens.pop()
            tree[name] = _group(tokens)
        if tokens and tokens[-1] == ",":
            tokens.pop()
            continue
        _expect(tokens, ")")
        return tree


def _expect(tokens: list[str], token: str) -> None:
    if not tokens or tokens.pop() != token:
        raise ValueError(f"A property selector lacks {token!r}")
