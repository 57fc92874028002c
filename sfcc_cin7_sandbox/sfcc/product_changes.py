"""What a merchandiser, or a client with the right, may change of a product (Products API, PATCH).

The documented list of attributes is short: no prices, stock, pictures, tax class or dates. A custom
attribute that Business Manager does not know is ignored without a word. Localised texts and the
flags of sites are merged key by key, as custom objects of the platform are; null clears an entry.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sfcc_cin7_sandbox.sfcc.attributes import AttributeType, defined
from sfcc_cin7_sandbox.sfcc.problems import Problem
from sfcc_cin7_sandbox.sfcc.product_query import Document

TEXTS = {
    "brand": 256,
    "ean": 256,
    "upc": 256,
    "manufacturerSku": 256,
    "manufacturerName": 256,
    "unit": 256,
    "defaultVariantId": 100,
}
LOCALISED = frozenset({"name", "longDescription", "pageTitle", "pageDescription", "pageKeywords"})
FLAGS = frozenset({"onlineFlag", "searchable"})


def changed(
    document: Document,
    body: Mapping[str, Any],
    sites: Collection[str],
    attributes: Mapping[str, AttributeType],
) -> Document:
    """The product after a PATCH. Raises Problem 400: nothing of the body is taken then."""
    after = dict(document)
    for name, value in body.items():
        if name in FLAGS:
            after[name] = _flags(name, document.get(name, {}), value, sites)
        elif name in LOCALISED:
            after[name] = document.get(name, {}) | _texts(name, value)
        elif name in TEXTS:
            after[name] = _text(name, value)
        elif not name.startswith("c_"):
            raise _refused(f"'{name}' cannot be changed.")
    custom = {name: value for name, value in body.items() if name.startswith("c_")}
    after |= defined(custom, attributes)
    cleared = {name for name, value in after.items() if value is None}
    after["online"] = after["onlineFlag"].get("default", False)
    return {name: value for name, value in after.items() if name not in cleared}


def _flags(
    name: str, held: Mapping[str, bool], value: Any, sites: Collection[str]
) -> dict[str, bool]:
    """Flags by site, beside the `default` of those that have none of their own."""
    if not isinstance(value, dict):
        raise _refused(f"'{name}' is a map by site.")
    for site, flag in value.items():
        if site != "default" and site not in sites:
            raise _refused(f"'{name}' names the site '{site}', which there is not.")
        if not (isinstance(flag, bool) or (flag is None and site != "default")):
            raise _refused(f"'{name}' of '{site}' is true or false.")
    merged = {**held, **value}
    return {site: flag for site, flag in merged.items() if flag is not None}


def _texts(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(
        isinstance(text, str if name != "longDescription" else dict) for text in value.values()
    ):
        raise _refused(f"'{name}' is a map of texts by locale.")
    return value


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _refused(f"'{name}' is a text.")
    if value is not None and len(value) > TEXTS[name]:
        raise _refused(f"'{name}' has at most {TEXTS[name]} characters.")
    return value


def _refused(detail: str) -> Problem:
    return Problem(400, "invalid-request-body", detail)
