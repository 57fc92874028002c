"""The published API descriptions as JSON Schema validators.

The OpenAPI files are not part of this repository. They are looked for in the folder named by the
environment variable SFCC_CIN7_REFERENCE, else in `../shared/reference` beside the checkout; a test
that asks for a file which is not there is skipped.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import simplejson
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Kind = Literal["response", "request"]


def reference_folder() -> Path:
    """Where the OpenAPI files are expected."""
    named = os.environ.get("SFCC_CIN7_REFERENCE")
    return Path(named) if named else Path(__file__).parents[3] / "shared" / "reference"


def document(file: str) -> dict[str, Any]:
    """The whole OpenAPI file; skips the calling test when it is absent."""
    path = reference_folder() / file
    if not path.is_file():
        pytest.skip(f"{path} is absent: set SFCC_CIN7_REFERENCE to the folder that holds {file}")
    return _loaded(path)


def validator(
    file: str,
    method: str,
    path: str,
    status: int | None = 200,
    kind: Kind = "response",
    *,
    closed: bool = False,
) -> Draft202012Validator:
    """The schema of one body, e.g. `validator("cin7-core-openapi.json", "GET", "/saleList", 200)`.

    `path` is the template as the file spells it. With `kind="request"` the status does not matter.
    `closed=True` also refuses keys that the schema does not name. Beyond JSON Schema it checks the
    extensions `x-max-decimals` and `x-temporal`. Raises LookupError when the file has no such body.
    """
    contents = document(file)
    try:
        operation = contents["paths"][path][method.lower()]
        if kind == "request":
            holder, pointer = operation["requestBody"], [path, method.lower(), "requestBody"]
        else:
            responses = operation["responses"]
            code = str(status) if str(status) in responses else "default"
            holder, pointer = responses[code], [path, method.lower(), "responses", code]
        pointer = ["paths", *pointer]
        if "$ref" in holder:
            pointer = holder["$ref"].removeprefix("#/").split("/")
            for step in pointer:
                contents = contents[step]
            holder = contents
        content_type = next((key for key in holder["content"] if "json" in key), None)
        content_type = content_type or next(iter(holder["content"]))
        pointer += ["content", content_type, "schema"]
    except (KeyError, StopIteration):
        raise LookupError(f"{file} describes no {kind} {status} of {method} {path}") from None
    uri, registry = _registry(reference_folder() / file, closed)
    fragment = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
    made: Draft202012Validator = _Validator(
        {"$ref": f"{uri}#/{fragment}"}, registry=registry, format_checker=FormatChecker()
    )
    return made


def problems(body: Any, schema: Draft202012Validator) -> list[str]:
    """Every disagreement of a body with its schema, as `path: message`; empty when it conforms."""
    return sorted(f"{error.json_path}: {error.message}" for error in schema.iter_errors(body))


@cache
def _loaded(path: Path) -> dict[str, Any]:
    contents: dict[str, Any] = simplejson.loads(path.read_text(), use_decimal=True)
    return contents


@cache
def _registry(path: Path, closed: bool) -> tuple[str, Registry[Any]]:
    uri = f"urn:{path.name}"
    resource = Resource.from_contents(
        _as_json_schema(_loaded(path), closed), default_specification=DRAFT202012
    )
    return uri, Registry().with_resource(uri, resource)


def _as_json_schema(node: Any, closed: bool) -> Any:
    """OpenAPI 3.0 writes `nullable` and a boolean `exclusiveMinimum`; JSON Schema does not."""
    if isinstance(node, list):
        return [_as_json_schema(item, closed) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _as_json_schema(value, closed) for key, value in node.items()}
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive):
            schema[exclusive] = schema.pop(bound)
    if closed and schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        schema.setdefault("additionalProperties", False)
    if schema.get("nullable") is not True:
        return schema
    del schema["nullable"]
    if isinstance(schema.get("enum"), list):
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    elif {"allOf", "anyOf", "oneOf"} & schema.keys():
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def _max_decimals(
    _validator: Any, places: int, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(value, Decimal) and round(value, places) != value:
        yield ValidationError(f"{value} has more than {places} decimal places")


def _temporal(_validator: Any, _kind: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and value:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield ValidationError(f"{value!r} is not an ISO 8601 time")


_Validator = extend(
    Draft202012Validator, {"x-max-decimals": _max_decimals, "x-temporal": _temporal}
)
