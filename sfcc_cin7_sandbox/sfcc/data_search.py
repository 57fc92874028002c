"""Product search of the Open Commerce Data API: the product index in snake case."""

import re
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Gate
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, Problem, answer
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.select import parse_select, select

PATH = DATA + "/product_search"
REQUEST = frozenset({"query", "start", "count", "select", "sorts", "expand"})
USUAL = "(count,start,total,next,query,hits.(id,link))"


class DataSearchRoutes:
    """Serves POST /product_search; without `select` a hit tells its ID only."""

    def __init__(self, products: Products, gate: Gate) -> None:
        self._products = products
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self._gate.ocapi(self._search), methods=["POST"])]

    def _search(self, call: Call) -> Response:
        body = call.body
        unknown = sorted(name for name in body if name not in REQUEST)
        if unknown or "query" not in body:
            raise Fault(400, "MalformedSearchRequestException", "A search needs just a query.")
        start, count = _whole(body.get("start", 0)), _whole(body.get("count", 25))
        if start < 0 or not 1 <= count <= 200:
            raise Fault(400, "MalformedParameterException", "count is 1 to 200, start 0 or more.")
        try:
            tree = parse_select(body.get("select", USUAL))
            found = self._products.search(
                _camel_case(body["query"]), _camel_case(body.get("sorts", []))
            )
        except Problem as problem:
            raise Fault(400, "InvalidSearchRequestException", str(problem)) from None
        except ValueError as error:
            raise Fault(400, "MalformedParameterException", str(error)) from None
        hits = [{"_type": "product", **_snake_case(hit)} for hit in found[start : start + count]]
        result = {
            "_v": OCAPI_VERSION,
            "_type": "product_search_result",
            "count": len(hits),
            "hits": hits,
            "query": body["query"],
            "start": start,
            "total": len(found),
        }
        if start + count < len(found):
            result["next"] = {"_type": "result_page", "start": start + count, "count": count}
        return answer(select(result, tree))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Fault(400, "MalformedParameterException", "start and count must be whole numbers.")
    return value


def _camel_case(value: Any) -> Any:
    """Keys, and the names of fields, of a query."""
    if isinstance(value, list):
        return [_camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed: dict[str, Any] = {}
    for key, inner in value.items():
        if key == "fields" and isinstance(inner, list):
            renamed[key] = [_camel(field) for field in inner]
        elif key == "field":
            renamed[key] = _camel(inner)
        else:
            renamed[_camel(key)] = _camel_case(inner)
    return renamed


def _snake_case(value: Any) -> Any:
    if isinstance(value, list):
        return [_snake_case(item) for item in value]
    if isinstance(value, dict):
        return {_snake(key): _snake_case(inner) for key, inner in value.items()}
    return value


def _camel(name: Any) -> str:
    return re.sub(r"_([a-z])", lambda m: m.group(1).upper(), str(name))


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda m: "_" + m.group().lower(), name)
